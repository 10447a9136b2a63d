import NIOCore
import Vocabulary

/// The registry as handlers call it: from any loop, answered on the loop of the asking shard.
extension TopicRegistry {
    nonisolated func create(
        _ specifications: [TopicSpecification], validateOnly: Bool, for shard: Shard,
        then: @escaping ([Result<TopicOutline, TopicFault>]) -> Void
    ) {
        answer(shard, then) { registry in
            var results: [Result<TopicOutline, TopicFault>] = []
            for specification in specifications {
                results.append(await registry.create(specification, validateOnly: validateOnly))
            }
            return results
        }
    }

    nonisolated func delete(
        _ references: [TopicReference], for shard: Shard,
        then: @escaping ([Result<TopicOutline, TopicFault>]) -> Void
    ) {
        answer(shard, then) { registry in
            var results: [Result<TopicOutline, TopicFault>] = []
            for reference in references { results.append(await registry.delete(reference)) }
            return results
        }
    }

    nonisolated func addPartitions(
        _ additions: [PartitionAddition], validateOnly: Bool, for shard: Shard,
        then: @escaping ([Result<Void, TopicFault>]) -> Void
    ) {
        answer(shard, then) { registry in
            var results: [Result<Void, TopicFault>] = []
            for addition in additions {
                results.append(await registry.addPartitions(addition, validateOnly: validateOnly))
            }
            return results
        }
    }

    nonisolated func alter(
        _ alterations: [SettingsAlteration], validateOnly: Bool, for shard: Shard,
        then: @escaping ([Result<Void, TopicFault>]) -> Void
    ) {
        answer(shard, then) { registry in
            var results: [Result<Void, TopicFault>] = []
            for alteration in alterations {
                results.append(await registry.alter(alteration, validateOnly: validateOnly))
            }
            return results
        }
    }

    /// Makes the starts of all logs durable as they are now; tells whether they are.
    nonisolated func keepStarts(for shard: Shard, then: @escaping (Bool) -> Void) {
        answer(shard, then) { registry in
            await registry.checkpointer?.writeAll() ?? true
        }
    }

    nonisolated func nextProducerID(
        for shard: Shard, then: @escaping (Result<ProducerID, TopicFault>) -> Void
    ) {
        answer(shard, then) { await $0.nextProducerID() }
    }

    /// Publishes the later leader epoch that a log was found to have when it was opened.
    nonisolated func noteLaterEpoch(
        _ epoch: LeaderEpoch, of topicID: TopicID, _ partition: PartitionIndex
    ) {
        Task { await publish(epoch, of: topicID, partition) }
    }

    private nonisolated func answer<Value: Sendable>(
        _ shard: Shard, _ then: @escaping (Value) -> Void,
        _ body: @escaping @Sendable (TopicRegistry) async -> Value
    ) {
        let promise = shard.eventLoop.makePromise(of: Value.self)
        promise.completeWithTask { await body(self) }
        promise.futureResult.assumeIsolated().whenSuccess(then)
    }
}
