/// The declaration of one configuration key: what it is called, what it may be, what it means.
public struct SettingKey: Sendable, Hashable {
    /// The type of a value, with the numbers of Kafka's DescribeConfigs.
    public enum ValueType: Int8, Sendable {
        /// 1 to 9, in this order.
        case boolean = 1, string, int, short, long, double, list, `class`, password
    }

    /// Which values are accepted, beyond those of the type.
    public enum Allowed: Sendable, Hashable {
        /// Whatever the type takes.
        case any
        /// A whole number within the range.
        case range(ClosedRange<Int64>)
        /// A number of the range, or this one besides.
        case rangeOr(ClosedRange<Int64>, Int64)
        /// A number with a point, within the range.
        case fraction(ClosedRange<Double>)
        /// Exactly one of these words.
        case oneOf([String])
        /// A comma-separated list of these words.
        case listOf([String])
        /// `NAME://host:port`.
        case listener
    }

    /// Whether a value changes anything in this version.
    public enum Effect: Sendable {
        /// The value does what the key's text says.
        case acts
        /// Accepted, kept and described; what it is for is not built yet.
        case kept
    }

    /// A broker key that holds the default of a topic key, perhaps in another unit.
    public struct Twin: Sendable, Hashable {
        /// The broker key's name.
        public let name: String
        /// Multiplies the broker key's value: 3,600,000 from hours to milliseconds.
        public let scale: Int64
    }

    /// Kafka's name where Kafka has the key, else our own.
    public let name: String
    /// What a value is parsed as.
    public let type: ValueType
    /// The default, written as in a file; `nil` is Kafka's null.
    public let defaultValue: String?
    /// Checked when a value is set, by whichever way.
    public let allowed: Allowed
    /// A sentence or two for people; DescribeConfigs sends them when asked to (KIP-569).
    public let documentation: String
    /// What a value leads to in this version.
    public let effect: Effect
    /// A topic key: the broker keys that hold its default, the one that wins first. Empty for
    /// broker keys, except those with a spelling of higher rank (`log.dir` after `log.dirs`).
    public let twins: [Twin]

    init(
        _ name: String, _ type: ValueType, _ defaultValue: String?, _ allowed: Allowed = .any,
        _ effect: Effect = .acts, twins: [(String, Int64)] = [], doc: String
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.allowed = allowed
        self.documentation = doc
        self.effect = effect
        self.twins = twins.map { Twin(name: $0.0, scale: $0.1) }
    }
}

extension SettingKey.Allowed: CustomStringConvertible {
    /// What an error says is allowed.
    public var description: String {
        switch self {
        case .any: "any value"
        case .range(let range): Self.text(range)
        case .rangeOr(let range, let other): "\(other), or \(Self.text(range))"
        case .fraction(let range) where range.upperBound == .greatestFiniteMagnitude:
            "a number of at least \(range.lowerBound)"
        case .fraction(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .oneOf(let words): "one of " + words.joined(separator: ", ")
        case .listOf(let words): "a list of " + words.joined(separator: ", ")
        case .listener: "PLAINTEXT://host:port"
        }
    }

    private static func text(_ range: ClosedRange<Int64>) -> String {
        switch range.upperBound {
        case .max, Int64(Int32.max): "a whole number of at least \(range.lowerBound)"
        default: "a whole number from \(range.lowerBound) to \(range.upperBound)"
        }
    }
}
