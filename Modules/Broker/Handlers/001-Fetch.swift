import KafkaProtocol
import NIOCore
import Vocabulary

/// Fetch (1): reads record batches, waiting for new ones when there are few.
enum FetchApi: Api {
    /// Records in one answer, whatever client and settings allow: with the headers of a million
    /// partitions and one batch beyond the limit, the frame still states its length in 31 bits.
    private static let mostBytes = 1 << 30

    static func handle(_ request: FetchRequest, _ call: Call) {
        let replica = call.version >= 15 ? request.replicaState.replicaID : request.replicaID
        let context: FetchContext
        do throws(FetchSessionError) {
            context = try call.services.sessions.begin(
                sessionRequest(request, version: call.version), now: .now())
        } catch {
            call.answer(FetchResponse(errorCode: ErrorCode(error), sessionID: request.sessionID))
            return
        }
        let maxBytes = min(
            max(0, Int(request.maxBytes)), call.services.configuration.maxFetchBytes,
            Self.mostBytes)
        let terms = FetchExchange.Terms(
            // A fetch that may not bring more has nothing to wait for.
            minBytes: min(Int(request.minBytes), maxBytes),
            maxBytes: maxBytes,
            deadline: .now() + .milliseconds(Int64(max(0, request.maxWaitMs))),
            isReadCommitted: request.isolationLevel == 1)
        let (groups, failures) = locate(
            context.partitions, in: call.services.topics.current, isFollower: replica >= 0)
        FetchExchange(
            terms: terms, context: context, groups: groups, failures: failures,
            home: call.shard, connection: call.request.connection.id
        ) { exchange, reads in
            FetchAnswer(call: call, exchange: exchange, reads: reads).send()
        }
        .start()
    }

    private static func sessionRequest(
        _ request: FetchRequest, version: Int16
    ) -> FetchSessions.Request {
        let usesTopicIDs = version >= 13
        var partitions: [FetchPartition] = []
        partitions.reserveCapacity(request.topics.reduce(0) { $0 + $1.partitions.count })
        for topic in request.topics {
            let reference: TopicReference =
                usesTopicIDs ? .id(topic.topicID) : .name(topic.topic)
            for partition in topic.partitions {
                partitions.append(
                    FetchPartition(
                        topic: reference, partition: PartitionIndex(partition.partition),
                        offset: Offset(partition.fetchOffset),
                        maxBytes: max(0, Int(partition.partitionMaxBytes)),
                        currentLeaderEpoch: partition.currentLeaderEpoch < 0
                            ? nil : LeaderEpoch(partition.currentLeaderEpoch)))
            }
        }
        let forgotten = request.forgottenTopicsData.flatMap { topic in
            topic.partitions.map {
                FetchPartition.Key(
                    topic: usesTopicIDs ? .id(topic.topicID) : .name(topic.topic),
                    partition: PartitionIndex($0))
            }
        }
        return FetchSessions.Request(
            sessionID: request.sessionID, epoch: request.sessionEpoch, usesTopicIDs: usesTopicIDs,
            partitions: partitions, forgotten: forgotten)
    }

    /// Finds the partitions; those that cannot be found have failed already.
    private static func locate(
        _ partitions: [FetchPartition], in topics: TopicSnapshot, isFollower: Bool
    ) -> (groups: [FetchGroup], failures: [PartitionRead]) {
        var groups: [FetchGroup] = []
        var reads: [PartitionRead] = Array(repeating: PartitionRead(), count: partitions.count)
        for (index, wanted) in partitions.enumerated() {
            let codeIfGone: ErrorCode
            switch wanted.topic {
            case .name: codeIfGone = .unknownTopicOrPartition
            case .id: codeIfGone = .unknownTopicID
            }
            guard let topic = topics.topic(wanted.topic) else {
                reads[index] = .failed(codeIfGone)
                continue
            }
            guard !isFollower else {
                // This broker's partitions have one replica, here: nobody follows them.
                reads[index] = .failed(.notLeaderOrFollower)
                continue
            }
            do throws(PlaceError) {
                let place = try topic.place(of: wanted.partition.rawValue)
                let want = FetchWant(
                    index: index, slot: place.slot, topicID: topic.id, offset: wanted.offset,
                    maxBytes: wanted.maxBytes, currentLeaderEpoch: wanted.currentLeaderEpoch,
                    codeIfGone: codeIfGone)
                if let group = groups.firstIndex(where: { $0.shard == place.shard }) {
                    groups[group].wants.append(want)
                } else {
                    groups.append(FetchGroup(shard: place.shard, wants: [want]))
                }
            } catch {
                reads[index] = .failed(ErrorCode(error))
            }
        }
        return (groups, reads)
    }
}
