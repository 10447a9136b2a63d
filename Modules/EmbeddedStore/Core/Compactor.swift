import Disk
import Dispatch
import LinuxDisk
import SegmentStore
import Vocabulary

/// Compacts logs on a thread that may wait, one after the other, with a disk of its own; the
/// store's thread only puts in place what was written.
final class Compactor: Sendable {
    typealias Outcome = Result<CompactionResult?, EventStoreError>

    private let queue = DispatchQueue(label: "segment-store.compaction")
    private let isStopping = Lock(false)

    /// Compacts the log in a slot when those before are done.
    func compact(
        _ slot: Int, _ published: PublishedState, limits: CompactionLimits,
        with executor: StoreExecutor, _ answer: Answer<Outcome>
    ) {
        queue.async { [self] in
            let thread = StoreThreadLine(executor)
            answer.give(
                Outcome { () throws(EventStoreError) in
                    try compact(slot, published, limits, thread)
                })
        }
    }

    /// Lets the compaction under way come to nothing, then calls `then`.
    func stop(_ then: @escaping @Sendable () -> Void) {
        isStopping.withLock { $0 = true }
        queue.async(execute: then)
    }

    private func compact(
        _ slot: Int, _ published: PublishedState, _ limits: CompactionLimits,
        _ thread: StoreThreadLine
    ) throws(EventStoreError) -> CompactionResult? {
        // Before the compaction begins: one that is not ended keeps its segments from retention.
        let disk: LinuxDisk
        do {
            disk = try LinuxDisk(.inline)
        } catch {
            throw .ring(error)
        }
        defer { disk.close() }
        let planned = try thread.call { core throws(EventStoreError) in
            try core.beginCompaction(slot, published)
        }
        guard let plan = planned else { return nil }
        let run = CompactionRun(plan, disk: disk, limits: limits)
        do throws(EventStoreError) {
            while true {
                if isStopping.withLock({ $0 }) { throw .closed }
                switch try step(run) {
                case .working:
                    continue
                case .compacted(let group):
                    let isInPlace = try thread.call { core throws(EventStoreError) in
                        try core.replace(slot, published, group)
                    }
                    guard isInPlace else {
                        run.cancel()
                        return nil
                    }
                case .finished(let result):
                    try thread.call { core throws(EventStoreError) in
                        try core.finishCompaction(slot, published, result, of: plan)
                    }
                    return result
                }
            }
        } catch {
            run.cancel()
            // A log that was cut meanwhile makes the run stumble: then nothing is wrong with it.
            let isCurrent = try thread.call { core throws(EventStoreError) in
                try core.cancelCompaction(slot, published, plan)
            }
            guard isCurrent else { return nil }
            throw error
        }
    }

    private func step(_ run: CompactionRun) throws(EventStoreError) -> CompactionRun.Progress {
        do throws(StoreError) {
            return try run.step()
        } catch {
            throw EventStoreError(error)
        }
    }
}

/// Calls on the store's thread from a thread that may wait for it.
private struct StoreThreadLine {
    private let executor: StoreExecutor

    init(_ executor: StoreExecutor) { self.executor = executor }

    func call<Value: Sendable>(
        _ body: @escaping @Sendable (StoreCore) throws(EventStoreError) -> Value
    ) throws(EventStoreError) -> Value {
        let reply = Reply<Value>()
        executor.mailbox.post(
            .call { core in
                let result = Result { () throws(EventStoreError) in try body(core) }
                reply.result.withLock { $0 = result }
                reply.isThere.signal()
            })
        reply.isThere.wait()
        guard let result = reply.result.withLock({ $0 }) else {
            preconditionFailure("the store's thread answers before it signals")
        }
        return try result.get()
    }

    private final class Reply<Value: Sendable>: Sendable {
        let result = Lock<Result<Value, EventStoreError>?>(nil)
        let isThere = DispatchSemaphore(value: 0)
    }
}
