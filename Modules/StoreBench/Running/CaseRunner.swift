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

    init(_ bench: BenchCase, settings: BenchSettings, in folder: BenchFolder) throws(BenchError) {
        self.bench = bench
        self.settings = settings
        self.folder = folder
        home = try folder.makeFolder("case")
    }

    func cleanUp() { folder.remove(home) }

    var contenders: [Contender] {
        switch bench {
        case .append(let bytes, let logs, let durability, _):
            [.store]
                + (durability == .sync && bytes <= Self.largestJournaled ? [.withoutJournal] : [])
                + [.raw]
                + (logs == 1 && DirectAppend.allows(batchBytes: bytes) ? [.direct] : [])
        case .codec: [.store]
        default: [.store, .raw]
        }
    }

    /// One round, with what it wrote to the device until all of it was there.
    func round(_ contender: Contender) throws(BenchError) -> RoundOutcome {
        count += 1
        let place = "\(home)/round-\(count)"
        let inner = try folder.makeFolder("case/round-\(count)")
        defer { folder.remove(inner) }
        let device = FileSystem(holding: home)
        let before = device.bytesWritten
        var outcome: RoundOutcome
        switch bench {
        case .append(let bytes, let logs, let durability, let inFlight):
            outcome = try append(
                contender, place, bytes, logs, durability, inFlight: inFlight)
        case .tailRead(let bytes): outcome = try tail(contender, place, bytes)
        case .catchUp(let isCold): return try catchUp(contender, isCold: isCold)
        case .mixed(let bytes, let durability):
            outcome = try mixed(contender, place, bytes, durability)
        case .recovery: return try recovery(contender)
        case .compaction: return try compaction(contender, place)
        case .codec(let codec):
            return try CodecRound.run(codec, bytes: settings.roundBytes / 4, batchBytes: 64 << 10)
        }
        if let before, let after = device.bytesWritten { outcome.cost.deviceBytes = after - before }
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
        if isCold {
            try ReadRounds.dropFromCache(paths)
        } else {
            _ = try ReadRounds.catchUp(FileReader(paths))
        }
        if contender == .raw { return try ReadRounds.catchUp(FileReader(paths)) }
        let opened = try OpenedLog(old.folder, end: old.end, settings)
        defer { opened.close() }
        return try ReadRounds.catchUp(LogReader(opened.log))
    }

    private func mixed(
        _ contender: Contender, _ place: String, _ bytes: Int, _ durability: Durability
    ) throws(BenchError) -> RoundOutcome {
        let old = try oldLog(closes: true)
        let paths = try ReadRounds.segments(of: old.folder)
        try ReadRounds.dropFromCache(paths)
        let templates = BatchTemplates(byteCount: bytes)
        let window = max(1, ReadRounds.portion / templates.byteCount)
        let windows = max(1, settings.roundBytes / templates.byteCount / window)
        if contender == .raw {
            let append = try RawAppend(
                folder: place, files: 1, templates: templates, isDurable: durability == .sync,
                settings: settings)
            return try ReadRounds.mixed(
                append, windows: windows, of: window, batchBytes: templates.byteCount,
                reading: FileReader(paths))
        }
        let opened = try OpenedLog(old.folder, end: old.end, settings)
        defer { opened.close() }
        let append = try StoreAppend(
            folder: place, logs: 1, templates: templates, durability: durability,
            settings: settings)
        return try ReadRounds.mixed(
            append, windows: windows, of: window, batchBytes: templates.byteCount,
            reading: LogReader(opened.log))
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
        defer { opened.close() }
        return RoundOutcome(cost: meter.cost(bytes: bytes, operations: 1))
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
        let cost = meter.cost(bytes: bytes, operations: 1)
        try append.close()
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

    func close() { disk.close() }
}
