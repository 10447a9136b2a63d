import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

/// A store on a simulated disk with one log, and what tests do with it all the time.
final class LogBench {
    static let folder = "/data/orders-0"
    static let epoch = LeaderEpoch(3)

    let disk: SimulatedDisk
    let store: Store
    var log: Log
    var now = Timestamp(1_000_000)

    /// Makes a new log.
    init(
        disk: SimulatedDisk? = nil, settings: LogSettings = LogSettings(),
        store storeSettings: StoreSettings = StoreSettings()
    ) throws {
        let disk =
            disk ?? SimulatedDisk(seed: 1, settings: SimulatedDiskSettings(reorders: false))
        self.disk = disk
        store = Store(disk: disk, settings: storeSettings)
        if try !disk.list("/").contains(where: { $0.name == "data" }) {
            _ = try disk.perform(.createFolder(path: "/data"))
            _ = try disk.perform(.syncFolder(path: "/"))
        }
        log = try store.createLog(
            folder: Self.folder, topicID: TopicID(high: 1, low: 2), settings: settings,
            leaderEpoch: Self.epoch, now: now)
    }

    /// Opens the log that lies on `disk`.
    init(
        opening disk: SimulatedDisk, settings: LogSettings = LogSettings(), hint: OpenHint,
        store storeSettings: StoreSettings = StoreSettings()
    ) throws {
        self.disk = disk
        store = Store(disk: disk, settings: storeSettings)
        log = try store.openLog(
            folder: Self.folder, settings: settings, hint: hint, now: now)
    }

    @discardableResult
    func append(_ batch: [UInt8]) throws -> AppendedRange {
        try log.append(
            TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: Self.epoch, now: now)
    }

    /// Ends the tick and waits until everything is as durable as the policy says.
    func settle() {
        store.commit()
        while disk.inFlight > 0 {
            disk.wait()
            store.drain()
        }
    }

    /// All bytes below `upTo`, as a reader that asks for `maxBytes` at a time gets them.
    func readAll(
        from start: Offset? = nil, upTo: Offset? = nil, maxBytes: Int = 1 << 20
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var next = start ?? log.logStartOffset
        let end = upTo ?? log.writtenEnd
        while next < end {
            let read = try log.read(
                from: next, upTo: end, maxBytes: maxBytes, minOneBatch: true)
            guard read.byteCount > 0 else { break }
            let piece = try contents(of: read)
            bytes += piece
            next = try lastBatch(in: piece).nextOffset
        }
        return bytes
    }

    func contents(of read: LogRead) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for region in read.regions {
            let buffer = DiskBuffer(count: region.count)
            try region.read(into: buffer)
            bytes += buffer.bytes
        }
        #expect(bytes.count == read.byteCount)
        return bytes
    }

    func lastBatch(in bytes: [UInt8]) throws -> BatchHeader {
        try #require(try headers(in: bytes).last)
    }

    func headers(in bytes: [UInt8]) throws -> [BatchHeader] {
        var headers: [BatchHeader] = []
        var position = 0
        while position < bytes.count {
            let header = try bytes.withUnsafeBytes {
                try BatchHeader(reading: UnsafeRawBufferPointer(rebasing: $0[position...]))
            }
            headers.append(header)
            position += header.byteCount
        }
        #expect(position == bytes.count)
        return headers
    }

    func hint(clean: Bool) -> OpenHint {
        OpenHint(
            cleanShutdown: clean, recoveryPoint: log.recoveryPoint,
            logStartOffset: log.logStartOffset, newLeaderEpochAfterUnclean: LeaderEpoch(4))
    }

    func names() throws -> [String] {
        try disk.list(Self.folder).map(\.name).sorted()
    }
}
