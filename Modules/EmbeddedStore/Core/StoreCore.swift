import Disk
import Glibc
import LinuxDisk
import SegmentStore
import Vocabulary

/// What the store's thread owns: the disk, the store, the open logs. Touched by no other thread.
final class StoreCore {
    /// What there is while the store is open.
    struct Hosting {
        let folder: DataFolder
        let disk: LinuxDisk
        let store: Store
        let settings: EventStoreSettings
    }

    private(set) var hosting: Hosting?
    private var logs: [HostedLog?] = []
    private var slots: [String: Int] = [:]
    /// Logs that could not be opened: they are named and left alone.
    private var damaged: [String: EventStoreError] = [:]
    private var mustCommit = false
    /// The time at the beginning of the turn, which its appends carry.
    private(set) var now = Timestamp(0)
    /// When the store has something to do by the clock; `nil` while it has nothing.
    private var nextTick: Timestamp?
    /// How soon a tick follows what may have given it something to do, in milliseconds.
    private static let tickDelay: Int64 = 50

    // MARK: The turn

    var completionDescriptor: Int32? { hosting?.disk.completionDescriptor }

    func beginTurn() { now = .now() }

    /// Starts what makes this turn's appends durable, and takes in what the disk completed.
    func endTurn() {
        guard let hosting else { return }
        if hosting.disk.inFlight > 0 { hosting.store.drain() }
        if mustCommit {
            mustCommit = false
            wantTick()
            hosting.store.commit()
        }
        if let due = nextTick, due <= now { nextTick = hosting.store.tick(now: now) }
    }

    /// How long the thread may sleep, in milliseconds; -1, as poll(2) has it, is for ever.
    var patience: Int32 {
        guard let nextTick else { return -1 }
        return Int32(clamping: max(1, nextTick - .now()))
    }

    /// Asks for a tick soon: something happened that may give it work.
    func wantTick() { nextTick = min(nextTick ?? .init(.max), now + Self.tickDelay) }

    // MARK: Logs

    func append(_ request: AppendRequest) {
        do throws(EventStoreError) {
            try hosted(request.slot, request.log).append(request, now: now)
        } catch {
            request.finish(.failure(error))
        }
    }

    /// The log in a slot, if it is still the one that publishes its state there.
    func hosted(_ slot: Int, _ published: PublishedState) throws(EventStoreError) -> HostedLog {
        try hosted(slot, ObjectIdentifier(published))
    }

    private func hosted(_ slot: Int, _ id: ObjectIdentifier) throws(EventStoreError) -> HostedLog {
        guard hosting != nil else { throw .closed }
        guard let found = logs[slot], ObjectIdentifier(found.published) == id else {
            throw .logDeleted
        }
        return found
    }

    /// The log of that name, opened or made if need be, with the slot it is found in.
    func log(
        named name: String, settings: LogSettings?
    ) throws(EventStoreError) -> (slot: Int, log: HostedLog) {
        guard let hosting else { throw .closed }
        if let damage = damaged[name] { throw damage }
        if let slot = slots[name], let found = logs[slot] {
            if let settings { found.log.settings = settings }
            found.progressed()
            wantTick()
            return (slot, found)
        }
        let settings = settings ?? hosting.settings.log
        let folder = hosting.folder.path(ofLog: name)
        let isThere: Bool
        do throws(StoreError) {
            isThere = try hosting.folder.hasLog(name, on: hosting.disk)
        } catch {
            throw EventStoreError(error)
        }
        if !isThere { try hosting.folder.ensureForgotten(name, on: hosting.disk) }
        let log: Log
        do throws(StoreError) {
            if isThere {
                log = try hosting.store.openLog(
                    folder: folder, settings: settings,
                    hint: hosting.folder.hint(for: name, on: hosting.disk),
                    now: now)
                hosting.folder.tellCleanedEnd(to: log)
            } else {
                log = try hosting.store.createLog(
                    folder: folder, topicID: .random(), settings: settings,
                    leaderEpoch: .zero, now: now)
            }
        } catch {
            throw EventStoreError(error)
        }
        return host(log, name: name)
    }

    private func host(_ log: Log, name: String) -> (slot: Int, log: HostedLog) {
        wantTick()
        let hosted = HostedLog(log, name: name)
        let slot = logs.firstIndex { $0 == nil } ?? logs.endIndex
        if slot == logs.endIndex { logs.append(nil) }
        logs[slot] = hosted
        slots[name] = slot
        return (slot, hosted)
    }

    /// Lets a log begin at `offset`; `then` is called when that is durable.
    func advanceStart(
        of slot: Int, _ published: PublishedState, to offset: Offset,
        then: @escaping @Sendable (Result<Void, EventStoreError>) -> Void
    ) {
        do throws(EventStoreError) {
            let hosted = try hosted(slot, published)
            guard let hosting else { throw .closed }
            do throws(StoreError) {
                try hosted.log.advanceStart(to: offset)
            } catch {
                throw EventStoreError(error)
            }
            hosted.publish()
            hosting.folder.note(hosted.log)
            hosting.folder.writeCheckpoints(then: then)
        } catch {
            then(.failure(error))
        }
    }

    // MARK: Compaction

