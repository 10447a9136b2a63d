import Compression
import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

/// A log of keyed records, and what tests of compaction do with it all the time.
final class CompactionBench {
    struct Entry: Equatable {
        var offset: Int64
        var key: String?
        var value: String?
        var timestamp: Int64
    }

    let bench: LogBench
    private let compressor = Compressor()
    private let decompressor = Decompressor()

    static func settings(segmentBytes: Int = 2_000) -> LogSettings {
        var settings = LogSettings()
        settings.segmentBytes = segmentBytes
        settings.indexIntervalBytes = 300
        settings.compaction = CompactionSettings()
        settings.compaction?.deleteRetentionMilliseconds = 10_000
        return settings
    }

    init(disk: SimulatedDisk? = nil, settings: LogSettings = settings()) throws {
        var store = StoreSettings()
        store.reservedBytes = 0
        bench = try LogBench(disk: disk, settings: settings, store: store)
    }

    init(
        opening disk: SimulatedDisk, settings: LogSettings = settings(), hint: OpenHint
    ) throws {
        bench = try LogBench(opening: disk, settings: settings, hint: hint)
    }

    var log: Log { bench.log }
    var store: Store { bench.store }

    /// Appends one batch; `nil` values are tombstones.
    @discardableResult
    func put(
        _ records: [(key: String?, value: String?)], codec: Codec = .none,
        timestampType: TimestampType = .createTime,
        producer: (id: Int64, epoch: Int16, sequence: Int32)? = nil, timestamp: Int64? = nil
    ) throws -> AppendedRange {
        var builder = BatchBuilder(
            attributes: BatchAttributes(codec: codec, timestampType: timestampType),
            producerID: producer.map { ProducerID($0.id) },
            producerEpoch: producer.map { ProducerEpoch($0.epoch) },
            baseSequence: producer.map { SequenceNumber($0.sequence) })
        for record in records {
            builder.append(
                key: record.key.map { Array($0.utf8) }, value: record.value.map { Array($0.utf8) },
                timestamp: Timestamp(timestamp ?? bench.now.rawValue))
        }
        return try bench.append(try builder.build(compressor: compressor))
    }

    @discardableResult
    func compact(
        upTo limit: Offset? = nil, limits: CompactionLimits = CompactionLimits()
    ) throws -> CompactionResult? {
        bench.settle()
        let result = try store.compact(log, upTo: limit, now: bench.now, limits: limits)
        bench.settle()
        return result
    }

    /// Everything a reader finds, in its order.
    func entries(maxBytes: Int = 1 << 20) throws -> [Entry] {
        var entries: [Entry] = []
        for batch in try batches(maxBytes: maxBytes) {
            let records = try batch.withUnsafeBytes {
                try BatchView(reading: $0).records(decompressor: decompressor)
            }
            entries += records.map { record in
                Entry(
                    offset: record.offset.rawValue,
                    key: record.key.map { String(decoding: $0, as: UTF8.self) },
                    value: record.value.map { String(decoding: $0, as: UTF8.self) },
                    timestamp: record.timestamp.rawValue)
            }
        }
        return entries
    }

    func batches(maxBytes: Int = 1 << 20) throws -> [[UInt8]] {
        let bytes = try bench.readAll(maxBytes: maxBytes)
        var batches: [[UInt8]] = []
        var position = 0
        for header in try bench.headers(in: bytes) {
            batches.append(Array(bytes[position..<position + header.byteCount]))
            position += header.byteCount
        }
        return batches
    }

    func headers() throws -> [BatchHeader] { try batches().map(TestBatch.header) }

    /// The last value of every key; keys whose last record is a tombstone are left out.
    func latest() throws -> [String: String] {
        try entries().reduce(into: [:]) { latest, entry in
            if let key = entry.key { latest[key] = entry.value }
        }
    }

    /// The names and contents of the files of closed segments.
    func closedFiles() throws -> [String: [UInt8]] {
        let active = try #require(try bench.names().filter { $0.hasSuffix(".log") }.last)
        var files: [String: [UInt8]] = [:]
        for name in try bench.names() where name.prefix(20) < active.prefix(20) {
            files[name] = try bench.disk.readFile("\(LogBench.folder)/\(name)")
        }
        return files
    }

    /// Ends this life in order and begins the next.
    func reopened() throws -> CompactionBench {
        let cleanedEnd = log.cleanedEnd
        let hint = bench.hint(clean: true)
        store.close(now: bench.now)
        let next = try CompactionBench(
            opening: bench.disk, settings: log.settings,
            hint: OpenHint(
                cleanShutdown: true, recoveryPoint: log.recoveryPoint,
                logStartOffset: hint.logStartOffset))
        next.bench.now = bench.now
        next.log.cleanedEnd = cleanedEnd
        return next
    }
}
