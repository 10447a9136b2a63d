import KafkaProtocol
import NIOCore
import Vocabulary

/// Produce (0): appends record batches to partitions.
enum ProduceApi: Api {
    static func handle(_ request: ProduceRequest, _ call: Call) {
        let exchange = ProduceExchange(call: call, request: request)
        guard !request.topicData.allSatisfy({ $0.partitionData.isEmpty }) else {
            exchange.finishIfEmpty()
            return
        }
        guard (-1...1).contains(request.acks) else {
            exchange.refuseAll(ProduceRefusal(.invalidRequiredAcks))
            return
        }
        let intake = Intake(
            call: call, request: request, handle: ProduceExchange.Handle(exchange, on: call.shard),
            now: .now(),
            deadline: .now() + .milliseconds(Int64(max(0, request.timeoutMs))))
        let topics = call.services.topics.current
        var index = 0
        for topic in request.topicData {
            let found =
                call.version >= 13 ? topics.byID[topic.topicID] : topics.byName[topic.name]
            for partition in topic.partitionData {
                do throws(ProduceRefusal) {
                    guard let found else {
                        throw ProduceRefusal(
                            call.version >= 13 ? .unknownTopicID : .unknownTopicOrPartition)
                    }
                    try intake.take(partition, of: found, index: index)
                } catch {
                    exchange.complete(index, .refused(error))
                }
                index += 1
            }
        }
    }

    /// One request's way to the partitions.
    private struct Intake {
        let call: Call
        let request: ProduceRequest
        let handle: ProduceExchange.Handle
        let now: Timestamp
        let deadline: NIODeadline

        func take(
            _ partition: ProduceRequest.Partition, of topic: Topic, index: Int
        ) throws(ProduceRefusal) {
            let place: PartitionPlace
            do throws(PlaceError) {
                place = try topic.place(of: partition.index)
            } catch {
                throw ProduceRefusal(ErrorCode(error))
            }
            guard !topic.isInternal || call.header.clientID == Self.adminClient else {
                throw ProduceRefusal(
                    .invalidTopicException, "\(topic.name) is written by the broker alone")
            }
            let minInSyncReplicas = topic.configuration.minInSyncReplicas
            guard request.acks != -1 || minInSyncReplicas <= 1 else {
                throw ProduceRefusal(
                    .notEnoughReplicas,
                    "min.insync.replicas is \(minInSyncReplicas), and there is 1 replica")
            }
            let batch = try call.shard.admission.admit(
                partition.records, configuration: topic.configuration, version: call.version,
                now: now)
            let share = ProduceShare(
                exchange: handle, index: index, place: place, topicID: topic.id, batch: batch,
                waits: request.acks != 0, deadline: deadline)
            if place.shard == call.shard.index {
                call.shard.produce(share, now: now)
            } else {
                call.shard.outbox.post(to: place.shard) { [now] shard in
                    shard.produce(share, now: now)
                }
            }
        }

        /// Kafka's `AdminUtils.ADMIN_CLIENT_ID`, which may write to internal topics.
        private static let adminClient = "__admin_client"
    }
}
