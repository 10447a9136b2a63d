import Disk
import IORing
import LinuxDisk
import SegmentStore
import Vocabulary

/// Runs the rounds of one case, each from an empty folder unless the case needs an old log.
final class CaseRunner {
    private let bench: BenchCase
    private let settings: BenchSettings
    private let folder: BenchFolder
    private var count = 0
    /// A log that was written before the first round, with its end.
    private var old: (folder: String, end: Offset)?
    private let home: String
    private let device: FileSystem

    init(_ bench: BenchCase, settings: BenchSettings, in folder: BenchFolder) throws(BenchError) {
        self.bench = bench
        self.settings = settings
        self.folder = folder
        home = try folder.makeFolder("case")
        device = FileSystem(holding: home)
    }

    func cleanUp() { folder.remove(home) }

    var contenders: [Contender] {
        switch bench {
        case .append(let bytes, let logs, let durability, _):
            [.store]
                + (durability == .sync && bytes <= Self.largestJournaled ? [.withoutJournal] : [])
                + [.raw]
                + (logs == 1 && folder.takesDirectWrites
                    && DirectAppend.allows(batchBytes: bytes) ? [.direct] : [])
        case .codec: [.store]
        default: [.store, .raw]
        }
    }

    /// One round, with what was written to the device until all of it was there.
    func round(_ contender: Contender) throws(BenchError) -> RoundOutcome {
        count += 1
        let place = try folder.makeFolder("case/round-\(count)")
        defer { folder.remove(place) }
        let before = device.bytesWritten
        var outcome: RoundOutcome
        switch bench {
        case .append(let bytes, let logs, let durability, let inFlight):
            outcome = try append(
                contender, place, bytes, logs, durability, inFlight: inFlight)
        case .tailRead(let bytes): outcome = try tail(contender, place, bytes)
        case .catchUp(let isCold): outcome = try catchUp(contender, isCold: isCold)
        case .mixed(let bytes, let durability):
            outcome = try mixed(contender, place, bytes, durability)
        case .recovery: outcome = try recovery(contender)
        case .compaction: outcome = try compaction(contender, place)
        case .codec(let codec):
            return try CodecRound.run(codec, bytes: settings.roundBytes / 4, batchBytes: 64 << 10)
        }
        // Compaction has counted for itself: what it compacts is written in the same round.
        if outcome.cost.deviceBytes == nil {
            outcome.cost.deviceBytes = device.bytesWritten(since: before)
        }
        return outcome
    }

    // MARK: - Appending

    private func append(
        _ contender: Contender, _ place: String, _ bytes: Int, _ logs: Int,
        _ durability: Durability, inFlight: Int
    ) throws(BenchError) -> RoundOutcome {
        let templates = BatchTemplates(byteCount: bytes)
        let batches = max(1, settings.roundBytes / templates.byteCount)
        let isDurable = durability == .sync
        let append: any AppendRounds =
            switch contender {
            case .store, .withoutJournal:
                try StoreAppend(
                    folder: place, logs: logs, templates: templates, durability: durability,
                    settings: settings, usesJournal: isDurable && contender == .store)
            case .raw:
                try RawAppend(
                    folder: place, files: logs, templates: templates, isDurable: isDurable,
                    settings: settings)
            case .direct:
                // The file stays, so that from the second round on it has all its blocks.
                try DirectAppend(
                    path: "\(home)/direct", templates: templates, isDurable: isDurable,
                    settings: settings)
            }
        let outcome = try append.run(count: batches, inFlight: inFlight)
        try append.close()
        return outcome
    }

    // MARK: - Reading

    private func tail(
        _ contender: Contender, _ place: String, _ bytes: Int
    ) throws(BenchError) -> RoundOutcome {
        let templates = BatchTemplates(byteCount: bytes)
        let batches = max(1, settings.roundBytes / templates.byteCount)
        if contender == .store {
            let append = try StoreAppend(
                folder: place, logs: 1, templates: templates, durability: .os, settings: settings)
            let outcome = try ReadRounds.tail(
                append, batches: batches, batchBytes: templates.byteCount)
            try append.close()
            return outcome
        }
        let append = try RawAppend(
            folder: place, files: 1, templates: templates, isDurable: false, settings: settings)
        let outcome = try ReadRounds.tail(
            append, batches: batches, batchBytes: templates.byteCount)
        try append.close()
        return outcome
    }

    private func catchUp(
        _ contender: Contender, isCold: Bool
    ) throws(BenchError) -> RoundOutcome {
        let old = try oldLog(closes: true)
        let paths = try ReadRounds.segments(of: old.folder)
        var notes: [String] = []
        if isCold {
            notes = try ReadRounds.dropFromCache(paths)
        } else {
            _ = try ReadRounds.catchUp(FileReader(paths))
        }
        var outcome: RoundOutcome
        if contender == .raw {
            outcome = try ReadRounds.catchUp(FileReader(paths))
        } else {
            let opened = try OpenedLog(old.folder, end: old.end, settings)
            outcome = try ReadRounds.catchUp(LogReader(opened.log, of: opened))
        }
        outcome.notes = notes
        return outcome
    }

