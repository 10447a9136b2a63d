import KafkaProtocol
import Vocabulary

/// DeleteTopics (20): deletes topics by name or id.
enum DeleteTopicsApi: Api {
    static func handle(_ request: DeleteTopicsRequest, _ call: Call) {
        let named =
            call.version >= 6
            ? request.topics
            : request.topicNames.map { DeleteTopicsRequest.Topic(name: $0) }
        guard call.services.configuration.deletesTopics else {
            let code: ErrorCode = call.version < 3 ? .invalidRequest : .topicDeletionDisabled
            answer(named.map { entry($0.name, $0.topicID, code) }, call)
            return
        }
        let (wanted, repeated) = withoutRepeated(named)
        let references = wanted.map { topic -> TopicReference? in
            switch (topic.name, topic.topicID) {
            case (nil, .zero): nil
            case (nil, let id): .id(id)
            case (let name?, .zero): .name(name)
            case (.some, _): nil
            }
        }
        call.services.registry.delete(references.compactMap { $0 }, for: call.shard) { results in
            var results = results[...]
            answer(
                repeated
                    + zip(wanted, references).map { topic, reference in
                        guard reference != nil, let result = results.popFirst() else {
                            return entry(
                                topic.name, topic.topicID, .invalidRequest,
                                "a topic is named by its name or by its id")
                        }
                        switch result {
                        case .success(let deleted):
                            return entry(deleted.name, deleted.id, .none)
                        case .failure(let fault):
                            return entry(topic.name, topic.topicID, fault.code, fault.message)
                        }
                    }, call)
        }
    }

    /// Splits off the names and ids that come more than once: each is refused, once, and nothing
    /// of it is deleted (as in Kafka's `ControllerApis.deleteTopics`).
    private static func withoutRepeated(
        _ named: [DeleteTopicsRequest.Topic]
    ) -> (wanted: [DeleteTopicsRequest.Topic], repeated: [DeleteTopicsResponse.Topic]) {
        var names: [String: Int] = [:]
        var ids: [TopicID: Int] = [:]
        for topic in named {
            switch (topic.name, topic.topicID) {
            case (nil, .zero): break
            case (nil, let id): ids[id, default: 0] += 1
            case (let name?, .zero): names[name, default: 0] += 1
            case (.some, _): break
            }
        }
        let wanted = named.filter { topic in
            switch (topic.name, topic.topicID) {
            case (nil, .zero): true
            case (nil, let id): ids[id] == 1
            case (let name?, .zero): names[name] == 1
            case (.some, _): true
            }
        }
        let repeated =
            names.filter { $0.value > 1 }.keys.sorted().map {
                entry($0, .zero, .invalidRequest, "the request names this topic more than once")
            }
            + ids.filter { $0.value > 1 }.keys.map {
                entry(nil, $0, .invalidRequest, "the request names this topic id more than once")
            }
        return (wanted, repeated)
    }

    private static func entry(
        _ name: String?, _ id: TopicID, _ code: ErrorCode, _ message: String? = nil
    ) -> DeleteTopicsResponse.Topic {
        DeleteTopicsResponse.Topic(
            name: name, topicID: id, errorCode: code, errorMessage: message)
    }

    private static func answer(_ topics: [DeleteTopicsResponse.Topic], _ call: Call) {
        call.answer(DeleteTopicsResponse(responses: topics))
    }
}
