import KafkaProtocol
import Vocabulary

/// IncrementalAlterConfigs (44): changes settings of topics and of this broker while it runs.
enum IncrementalAlterConfigsApi: Api {
    private struct Named: Hashable {
        let kind: Int8
        let name: String
    }

    static func handle(_ request: IncrementalAlterConfigsRequest, _ call: Call) {
        var times: [Named: Int] = [:]
        for resource in request.resources {
            times[Named(kind: resource.resourceType, name: resource.resourceName), default: 0] += 1
        }
        var alterations: [SettingsAlteration] = []
        let refusals = request.resources.map { resource -> TopicFault? in
            do throws(TopicFault) {
                let name = Named(kind: resource.resourceType, name: resource.resourceName)
                guard times[name] == 1 else {
                    throw TopicFault(.invalidRequest, "a resource is named once in a request")
                }
                alterations.append(try alteration(resource, call))
                return nil
            } catch {
                return error
            }
        }
        call.services.registry.alter(
            alterations, validateOnly: request.validateOnly, for: call.shard
        ) { results in
            var results = results[...]
            call.answer(
                IncrementalAlterConfigsResponse(
                    responses: zip(request.resources, refusals).map { resource, refusal in
                        var fault = refusal
                        if refusal == nil, case .failure(let error) = results.removeFirst() {
                            fault = error
                        }
                        return IncrementalAlterConfigsResponse.Resource(
                            errorCode: fault?.code ?? .none, errorMessage: fault?.message,
                            resourceType: resource.resourceType,
                            resourceName: resource.resourceName)
                    }))
        }
    }

    /// The rules and codes are those of Kafka's `ConfigAdminManager`.
    private static func alteration(
        _ resource: IncrementalAlterConfigsRequest.Resource, _ call: Call
    ) throws(TopicFault) -> SettingsAlteration {
        let changes = try changes(resource.configs)
        let name = resource.resourceName
        switch ConfigResourceKind(rawValue: resource.resourceType) {
        case .topic:
            guard !name.isEmpty else {
                throw TopicFault(.invalidRequest, "settings change for one topic at a time")
            }
            guard TopicName(Array(name.utf8)) != nil else {
                throw TopicFault(.invalidTopicException, "\"\(name)\" is no name of a topic")
            }
            return SettingsAlteration(resource: .topic(name), changes: changes)
        case .broker:
            guard !name.isEmpty else {
                return SettingsAlteration(resource: .broker(nil), changes: changes)
            }
            let nodeID = call.services.nodeID
            guard Int32(name) == nodeID.rawValue else {
                throw TopicFault(
                    .invalidRequest,
                    "this is broker \(nodeID), which does not change the settings of \"\(name)\"")
            }
            return SettingsAlteration(resource: .broker(nodeID), changes: changes)
        case nil:
            throw TopicFault(
                .invalidRequest,
                "settings of resources of type \(resource.resourceType) are not changed here")
        }
    }

    private static func changes(
        _ configs: [IncrementalAlterConfigsRequest.Config]
    ) throws(TopicFault) -> [SettingChange] {
        var names: Set<String> = []
        var changes: [SettingChange] = []
        for config in configs {
            guard names.insert(config.name).inserted else {
                throw TopicFault(.invalidRequest, "\(config.name) is changed more than once")
            }
            guard let operation = SettingChange.Operation(rawValue: config.configOperation) else {
                throw TopicFault(
                    .invalidRequest, "there is no operation \(config.configOperation)")
            }
            guard config.value != nil || operation == .delete else {
                throw TopicFault(.invalidRequest, "\(config.name) needs a value")
            }
            changes.append(
                SettingChange(name: config.name, operation: operation, value: config.value))
        }
        return changes
    }
}
