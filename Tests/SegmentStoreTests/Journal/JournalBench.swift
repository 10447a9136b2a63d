import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

/// A store with a small journal and several logs on a simulated disk.
final class JournalBench {
    static let id = TopicID(high: 7, low: 9)

    let disk: SimulatedDisk
    let store: Store
    private(set) var logs: [Log] = []
    var now = Timestamp(1_000_000)

    /// A fresh folder with `count` logs.
    init(
        logs count: Int, disk: SimulatedDisk? = nil, on seam: (any Disk)? = nil,
        settings: LogSettings = LogSettings(), store storeSettings: StoreSettings = StoreSettings(),
        journal adjust: (inout JournalSettings) -> Void = { _ in }
    ) throws {
        let disk =
            disk ?? SimulatedDisk(seed: 1, settings: SimulatedDiskSettings(reorders: false))
        self.disk = disk
        store = Store(disk: seam ?? disk, settings: storeSettings)
        _ = try store.disk.perform(.createFolder(path: "/data"))
        _ = try store.disk.perform(.syncFolder(path: "/"))
        for index in 0..<count {
            logs.append(
                try store.createLog(
                    folder: "/data/t-\(index)", topicID: Self.id, settings: settings,
                    leaderEpoch: LogBench.epoch, now: now))
        }
        store.startJournal(Self.journal(adjust))
    }

    /// Opens what a crash left, as a broker does.
    init(
        recovering disk: SimulatedDisk, settings: LogSettings = LogSettings(), points: [Offset] = []
    ) throws {
        self.disk = disk
        store = Store(disk: disk)
        let replay = try JournalReplay.read(folder: "/data", on: disk)
        let names = try disk.list("/data").filter { $0.isFolder && $0.name.hasPrefix("t-") }
        for index in 0..<names.count {
            logs.append(
                try store.openLog(
                    folder: "/data/t-\(index)", settings: settings,
                    hint: OpenHint(
                        cleanShutdown: false,
                        recoveryPoint: index < points.count ? points[index] : .zero),
                    now: now,
                    replaying: replay.batches(of: Self.id, PartitionIndex(Int32(index)))))
        }
        try replay.finish(on: disk)
        store.startJournal(Self.journal { $0.journalID = 2 })
    }

    static func journal(_ adjust: (inout JournalSettings) -> Void = { _ in }) -> JournalSettings {
        var settings = JournalSettings(folder: "/data", shard: 0, journalID: 1)
        settings.fileBytes = 64 << 10
        settings.fileCount = 3
        adjust(&settings)
        return settings
    }

    /// Makes the journal's first file, so that what follows is journaled.
    func warmUp() throws {
        try append(to: 0, TestBatch.make(tag: 9_999))
        settle()
    }

    @discardableResult
    func append(to index: Int, _ batch: [UInt8]) throws -> AppendedRange {
        try logs[index].append(
            TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: LogBench.epoch,
            now: now)
    }

    func settle() {
        store.commit()
        while store.disk.inFlight > 0 {
            store.disk.wait()
            store.drain()
        }
    }

    func readAll(_ index: Int) throws -> [UInt8] {
        let log = logs[index]
        var bytes: [UInt8] = []
        var next = log.logStartOffset
        while next < log.writtenEnd {
            let read = try log.read(
                from: next, upTo: log.writtenEnd, maxBytes: 1 << 20, minOneBatch: true)
            guard read.byteCount > 0 else { break }
            for region in read.regions {
                let buffer = DiskBuffer(count: region.count)
                try region.read(into: buffer)
                bytes += buffer.bytes
            }
            next = try #require(try Self.headers(in: bytes).last).nextOffset
        }
        return bytes
    }

    static func headers(in bytes: [UInt8]) throws -> [BatchHeader] {
        var headers: [BatchHeader] = []
        var position = 0
        while position < bytes.count {
            let header = try bytes.withUnsafeBytes {
                try BatchHeader(reading: UnsafeRawBufferPointer(rebasing: $0[position...]))
            }
            headers.append(header)
            position += header.byteCount
        }
        return headers
    }

    /// The contents of a log as the producers sent them: all but the 16 leading bytes.
    func contents(_ index: Int) throws -> [[UInt8]] {
        let bytes = try readAll(index)
        var position = 0
        return try Self.headers(in: bytes).map { header in
            defer { position += header.byteCount }
            return Array(bytes[position..<position + header.byteCount].dropFirst(16))
        }
    }

    func journalNames() throws -> [String] {
        try disk.list("/data").map(\.name).filter(JournalReplay.isJournal).sorted()
    }

    /// How often an operation took effect on paths with a part, since a place in the trace.
    func count(_ operation: String, on part: String, since start: Int = 0) -> Int {
        disk.trace[start...].count {
            $0.operation == operation && $0.phase == .effective && $0.path.contains(part)
        }
    }
}
