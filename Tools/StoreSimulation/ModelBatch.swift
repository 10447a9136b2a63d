/// A batch that was handed to a log, as the model remembers it.
struct ModelBatch: Sendable {
    struct Record: Sendable {
        /// Relative to the base offset.
        let delta: Int64
        let timestamp: Int64
        let key: String?
        /// `nil` in a tombstone.
        let value: [UInt8]?
    }

    struct Sequence: Sendable, Equatable {
        let producer: Int64
        let epoch: Int16
        let first: Int32
        let last: Int32
    }

    let base: Int64
    let epoch: Int32
    /// As it was sent: the first 16 bytes are the log's to fill in.
    let bytes: [UInt8]
    let records: [Record]
    let sequence: Sequence?

    var next: Int64 { base + Int64(records.count) }
    var last: Int64 { next - 1 }
}
