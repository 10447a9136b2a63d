import KafkaProtocol
import NIOCore
import Vocabulary

/// Metadata (3): the brokers, and who leads each partition; creates missing topics if asked to.
enum MetadataApi: Api {
    static func handle(_ request: MetadataRequest, _ call: Call) {
        let topics = call.services.topics.current
        let isAll = request.topics.map { $0.isEmpty && call.version == 0 } ?? true
        guard !isAll, let wanted = request.topics else {
            answer(call, request, topics.sorted.map { describe($0, call, request) })
            return
        }
        if call.version < 12, wanted.contains(where: { $0.name == nil || $0.topicID != .zero }) {
            // Versions 10 and 11 have the fields already, and may not use them.
            answer(
                call, request,
                wanted.map {
                    MetadataResponse.Topic(
                        errorCode: .invalidRequest, name: $0.name ?? "", topicID: $0.topicID)
                })
            return
        }
        let usesIDs = wanted.contains { $0.topicID != .zero }
        guard !usesIDs else {
            let found = unique(wanted.map(\.topicID)).map { id in
                topics.byID[id].map { describe($0, call, request) }
                    ?? MetadataResponse.Topic(
                        errorCode: .unknownTopicID, name: nil, topicID: id)
            }
            answer(call, request, found)
            return
        }
        let names = unique(wanted.compactMap(\.name))
        // What is beyond the limit stays unknown this time: the client asks again.
        let missing = names.filter { topics.byName[$0] == nil }
            .prefix(CreateTopicsApi.mostTopics)
        let creates =
            request.allowAutoTopicCreation && call.services.configuration.createsTopicsAutomatically
        guard creates, !missing.isEmpty else {
            answer(call, request, names.map { describe(named: $0, topics, [:], call, request) })
            return
        }
        create(Array(missing), call) { failures in
            // Read anew: the created topics are published by now.
            let topics = call.services.topics.current
            answer(
                call, request, names.map { describe(named: $0, topics, failures, call, request) })
        }
    }

    /// Creates topics with the defaults; gives the codes of those that could not be.
    private static func create(
        _ names: [String], _ call: Call, then: @escaping ([String: ErrorCode]) -> Void
    ) {
        let specifications = names.map { TopicSpecification(name: $0) }
        call.services.registry.create(specifications, validateOnly: false, for: call.shard) {
            results in
            var failures: [String: ErrorCode] = [:]
            for (name, result) in zip(names, results) {
                // Another client may have created it meanwhile: that is as good.
                if case .failure(let fault) = result, fault.code != .topicAlreadyExists {
                    failures[name] = fault.code
                }
            }
            then(failures)
        }
    }

    private static func describe(
        named name: String, _ topics: TopicSnapshot, _ failures: [String: ErrorCode],
        _ call: Call, _ request: MetadataRequest
    ) -> MetadataResponse.Topic {
        if let topic = topics.byName[name] { return describe(topic, call, request) }
        let code: ErrorCode =
            TopicName(Array(name.utf8)) == nil
            ? .invalidTopicException : failures[name] ?? .unknownTopicOrPartition
        return MetadataResponse.Topic(errorCode: code, name: name)
    }

    private static func describe(
        _ topic: Topic, _ call: Call, _ request: MetadataRequest
    ) -> MetadataResponse.Topic {
        let node = call.services.nodeID.rawValue
        return MetadataResponse.Topic(
            name: topic.name, topicID: topic.id, isInternal: topic.isInternal,
            partitions: topic.places.enumerated().map { index, place in
                MetadataResponse.Partition(
                    errorCode: place == nil ? .leaderNotAvailable : .none,
                    partitionIndex: Int32(index),
                    leaderID: place == nil ? -1 : node,
                    leaderEpoch: place?.leaderEpoch.rawValue ?? -1,
                    replicaNodes: [node], isrNodes: place == nil ? [] : [node],
                    offlineReplicas: place == nil ? [node] : [])
            },
            topicAuthorizedOperations: request.includeTopicAuthorizedOperations
                ? AuthorizedOperations.ofTopic : AuthorizedOperations.unasked)
    }

    private static func answer(
        _ call: Call, _ request: MetadataRequest, _ topics: [MetadataResponse.Topic]
    ) {
        let node = call.services.nodeID.rawValue
        call.answer(
            MetadataResponse(
                brokers: [
                    MetadataResponse.Broker(
                        nodeID: node, host: call.advertised.host,
                        port: Int32(call.advertised.port))
                ],
                clusterID: call.services.clusterID, controllerID: node, topics: topics,
                clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
                    ? AuthorizedOperations.ofCluster : AuthorizedOperations.unasked))
    }

    /// Each once, in order: a topic that is named twice is described once, as in Kafka.
    private static func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
        var seen: Set<Value> = []
        return values.filter { seen.insert($0).inserted }
    }
}
