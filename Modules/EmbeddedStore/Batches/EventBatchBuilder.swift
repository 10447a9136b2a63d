import Compression
import Records
import Vocabulary

/// Gathers records and makes batches of them, one after the other, in memory that is reused.
///
/// Appending a record copies its bytes and allocates nothing once the builder has grown to the
/// size of its batches. Larger batches cost less per record and compress better: 16 KiB to 1 MiB
/// are good sizes.
public struct EventBatchBuilder {
    private var records: BatchBuilder
    private let level: Int?
    private var compressor: Compressor?

    /// - Parameters:
    ///   - codec: how the records of a batch are compressed, as a whole.
    ///   - level: as Kafka's `compression.*.level`; `nil` for the codec's default.
    public init(codec: Codec = .none, level: Int? = nil) {
        var attributes = BatchAttributes()
        attributes.codec = codec
        records = BatchBuilder(attributes: attributes)
        self.level = level
        compressor = codec == .none ? nil : Compressor()
    }

    /// Whether nothing was added since the last `seal`.
    public var isEmpty: Bool { records.recordCount == 0 }

    /// Records added since the last `seal`.
    public var recordCount: Int { records.recordCount }

    /// The size of the batch before compression, in bytes.
    public var byteCount: Int { BatchHeader.byteCount + records.payloadByteCount }

    /// Adds a record. One without a value is a tombstone: compaction removes its key. Without a
    /// timestamp it gets the time of the call.
    public mutating func append(
        key: [UInt8]?, value: [UInt8]?, headers: [RecordHeader] = [], timestamp: Timestamp? = nil
    ) {
        records.append(
            key: key, value: value, headers: headers, timestamp: timestamp ?? .now())
    }

    /// Makes the batch and leaves the builder empty for the next. There is at least one record.
    ///
    /// - Throws: `compression` for a level that the codec does not have.
    public mutating func seal() throws(EventStoreError) -> EventBatch {
        precondition(!isEmpty, "a batch has at least one record")
        do throws(CompressionError) {
            let (header, bytes) = try records.sealed(compressor: compressor, level: level)
            records.removeAll()
            return EventBatch(header: header, bytes: bytes)
        } catch {
            throw .compression(error)
        }
    }
}
