/// One key and its value as DescribeConfigs reports them.
public struct ConfigurationEntry: Sendable, Hashable {
    /// Where a value comes from, with the numbers of Kafka's DescribeConfigs.
    public enum Source: Int8, Sendable {
        case topic = 1, dynamicBroker, dynamicDefaultBroker, staticBroker, defaultValue
    }

    /// A place where the value could come from, in order of precedence.
    public struct Synonym: Sendable, Hashable {
        public let name: String
        public let value: String?
        public let source: Source
    }

    public let key: SettingKey
    public let value: String?
    public let source: Source
    public let isReadOnly: Bool
    public let isSensitive: Bool
    /// The value's own source first.
    public let synonyms: [Synonym]
}
