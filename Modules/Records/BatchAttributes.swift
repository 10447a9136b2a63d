import Compression

/// Who set the timestamps of a batch: Kafka's `message.timestamp.type`.
public enum TimestampType: UInt8, Sendable {
    /// Every record carries the time its producer gave it.
    case createTime = 0
    /// The whole batch carries, as its `maxTimestamp`, the time the broker took it.
    case logAppendTime = 1
}

/// The attributes of a record batch, 16 bits.
///
///     bits 0–2  codec                    bit 5  control batch
///     bit  3    log append time          bit 6  base timestamp is the delete horizon (KIP-534)
///     bit  4    transactional            others unused
public struct BatchAttributes: Sendable, Equatable {
    /// The 16 bits as they are stored, the unused ones included.
    public private(set) var rawValue: Int16

    /// `nil` if the codec bits name no codec.
    public init?(rawValue: Int16) {
        guard Codec(rawValue: UInt8(rawValue & 0b111)) != nil else { return nil }
        self.rawValue = rawValue
    }

    /// Attributes without a delete horizon.
    public init(
        codec: Codec = .none, timestampType: TimestampType = .createTime,
        isTransactional: Bool = false, isControl: Bool = false
    ) {
        self.rawValue = 0
        self.codec = codec
        self.timestampType = timestampType
        self.isTransactional = isTransactional
        self.isControl = isControl
    }

    /// Bits 0–2: how the records are compressed.
    public var codec: Codec {
        get {
            guard let codec = Codec(rawValue: UInt8(rawValue & 0b111)) else {
                preconditionFailure("attributes are made with a known codec only")
            }
            return codec
        }
        set { rawValue = rawValue & ~0b111 | Int16(newValue.rawValue) }
    }

    /// Bit 3: who set the timestamps.
    public var timestampType: TimestampType {
        get { self[bit: 3] ? .logAppendTime : .createTime }
        set { self[bit: 3] = newValue == .logAppendTime }
    }

    /// Bit 4: the batch belongs to a transaction (KIP-98).
    public var isTransactional: Bool {
        get { self[bit: 4] }
        set { self[bit: 4] = newValue }
    }

    /// Bit 5: the batch holds a control record, such as a transaction's marker, and nothing of
    /// clients.
    public var isControl: Bool {
        get { self[bit: 5] }
        set { self[bit: 5] = newValue }
    }

    /// Bit 6: the base timestamp is the delete horizon (KIP-534).
    public var hasDeleteHorizon: Bool {
        get { self[bit: 6] }
        set { self[bit: 6] = newValue }
    }

    private subscript(bit bit: Int16) -> Bool {
        get { rawValue >> bit & 1 == 1 }
        set { rawValue = rawValue & ~(1 << bit) | (newValue ? 1 << bit : 0) }
    }
}
