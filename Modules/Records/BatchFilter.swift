import Compression
import Vocabulary

/// Takes records out of a stored batch, as compaction does.
///
/// The records that stay keep their bytes, and the batch keeps its base offset, its last offset
/// and its producer's sequence, so that offsets and sequences go on behind it as they did. The
/// codec stays too. A batch that keeps a tombstone gets a delete horizon, if it has none: its base
/// timestamp then is that horizon and the records' timestamps are told from there (KIP-534).
public struct BatchFilter {
    /// What became of a batch.
    public enum Outcome {
        /// Every record stays and nothing else has to change: the stored bytes are right.
        case unchanged
        /// The batch anew, in memory of its own.
        case changed([UInt8])
        /// No record stays.
        case empty
    }

    /// Until when what marks a deletion must be kept.
    public struct Horizon: Sendable, Equatable {
        /// The first moment at which they may go.
        public var time: Timestamp
        /// Whether the batch gets it even if it keeps no tombstone: for transaction markers.
        public var isUnconditional: Bool

        public init(_ time: Timestamp, isUnconditional: Bool = false) {
            self.time = time
            self.isUnconditional = isUnconditional
        }
    }

    private let compressor: Compressor
    private let decompressor: Decompressor

    public init(compressor: Compressor, decompressor: Decompressor) {
        self.compressor = compressor
        self.decompressor = decompressor
    }

    /// Asks `keeps` for every record, in offset order.
    ///
    /// - Parameters:
    ///   - horizon: what the batch gets if it keeps a tombstone and has no horizon yet.
    ///   - limit: the most bytes the records may have when decompressed.
    /// - Throws: `undecompressible`, `tooLarge`, or `invalidRecord` at the first malformed one.
    /// - Complexity: one pass over the records; those that stay are copied once, compressed anew
    ///   where the batch was, and get a new timestamp only with a new horizon.
    public func filtered(
        _ batch: BatchView, horizon: Horizon, limit: Int = 128 << 20,
        keeps: (RecordView) -> Bool
    ) throws(RecordError) -> Outcome {
        let codec = batch.header.attributes.codec
        let outcome: Result<Outcome, RecordError>
        do throws(CompressionError) {
            outcome = try decompressor.decompress(codec, batch.payload, limit: limit) { records in
                Result { () throws(RecordError) in
                    try filtered(records, of: batch.header, horizon, keeps)
                }
            }
        } catch {
            throw RecordError(error)
        }
        return try outcome.get()
    }

    private func filtered(
        _ records: UnsafeRawBufferPointer, of header: BatchHeader, _ horizon: Horizon,
        _ keeps: (RecordView) -> Bool
    ) throws(RecordError) -> Outcome {
        var kept = KeptRecords()
        var iterator = RecordIterator(payload: records, count: Int(header.recordCount))
        var position = 0
        while let record = try iterator.next() {
            if keeps(record) {
                kept.add(record, at: position, timestamp: record.timestamp(in: header))
            }
            position += record.byteCount
        }
        guard kept.count > 0 else { return .empty }
        let marksDeletion = kept.hasTombstone || horizon.isUnconditional
        let getsHorizon = marksDeletion && header.deleteHorizon == nil
        guard kept.count < iterator.index || getsHorizon else { return .unchanged }

        var changed = header
        changed.recordCount = Int32(kept.count)
        if header.attributes.timestampType == .createTime {
            changed.maxTimestamp = kept.maxTimestamp
        }
        var shift: Int64 = 0
        if getsHorizon {
            changed.attributes.hasDeleteHorizon = true
            changed.baseTimestamp = horizon.time
            shift = header.baseTimestamp.rawValue &- horizon.time.rawValue
        }
        let payload = kept.payload(of: records, movingTimestampsBy: shift)
        return .changed(try seal(changed, payload))
    }

    private func seal(
        _ header: BatchHeader, _ payload: [UInt8]
    ) throws(RecordError) -> [UInt8] {
        let outcome: Result<[UInt8], CompressionError> = payload.withUnsafeBytes { records in
            Result { () throws(CompressionError) in
                try compressor.compress(header.attributes.codec, records, level: nil) { stored in
                    SealedBatch.bytes(header: header, payload: stored)
                }
            }
        }
        do throws(CompressionError) {
            return try outcome.get()
        } catch {
            throw RecordError(error)
        }
    }
}

/// The records of one batch that stay, as runs of bytes.
private struct KeptRecords {
    private(set) var count = 0
    private(set) var hasTombstone = false
    private(set) var maxTimestamp = Timestamp(-1)
    /// Neighbours are one run.
    private var runs: [Range<Int>] = []

    mutating func add(_ record: RecordView, at position: Int, timestamp: Timestamp) {
        count += 1
        if record.value == nil { hasTombstone = true }
        maxTimestamp = max(maxTimestamp, timestamp)
        let end = position + record.byteCount
        if let last = runs.last, last.upperBound == position {
            runs[runs.count - 1] = last.lowerBound..<end
        } else {
            runs.append(position..<end)
        }
    }

    func payload(
        of records: UnsafeRawBufferPointer, movingTimestampsBy shift: Int64
    ) -> [UInt8] {
        var bytes = RecordBytes()
        bytes.reserve(runs.reduce(0) { $0 + $1.count } + (shift == 0 ? 0 : 8 * count))
        for run in runs {
            let run = UnsafeRawBufferPointer(rebasing: records[run])
            if shift == 0 {
                bytes.append(run)
            } else {
                bytes.append(run, movingTimestampsBy: shift)
            }
        }
        return bytes.bytes
    }
}

extension BatchHeader {
    /// The batch without its records, as compaction keeps it for what its header tells: the
    /// last offset, and the last sequence of its producer.
    public var emptied: [UInt8] {
        var header = self
        header.attributes.codec = .none
        header.attributes.hasDeleteHorizon = false
        header.baseTimestamp = Timestamp(-1)
        header.recordCount = 0
        return SealedBatch.bytes(
            header: header, payload: UnsafeRawBufferPointer(start: nil, count: 0))
    }
}
