import KafkaProtocol
import Vocabulary

/// DescribeTopicPartitions (75): topics and their partitions, page by page (KIP-966).
enum DescribeTopicPartitionsApi: Api {
    /// Kafka's `max.request.partition.size.limit`.
    private static let maxPartitionsPerPage = 2_000

    static func handle(_ request: DescribeTopicPartitionsRequest, _ call: Call) {
        let topics = call.services.topics.current
        let isAll = request.topics.isEmpty
        var names =
            isAll ? topics.sorted.map(\.name) : Set(request.topics.map(\.name)).sorted()
        if let cursor = request.cursor {
            guard cursor.partitionIndex >= 0, isAll || names.contains(cursor.topicName) else {
                // Kafka answers with this code for every topic that was asked for.
                call.answer(
                    DescribeTopicPartitionsResponse(
                        topics: request.topics.map {
                            DescribeTopicPartitionsResponse.Topic(
                                errorCode: .invalidRequest, name: $0.name)
                        }))
                return
            }
            names.removeAll { $0 < cursor.topicName }
        }
        call.answer(page(of: names, topics, request, node: call.services.nodeID.rawValue))
    }

    private static func page(
        of names: [String], _ topics: TopicSnapshot, _ request: DescribeTopicPartitionsRequest,
        node: Int32
    ) -> DescribeTopicPartitionsResponse {
        var response = DescribeTopicPartitionsResponse()
        var room = min(max(1, Int(request.responsePartitionLimit)), maxPartitionsPerPage)
        for name in names {
            guard let topic = topics.byName[name] else {
                let code: ErrorCode =
                    TopicName(Array(name.utf8)) == nil
                    ? .invalidTopicException : .unknownTopicOrPartition
                response.topics.append(
                    DescribeTopicPartitionsResponse.Topic(errorCode: code, name: name))
                continue
            }
            let first =
                request.cursor.flatMap { $0.topicName == name ? Int($0.partitionIndex) : nil } ?? 0
            guard room > 0 else {
                response.nextCursor = DescribeTopicPartitionsResponse.Cursor(
                    topicName: name, partitionIndex: 0)
                return response
            }
            let range = min(first, topic.places.count)..<min(first + room, topic.places.count)
            response.topics.append(describe(topic, partitions: range, node: node))
            room -= range.count
            if range.upperBound < topic.places.count {
                response.nextCursor = DescribeTopicPartitionsResponse.Cursor(
                    topicName: name, partitionIndex: Int32(range.upperBound))
                return response
            }
        }
        return response
    }

    private static func describe(
        _ topic: Topic, partitions: Range<Int>, node: Int32
    ) -> DescribeTopicPartitionsResponse.Topic {
        DescribeTopicPartitionsResponse.Topic(
            name: topic.name, topicID: topic.id, isInternal: topic.isInternal,
            partitions: partitions.map { index in
                let place = topic.places[index]
                return DescribeTopicPartitionsResponse.Partition(
                    errorCode: place == nil ? .leaderNotAvailable : .none,
                    partitionIndex: Int32(index),
                    leaderID: place == nil ? -1 : node,
                    leaderEpoch: place?.leaderEpoch.rawValue ?? -1,
                    replicaNodes: [node], isrNodes: place == nil ? [] : [node],
                    offlineReplicas: place == nil ? [node] : [])
            },
            topicAuthorizedOperations: AuthorizedOperations.ofTopic)
    }
}
