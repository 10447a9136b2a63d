/// A name that a topic may have: 1 to 249 ASCII letters, digits, `.`, `_` and `-`, but not `.` or
/// `..` (Kafka's `Topic.validate`).
///
/// Every legal name with `-` and a partition's number fits a file name of 255 bytes and stays
/// inside the data folder.
public struct TopicName: Hashable, Sendable {
    /// The longest name, in bytes: Kafka's `Topic.MAX_NAME_LENGTH`.
    public static let byteLimit = 249

    /// The legal name: ASCII, so each character is one byte.
    public let text: String

    /// - Throws: the rule that `text` breaks. Never echoes more of it than the limit allows.
    public init(_ text: String) throws(IllegalTopicName) {
        if let reason = Self.fault(in: text.utf8) { throw reason }
        self.text = text
    }

    /// `nil` unless the bytes are a legal name.
    public init?(_ bytes: some Collection<UInt8>) {
        guard Self.fault(in: bytes) == nil else { return nil }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the broker keeps its own state in a topic of this name; such topics are listed as
    /// internal and clients do not produce to them.
    public var isInternal: Bool { Self.internalNames.contains(text) }

    /// Kafka's `Topic.INTERNAL_TOPICS`: the state of consumer groups, transactions and share
    /// groups.
    public static let internalNames: Set<String> = [
        "__consumer_offsets", "__transaction_state", "__share_group_state",
    ]

    /// Whether the folder of such a topic is the cluster's own and so is closed to clients.
    public var isReserved: Bool { Self.reservedNames.contains(text) }

    /// The topics of metadata logs: of Kafka's brokers and of this one.
    public static let reservedNames: Set<String> = ["__cluster_metadata", "__millrace_metadata"]

    /// The name as metrics show it, where `.` and `_` are the same character.
    public var collisionKey: String { Self.collisionKey(of: text) }

    /// The same for a name that was checked before.
    public static func collisionKey(of name: String) -> String {
        String(name.map { $0 == "." ? "_" : $0 })
    }

    /// Whether the two names would share one name in metrics. Equal names collide too.
    public func collides(with other: TopicName) -> Bool { collisionKey == other.collisionKey }

    private static func fault(in bytes: some Collection<UInt8>) -> IllegalTopicName? {
        if bytes.isEmpty { return .empty }
        if bytes.count > byteLimit { return .tooLong(byteCount: bytes.count) }
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                continue
            default:
                return .illegalCharacter(at: index)
            }
        }
        let dots = bytes.allSatisfy { $0 == UInt8(ascii: ".") }
        return dots && bytes.count <= 2 ? .folder : nil
    }
}

extension TopicName: CustomStringConvertible {
    public var description: String { text }
}

/// The rule that a topic's name breaks.
public enum IllegalTopicName: Error, Hashable, Sendable {
    /// No byte at all.
    case empty
    /// More than `TopicName.byteLimit` bytes.
    case tooLong(byteCount: Int)
    /// The index of the first byte, from 0, that no name may hold.
    case illegalCharacter(at: Int)
    /// `.` or `..`, which name folders.
    case folder
}

extension IllegalTopicName: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "a topic's name is not empty"
        case .tooLong(let count):
            "a topic's name has at most \(TopicName.byteLimit) characters, not \(count)"
        case .illegalCharacter(let index):
            """
            a topic's name consists of ASCII letters, digits, '.', '_' and '-'; \
            the character at byte \(index) is another
            """
        case .folder: "a topic is not named '.' or '..'"
        }
    }
}
