import KafkaProtocol

/// Why one partition of a produce request was refused, in the words of the answer.
struct ProduceRefusal: Error, Sendable {
    let code: ErrorCode
    /// What was wrong, for the client's log; `nil` where the code says it all.
    let message: String?
    /// The record at fault, counted from 0 within its batch.
    let record: Int?
    /// Where the partition's log starts; sent where the producer was not known (KIP-360).
    var logStartOffset: Int64 = -1

    init(_ code: ErrorCode, _ message: String? = nil, record: Int? = nil) {
        self.code = code
        self.message = message
        self.record = record
    }
}
