/// The declaration of one configuration key: what it is called, what it may be, what it means.
public struct SettingKey: Sendable, Hashable {
    /// The type of a value, with the numbers of Kafka's DescribeConfigs.
    public enum ValueType: Int8, Sendable {
        case boolean = 1, string, int, short, long, double, list, `class`, password
    }

    /// Which values are accepted, beyond those of the type.
    public enum Allowed: Sendable, Hashable {
        case any
        case range(ClosedRange<Int64>)
        case fraction(ClosedRange<Double>)
        /// Exactly one of these words.
        case oneOf([String])
        /// A comma-separated list of these words.
        case listOf([String])
    }

    public let name: String
    public let type: ValueType
    /// The default, written as in a file; `nil` is Kafka's null.
    public let defaultValue: String?
    public let allowed: Allowed
    public let documentation: String
    /// A broker key: whether it may change while the broker runs. Topic keys all may.
    public let isDynamic: Bool
    /// A topic key: the broker key that holds its default. A broker key: `nil`.
    public let brokerTwin: String?

    init(
        _ name: String, _ type: ValueType, _ defaultValue: String?, _ allowed: Allowed = .any,
        isDynamic: Bool = false, brokerTwin: String? = nil, _ documentation: String
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.allowed = allowed
        self.documentation = documentation
        self.isDynamic = isDynamic
        self.brokerTwin = brokerTwin
    }
}
