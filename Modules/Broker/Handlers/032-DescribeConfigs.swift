import KafkaProtocol
import Vocabulary

/// DescribeConfigs (32): the configuration of topics and of this broker.
enum DescribeConfigsApi: Api {
    static func handle(_ request: DescribeConfigsRequest, _ call: Call) {
        // Each resource is described once, however often it is named: a short request must not
        // ask for an answer a thousand times its size.
        var seen: Set<Named> = []
        let resources = request.resources.filter {
            seen.insert(Named(kind: $0.resourceType, name: $0.resourceName)).inserted
        }
        call.answer(
            DescribeConfigsResponse(results: resources.map { describe($0, request, call) }))
    }

    private struct Named: Hashable {
        let kind: Int8
        let name: String
    }

    private static func describe(
        _ resource: DescribeConfigsRequest.Resource, _ request: DescribeConfigsRequest,
        _ call: Call
    ) -> DescribeConfigsResponse.Result {
        var result = DescribeConfigsResponse.Result(
            resourceType: resource.resourceType, resourceName: resource.resourceName)
        do throws(TopicFault) {
            let entries = try entries(of: resource, call)
            result.configs = entries.compactMap { entry in
                if let wanted = resource.configurationKeys, !wanted.contains(entry.key.name) {
                    return nil
                }
                return config(entry, request)
            }
        } catch {
            result.errorCode = error.code
            result.errorMessage = error.message
        }
        return result
    }

    private static func entries(
        of resource: DescribeConfigsRequest.Resource, _ call: Call
    ) throws(TopicFault) -> [ConfigurationEntry] {
        let configuration = call.services.registry.effective.current
        let name = resource.resourceName
        switch ConfigResourceKind(rawValue: resource.resourceType) {
        case .topic:
            guard TopicName(Array(name.utf8)) != nil else {
                throw TopicFault(.invalidTopicException, "\"\(name)\" is no name of a topic")
            }
            guard let topic = call.services.topics.current.byName[name] else {
                throw TopicFault(.unknownTopicOrPartition)
            }
            return configuration.describeTopic(overrides: topic.configuration.overrides)
        case .broker:
            // An empty name asks for what holds for all brokers: values set while they run.
            guard !name.isEmpty else { return configuration.describeAllBrokers() }
            // The node's number may come from an adopted folder instead of the settings.
            let nodeID = call.services.nodeID
            guard name == "\(nodeID)" else {
                throw TopicFault(
                    .invalidRequest,
                    "this is broker \(nodeID), which does not know the settings of "
                        + "\"\(name)\"")
            }
            return configuration.describeBroker(nodeID: nodeID)
        case nil:
            throw TopicFault(
                .invalidRequest,
                "resources of type \(resource.resourceType) are not described here")
        }
    }

    private static func config(
        _ entry: ConfigurationEntry, _ request: DescribeConfigsRequest
    ) -> DescribeConfigsResponse.Config {
        DescribeConfigsResponse.Config(
            name: entry.key.name, value: entry.isSensitive ? nil : entry.value,
            readOnly: entry.isReadOnly, configSource: entry.source.rawValue,
            isSensitive: entry.isSensitive,
            synonyms: request.includeSynonyms
                ? entry.synonyms.map {
                    DescribeConfigsResponse.Synonym(
                        name: $0.name, value: entry.isSensitive ? nil : $0.value,
                        source: $0.source.rawValue)
                } : [],
            configType: entry.key.type.rawValue,
            documentation: request.includeDocumentation ? entry.key.documentation : nil)
    }
}