    private func mixed(
        _ contender: Contender, _ place: String, _ bytes: Int, _ durability: Durability
    ) throws(BenchError) -> RoundOutcome {
        let old = try oldLog(closes: true)
        let paths = try ReadRounds.segments(of: old.folder)
        let notes = try ReadRounds.dropFromCache(paths)
        let templates = BatchTemplates(byteCount: bytes)
        let window = max(1, ReadRounds.portion / templates.byteCount)
        let windows = max(1, settings.roundBytes / templates.byteCount / window)
        var outcome: RoundOutcome
        if contender == .raw {
            let append = try RawAppend(
                folder: place, files: 1, templates: templates, isDurable: durability == .sync,
                settings: settings)
            outcome = try ReadRounds.mixed(
                append, windows: windows, of: window, batchBytes: templates.byteCount
            ) { () throws(BenchError) -> any PortionReader in FileReader(paths) }
        } else {
            let append = try StoreAppend(
                folder: place, logs: 1, templates: templates, durability: durability,
                settings: settings)
            outcome = try ReadRounds.mixed(
                append, windows: windows, of: window, batchBytes: templates.byteCount
            ) { [settings] () throws(BenchError) -> any PortionReader in
                let opened = try OpenedLog(old.folder, end: old.end, settings)
                return LogReader(opened.log, of: opened)
            }
        }
        outcome.notes = notes
        return outcome
    }

    private func recovery(_ contender: Contender) throws(BenchError) -> RoundOutcome {
        let old = try oldLog(closes: false)
        let paths = try ReadRounds.segments(of: old.folder)
        if contender == .raw {
            let outcome = try ReadRounds.catchUp(FileReader(paths))
            return RoundOutcome(cost: outcome.cost)
        }
        var bytes = 0
        for path in paths { bytes += try RawFile(path, flags: RawFile.readOnly).byteCount }
        let meter = Meter()
        let opened = try OpenedLog(old.folder, end: nil, settings)
        let cost = meter.cost(bytes: bytes, operations: 1)
        extendLifetime(opened)
        return RoundOutcome(cost: cost)
    }

    /// Compacts a log that was written for it; the limit reads the same files twice, as compaction
    /// does.
    private func compaction(
        _ contender: Contender, _ place: String
    ) throws(BenchError) -> RoundOutcome {
        let templates = BatchTemplates(byteCount: 64 << 10)
        let append = try StoreAppend(
            folder: place, logs: 1, templates: templates, durability: .sync, settings: settings,
            segmentBytes: max(256 << 10, settings.roundBytes / 8))
        _ = try append.run(count: settings.roundBytes / templates.byteCount, inFlight: 32)
        let log = append.logs[0]
        let closed = try ReadRounds.segments(of: log.folder).dropLast()
        var bytes = 0
        for path in closed { bytes += try RawFile(path, flags: RawFile.readOnly).byteCount }
        let before = device.bytesWritten
        let meter = Meter()
        if contender == .raw {
            for _ in 0..<2 { _ = try ReadRounds.catchUp(FileReader(Array(closed))) }
        } else {
            do throws(StoreError) {
                try append.store.compact(log, now: Timestamp(1_700_000_000_000))
            } catch {
                throw .store(error)
            }
        }
        var cost = meter.cost(bytes: bytes, operations: 1)
        try append.close()
        cost.deviceBytes = device.bytesWritten(since: before)
        return RoundOutcome(cost: cost)
    }

    /// What brokers journal by default; larger batches sync their segment.
    private static let largestJournaled = JournalSettings(folder: "", shard: 0).largestBatchBytes

    /// A log of a round's size, written when it is first needed.
    private func oldLog(closes: Bool) throws(BenchError) -> (folder: String, end: Offset) {
        if let old { return old }
        let place = try folder.makeFolder("case/old")
        let templates = BatchTemplates(byteCount: 256 << 10)
        let append = try StoreAppend(
            folder: place, logs: 1, templates: templates, durability: .os, settings: settings)
        _ = try append.run(count: settings.roundBytes / templates.byteCount, inFlight: 32)
        let made = (append.logs[0].folder, append.logs[0].logEnd)
        if closes { try append.close() } else { append.abandon() }
        old = made
        return made
    }
}

/// A log that was opened for reading, or after a crash.
final class OpenedLog {
    let log: Log
    private let disk: LinuxDisk
    private let store: Store

    /// - Parameter end: where the log ended when it was closed; `nil` for one that was not.
    init(_ folder: String, end: Offset?, _ settings: BenchSettings) throws(BenchError) {
        do throws(IORingError) {
            disk = try LinuxDisk()
        } catch {
            throw .ring(error)
        }
        store = Store(disk: disk)
        do throws(StoreError) {
            log = try store.openLog(
                folder: folder, settings: LogSettings(),
                hint: OpenHint(
                    cleanShutdown: end != nil, recoveryPoint: end ?? .zero,
                    newLeaderEpochAfterUnclean: .zero),
                now: Timestamp(1_700_000_000_000))
        } catch {
            throw .store(error)
        }
    }

    deinit { disk.close() }
}
