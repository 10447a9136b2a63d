import Disk
import Metadata
import Records
import SegmentStore
import Simulation
import Vocabulary

/// A data folder as a broker leaves it, on a simulated disk: two partitions of three and one
/// segments, two leader epochs, an idempotent producer, the checkpoints and the metadata log.
struct SmallFolder {
    static let root = "/data"
    static let orders = "/data/orders-0"
    static let second = "/data/orders-1"
    static let topicID = TopicID(high: 1, low: 2)

    let disk: SimulatedDisk
    let now = Timestamp(1_700_000_000_000)

    init(closes: Bool = true) throws {
        disk = SimulatedDisk(seed: 1, settings: SimulatedDiskSettings(reorders: false))
        _ = try disk.perform(.createFolder(path: Self.root))
        _ = try disk.perform(.syncFolder(path: "/"))
        let identity = MetaProperties(
            clusterID: "a-cluster", nodeID: BrokerID(1), directoryID: TopicID(high: 5, low: 6))
        try identity.write(on: disk, folder: Self.root)
        let store = Store(disk: disk)
        let metadata = try EmbeddedMetadataStore(in: Self.root, store: store, now: now)
        metadata.change(now: now) { _ throws(MetadataError) in
            [.clusterRegistered(clusterID: "a-cluster", nodeID: BrokerID(1))]
        } then: { _ in
        }
        metadata.change(now: now) { _ throws(MetadataError) in
            [.topicCreated(name: "orders", id: Self.topicID, partitionCount: 2)]
        } then: { _ in
        }
        var settings = LogSettings()
        settings.segmentBytes = 3_000
        settings.indexIntervalBytes = 500
        let first = try store.createLog(
            folder: Self.orders, topicID: Self.topicID, settings: settings, leaderEpoch: .zero,
            now: now)
        let other = try store.createLog(
            folder: Self.second, topicID: Self.topicID, settings: settings, leaderEpoch: .zero,
            now: now)
        for index in 0..<20 {
            try append(index, to: first, epoch: LeaderEpoch(index < 12 ? 0 : 3))
            if index < 6 { try append(index, to: other, epoch: .zero) }
        }
        store.commit()
        while disk.inFlight > 0 {
            disk.wait()
            store.drain()
        }
        guard closes else { return }
        store.close(now: now)
        var points = OffsetCheckpointFile()
        var marks = OffsetCheckpointFile()
        for log in [first, other] {
            points[log.topicPartition] = log.recoveryPoint
            marks[log.topicPartition] = log.logEnd
        }
        try points.write(.recoveryPoint, on: disk, folder: Self.root)
        try marks.write(.highWatermark, on: disk, folder: Self.root)
        try OffsetCheckpointFile().write(.logStart, on: disk, folder: Self.root)
        let outline = LogOutline(
            topicPartition: first.topicPartition, topicID: Self.topicID, logStartOffset: .zero,
            logEnd: first.logEnd, leaderEpoch: LeaderEpoch(3), lastSegmentBase: Offset(42),
            lastSegmentByteCount: 100)
        try Manifest(generation: TopicID(high: 0, low: 7), logs: [outline])
            .write(on: disk, folder: Self.root)
        try CleanShutdownMark(brokerEpoch: nil).write(on: disk, folder: Self.root)
    }

    private func append(_ index: Int, to log: Log, epoch: LeaderEpoch) throws {
        var builder = BatchBuilder(
            producerID: ProducerID(7), producerEpoch: ProducerEpoch(0),
            baseSequence: SequenceNumber(Int32(index * 3)))
        for record in 0..<3 {
            builder.append(
                key: Array("key \(record)".utf8),
                value: Array(repeating: UInt8(ascii: "a") + UInt8(index % 26), count: 100),
                headers: [RecordHeader(key: "h", value: [0xFF])],
                timestamp: now + Int64(index * 10 + record))
        }
        let bytes = builder.build()
        let header = try bytes.withUnsafeBytes { try BatchHeader(reading: $0) }
        _ = try log.append(header, bytes: [OwnedBytes(bytes)], leaderEpoch: epoch, now: now)
    }

    // MARK: - Tampering

    /// All files of a folder and of the folders in it, with their sizes.
    func files(in folder: String = root) throws -> [(path: String, byteCount: Int)] {
        var found: [(String, Int)] = []
        for entry in try disk.list(folder).sorted(by: { $0.name < $1.name }) {
            let path = "\(folder)/\(entry.name)"
            if entry.isFolder {
                found += try files(in: path)
            } else {
                found.append((path, try disk.readFile(path).count))
            }
        }
        return found
    }

    /// Runs `body` with one byte of a file changed.
    func withFlippedByte<Result>(
        _ path: String, at position: Int, mask: UInt8, _ body: () throws -> Result
    ) throws -> Result {
        let whole = try disk.readFile(path)
        var changed = whole
        changed[position] ^= mask
        try overwrite(path, with: changed)
        defer { try? overwrite(path, with: whole) }  // written a moment ago: it works again
        return try body()
    }

    /// Replaces a file's contents in place.
    func overwrite(_ path: String, with bytes: [UInt8]) throws {
        let file = try disk.open(path, .readWriteOrCreate)
        _ = try disk.perform(.truncate(file, to: .zero))
        if !bytes.isEmpty { try disk.write(file, at: .zero, [OwnedBytes(bytes)]) }
        try disk.close(file)
    }

    func remove(_ path: String) throws { _ = try disk.perform(.removeFile(path: path)) }
}
