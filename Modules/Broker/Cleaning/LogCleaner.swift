import Disk
import Logging
import SegmentStore
import Vocabulary

/// Compacts the logs that want it, the dirtiest first, one at a time.
///
/// It decides here, reads and writes on a `CleanerThread`, and puts what is done in place on the
/// log's own loop. A log whose bytes are damaged is told of once and left alone until the next
/// start; one that lacks space or descriptors lets the others go first, and tries again.
actor LogCleaner {
    private let shards: [ShardHandle]
    private let settings: CleanerSettings
    private let checkpointer: Checkpointer
    private let logger: Logger
    private let thread = CleanerThread()
    private var passedOver = PassedOverLogs()
    private var task: Task<Void, Never>?

    init(
        shards: [ShardHandle], settings: CleanerSettings, checkpointer: Checkpointer,
        logger: Logger
    ) {
        self.shards = shards
        self.settings = settings
        self.checkpointer = checkpointer
        self.logger = logger
    }

    func start() {
        guard settings.isEnabled else { return }
        thread.start()
        task = Task {
            while !Task.isCancelled {
                if await compactDirtiest() { continue }
                // Cancelled: then the loop ends.
                try? await Task.sleep(for: .milliseconds(settings.backoffMilliseconds))
            }
        }
    }

    /// Gives up what is under way, without waiting for its end.
    func cancel() { task?.cancel() }

    /// Gives up what is under way; returns when no file of a log is touched any more.
    func stop() async {
        guard let task else { return }
        task.cancel()
        await task.value
        await thread.stop()
    }

    /// Compacts one log; `false` if none was, so that it is time to rest.
    private func compactDirtiest() async -> Bool {
        guard let (handle, dirty) = await findDirtiest() else {
            passedOver.endRound()
            return false
        }
        let identity = PartitionIdentity(partition: dirty.partition, topicID: dirty.topicID)
        do {
            let plan = try await handle.submit {
                try $0.beginCompaction(of: identity, now: .now())
            }.get()
            guard let plan else { return false }
            return await run(plan, of: identity, on: handle)
        } catch {
            failed(identity, error)
            return false
        }
    }

    private func findDirtiest() async -> (ShardHandle, DirtyPartition)? {
        var found: (ShardHandle, DirtyPartition)?
        for handle in shards {
            let search = await handle.visit { [passedOver = passedOver.all] in
                $0.searchDirty(without: passedOver, now: .now())
            }
            for failure in search?.failures ?? [] { failed(failure.partition, failure.reason) }
            guard let dirtiest = search?.dirtiest else { continue }
            if dirtiest.candidate.dirtyRatio > found?.1.candidate.dirtyRatio ?? -1 {
                found = (handle, dirtiest)
            }
        }
        return found
    }

    private func run(
        _ plan: CompactionPlan, of identity: PartitionIdentity, on handle: ShardHandle
    ) async -> Bool {
        var work: CleanerThread.Work?
        var isDone = false
        do {
            let begun = try await thread.begin(plan, limits: settings.limits)
            work = begun
            if let result = try await follow(begun, plan, identity, handle) {
                _ = await handle.visit { $0.finishCompaction(result, of: plan, identity) }
                told(of: result, identity)
                isDone = true
                // Late, it costs the next start another compaction.
                Task { [checkpointer] in await checkpointer.writeSoon() }
            }
        } catch {
            let counts = await handle.visit { $0.cancelCompaction(plan, identity) } ?? false
            if counts { failed(identity, error) }
        }
        if let work { await thread.end(work) }
        _ = await handle.visit { $0.cancelCompaction(plan, identity) }
        return isDone
    }

    /// Takes the steps of a run to their end; `nil` if it was given up on the way.
    private func follow(
        _ work: CleanerThread.Work, _ plan: CompactionPlan, _ identity: PartitionIdentity,
        _ handle: ShardHandle
    ) async throws -> CompactionResult? {
        let clock = ContinuousClock()
        var pace = IOPace(bytesPerSecond: settings.bytesPerSecond, now: clock.now)
        while !Task.isCancelled {
            switch try await thread.step(work, byteBudget: pace.pieceByteCount) {
            case .working(let byteCount):
                let rest = pace.rest(after: byteCount, now: clock.now)
                // Cancelled: then the loop ends.
                if rest > .zero { try? await Task.sleep(for: rest) }
            case .compacted(let group):
                let isPlaced = try await handle.submit { try $0.replace(group, of: identity) }.get()
                guard isPlaced else { return nil }
            case .finished(let result):
                return result
            }
        }
        return nil
    }

    // MARK: - Telling

    private func told(of result: CompactionResult, _ identity: PartitionIdentity) {
        logger.info(
            "log compacted",
            metadata: [
                "partition": "\(identity.partition)", "upTo": "\(result.cleanedEnd)",
                "records": "\(result.recordsRead) → \(result.recordsKept)",
                "segments": "\(result.segmentsBefore) → \(result.segmentsAfter)",
                "bytesRead": "\(result.bytesRead)", "bytesWritten": "\(result.bytesWritten)",
            ])
        guard result.recordsWithoutKey > 0 else { return }
        logger.warning(
            "records without a key were dropped from a compacted log",
            metadata: [
                "partition": "\(identity.partition)", "records": "\(result.recordsWithoutKey)",
            ])
    }

    private func failed(_ identity: PartitionIdentity, _ error: any Error) {
        switch passedOver.failed(identity, error) {
        case .nothing: break
        case .shortage:
            logger.warning(
                "a log cannot be compacted for want of space or descriptors: it is tried again",
                metadata: ["partition": "\(identity.partition)", "reason": "\(error)"])
        case .uncleanable:
            logger.error(
                "a log is not compacted until the next start",
                metadata: ["partition": "\(identity.partition)", "reason": "\(error)"])
        }
    }
}
