import Vocabulary

/// What a record of a control batch says (KIP-98).
///
///     key    version  2 bytes, 0      type               2 bytes: 0 abort, 1 commit
///     value  version  2 bytes, 0      coordinator epoch  4 bytes
///
/// The key and value of a commit by coordinator 7: `0000 0001` and `0000 00000007`. Fields that
/// newer versions may add behind these are skipped.
public enum ControlRecord: Sendable, Equatable {
    /// The end of a producer's transaction.
    case endTransaction(isCommit: Bool, coordinatorEpoch: Int32)
    /// A kind that has no meaning in the logs of topics, such as those of KRaft.
    case other(type: Int16)

    /// Reads a record of a control batch; `nil` if it is none.
    public init?(_ record: RecordView) {
        guard let key = record.key, key.count >= Self.keyByteCount,
            key.bigEndian(at: 0, as: Int16.self) >= 0
        else { return nil }
        let type = key.bigEndian(at: 2, as: Int16.self)
        guard type == 0 || type == 1 else {
            self = .other(type: type)
            return
        }
        guard let value = record.value, value.count >= Self.valueByteCount,
            value.bigEndian(at: 0, as: Int16.self) >= 0
        else { return nil }
        self = .endTransaction(
            isCommit: type == 1, coordinatorEpoch: value.bigEndian(at: 2, as: Int32.self))
    }

    private static let keyByteCount = 4
    private static let valueByteCount = 6

    /// The key of the record, in version 0.
    public var key: [UInt8] {
        switch self {
        case .endTransaction(let isCommit, _): [0, 0, 0, isCommit ? 1 : 0]
        case .other(let type): [0, 0] + Self.bytes(type)
        }
    }

    /// The value of the record, in version 0; `nil` for kinds this module does not write.
    public var value: [UInt8]? {
        switch self {
        case .endTransaction(_, let coordinatorEpoch): [0, 0] + Self.bytes(coordinatorEpoch)
        case .other: nil
        }
    }

    private static func bytes(_ value: some FixedWidthInteger & BitwiseCopyable) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
