/// One key and its value as DescribeConfigs reports them.
public struct ConfigurationEntry: Sendable, Hashable {
    /// Where a value comes from, with the numbers of Kafka's DescribeConfigs.
    public enum Source: Int8, Sendable {
        /// In order of precedence: of the topic itself, of this broker and of all brokers while
        /// they run, of what the broker was started with, and the key's own default.
        case topic = 1, dynamicBroker, dynamicDefaultBroker, staticBroker, defaultValue
    }

    /// A place where the value could come from, in order of precedence.
    public struct Synonym: Sendable, Hashable {
        /// The key at that place: for a topic's value perhaps a broker's key.
        public let name: String
        /// As it was written; `nil` is Kafka's null.
        public let value: String?
        /// Which place it is.
        public let source: Source
    }

    /// Its name, type and text.
    public let key: SettingKey
    /// The value in effect; `nil` is Kafka's null. Whoever answers leaves out what `isSensitive`.
    public let value: String?
    /// Where that value comes from.
    public let source: Source
    /// Whether only a new start changes it.
    public let isReadOnly: Bool
    /// Whether it is a password, which no answer may hold.
    public let isSensitive: Bool
    /// The value's own source first.
    public let synonyms: [Synonym]
}