    /// What a compaction of the log would work on; `nil` if there is nothing to do.
    func beginCompaction(
        _ slot: Int, _ published: PublishedState
    ) throws(EventStoreError) -> CompactionPlan? {
        let hosted = try hosted(slot, published)
        do throws(StoreError) {
            let candidate = try hosted.log.compactionCandidate(upTo: hosted.readEnd, now: now)
            return candidate.map { hosted.log.beginCompaction($0, now: now) }
        } catch {
            throw EventStoreError(error)
        }
    }

    /// Puts compacted segments in place; `false` if the log was changed so that they do not fit.
    func replace(
        _ slot: Int, _ published: PublishedState, _ group: CompactedGroup
    ) throws(EventStoreError) -> Bool {
        let hosted = try hosted(slot, published)
        defer { hosted.progressed() }
        do throws(StoreError) {
            return try hosted.log.replace(group)
        } catch {
            throw EventStoreError(error)
        }
    }

    func finishCompaction(
        _ slot: Int, _ published: PublishedState, _ result: CompactionResult,
        of plan: CompactionPlan
    ) throws(EventStoreError) {
        let hosted = try hosted(slot, published)
        hosted.log.finishCompaction(result, of: plan)
        hosting?.folder.note(hosted.log)
        hosting?.folder.writeCheckpoints { _ in }
    }

    /// Gives a compaction up; `false` if the log had given it up before.
    func cancelCompaction(
        _ slot: Int, _ published: PublishedState, _ plan: CompactionPlan
    ) throws(EventStoreError) -> Bool {
        let log = try hosted(slot, published).log
        defer { log.cancelCompaction(plan) }
        return log.isCurrent(plan)
    }

    /// Deletes a log, its files included; `then` is called when nothing remembers it any more.
    func deleteLog(
        named name: String, then: @escaping @Sendable (Result<Void, EventStoreError>) -> Void
    ) {
        do throws(EventStoreError) {
            let (slot, hosted) = try log(named: name, settings: nil)
            guard let hosting else { throw .closed }
            do throws(StoreError) {
                try hosting.store.deleteLog(hosted.log)
            } catch {
                throw EventStoreError(error)
            }
            hosted.failWaiting(.logDeleted)
            logs[slot] = nil
            slots[name] = nil
            // A log made anew under this name must not inherit a recovery point.
            hosting.folder.forget(name)
            hosting.folder.writeCheckpoints(then: then)
        } catch {
            then(.failure(error))
        }
    }

    // MARK: Opening and closing

    func open(
        _ path: String, _ settings: EventStoreSettings,
        onRetentionFailure: @escaping EventStore.RetentionFailureHandler
    ) throws(EventStoreError) {
        precondition(hosting == nil, "a store is opened once")
        now = .now()
        let disk = try Self.makeDisk()
        do throws(EventStoreError) {
            let folder = try DataFolder(opening: path, on: disk)
            let store = Store(disk: disk, settings: settings.store)
            do throws(StoreError) {
                try store.finishDeletions(in: path)
            } catch {
                folder.release()
                throw EventStoreError(error)
            }
            store.onFirstAppend = { [unowned self] in mustCommit = true }
            store.onRecoveryPoint = { log in
                folder.note(log)
                folder.writeCheckpoints { _ in }
            }
            store.onRetentionFailure = { log, error in
                onRetentionFailure(log.topicPartition.topic, EventStoreError(error))
            }
            hosting = Hosting(folder: folder, disk: disk, store: store, settings: settings)
            // After a crash every log is recovered now: what is opened later would not be known
            // to need it once this run has ended in order.
            if !folder.wasClean { try recoverAll(in: folder, on: disk) }
        } catch {
            hosting?.folder.release()
            hosting = nil
            logs = []
            slots = [:]
            disk.close()
            throw error
        }
    }

    private func recoverAll(in folder: DataFolder, on disk: LinuxDisk) throws(EventStoreError) {
        for name in try folder.logNames(on: disk) {
            do throws(EventStoreError) {
                _ = try log(named: name, settings: nil)
            } catch {
                damaged[name] = error
            }
        }
    }

    /// A ring where the system permits one, plain system calls otherwise.
    private static func makeDisk() throws(EventStoreError) -> LinuxDisk {
        if let disk = try? LinuxDisk(.ring(capacity: 256)) { return disk }
        do {
            return try LinuxDisk(.inline)
        } catch {
            throw .ring(error)
        }
    }

    /// Ends everything in order: what was appended is made durable, whoever waits is answered, and
    /// the folder is marked clean if every log could be closed. Waits for the device.
    func close() -> Result<Void, EventStoreError> {
        guard let hosting else { return .success(()) }
        let open = logs.compactMap { $0 }
        // Closing a log takes its callbacks away: what waits is answered before.
        hosting.store.commit()
        while hosting.disk.inFlight > 0 {
            hosting.disk.wait()
            hosting.store.drain()
        }
        hosting.store.close(now: now)
        var failure: EventStoreError?
        for hosted in open {
            hosted.progressed()
            hosted.failWaiting(.closed)
            if let error = hosted.log.failure { failure = failure ?? EventStoreError(error) }
            hosting.folder.note(hosted.log)
        }
        let isClean = failure == nil && damaged.isEmpty
        let result = hosting.folder.close(isClean: isClean, on: hosting.disk)
        hosting.disk.close()
        self.hosting = nil
        logs = []
        slots = [:]
        nextTick = nil
        if let failure { return .failure(failure) }
        return result
    }

    /// The damage that opening found, by log.
    var damage: [String: EventStoreError] { damaged }
}
