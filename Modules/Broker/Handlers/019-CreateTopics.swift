import KafkaProtocol
import NIOCore
import Vocabulary

/// CreateTopics (19): creates topics, or only says whether it would.
enum CreateTopicsApi: Api {
    /// Topics in one request: Kafka's controller refuses operations of more records, too.
    static let mostTopics = 10_000

    static func handle(_ request: CreateTopicsRequest, _ call: Call) {
        guard request.topics.count <= mostTopics else {
            refuse(request, call)
            return
        }
        var seen: [String: Int] = [:]
        for topic in request.topics { seen[topic.name, default: 0] += 1 }
        let unique = request.topics.filter { seen[$0.name] == 1 }
        call.services.registry.create(
            unique.map(specification), validateOnly: request.validateOnly, for: call.shard
        ) { results in
            var byName: [String: Result<TopicOutline, TopicFault>] = [:]
            for (topic, result) in zip(unique, results) { byName[topic.name] = result }
            call.answer(
                CreateTopicsResponse(
                    topics: request.topics.map { topic in
                        answer(topic.name, byName[topic.name], call)
                    }))
        }
    }

    private static func refuse(_ request: CreateTopicsRequest, _ call: Call) {
        let message =
            "\(request.topics.count) topics are too many for one request; "
            + "send at most \(mostTopics)"
        call.answer(
            CreateTopicsResponse(
                topics: request.topics.map {
                    CreateTopicsResponse.Topic(
                        name: $0.name, errorCode: .policyViolation, errorMessage: message,
                        configs: [])
                }))
    }

    private static func specification(_ topic: CreateTopicsRequest.Topic) -> TopicSpecification {
        var specification = TopicSpecification(name: topic.name)
        specification.partitionCount = topic.numPartitions == -1 ? nil : topic.numPartitions
        specification.replicationFactor =
            topic.replicationFactor == -1 ? nil : topic.replicationFactor
        specification.assignments = topic.assignments.map { ($0.partitionIndex, $0.brokerIDs) }
        specification.configs = topic.configs.map { ($0.name, $0.value) }
        return specification
    }

    private static func answer(
        _ name: String, _ result: Result<TopicOutline, TopicFault>?, _ call: Call
    ) -> CreateTopicsResponse.Topic {
        switch result {
        case nil:
            CreateTopicsResponse.Topic(
                name: name, errorCode: .invalidRequest,
                errorMessage: "the request names this topic more than once", configs: [])
        case .failure(let fault):
            CreateTopicsResponse.Topic(
                name: name, errorCode: fault.code, errorMessage: fault.message, configs: [])
        case .success(let topic):
            CreateTopicsResponse.Topic(
                name: name, topicID: topic.id, numPartitions: topic.partitionCount,
                replicationFactor: 1,
                configs: call.services.registry.effective.current.describeTopic(
                    overrides: topic.configuration.overrides
                ).map {
                    CreateTopicsResponse.Config(
                        name: $0.key.name, value: $0.value, readOnly: $0.isReadOnly,
                        configSource: $0.source.rawValue, isSensitive: $0.isSensitive)
                })
        }
    }
}
