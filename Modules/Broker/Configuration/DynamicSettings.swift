/// What was set while the broker runs, checked: of higher rank than all it was started with
/// (KIP-226).
public struct DynamicSettings: Sendable, Hashable {
    /// Of this broker.
    public internal(set) var broker: [String: String]
    /// Of all brokers that have none of their own.
    public internal(set) var cluster: [String: String]

    /// Nothing is set.
    public init() {
        broker = [:]
        cluster = [:]
    }

    /// Takes over what a cluster remembers; gives the names of what this version does not take up.
    init(
        broker: [String: String], cluster: [String: String], refused: inout [String]
    ) {
        self.init()
        for (name, value) in broker {
            if Self.problem(name, value) == nil {
                self.broker[name] = value
            } else {
                refused.append(name)
            }
        }
        for (name, value) in cluster {
            if Self.problem(name, value) == nil {
                self.cluster[name] = value
            } else {
                refused.append(name)
            }
        }
    }

    /// What keeps a broker from taking a value up while it runs; `nil` if nothing does.
    static func problem(_ name: String, _ value: String) -> String? {
        guard let key = BrokerKeys.byName[name] else {
            let hint = Nearest.name(to: name, in: BrokerKeys.all).map { "; did you mean \($0)?" }
            return "a broker has no key \(name)\(hint ?? "")"
        }
        guard BrokerKeys.dynamicNames.contains(name) else {
            return "\(name) cannot be changed while the broker runs"
        }
        return key.problem(with: SettingKey.trimmed(value)).map {
            "\(name) = \(value) is not allowed; expected \($0)"
        }
    }
}

extension BrokerKeys {
    /// The keys that may change while the broker runs: those that topics take their defaults from,
    /// and a few others (Kafka's `DynamicBrokerConfig.AllDynamicConfigs`, as far as they exist
    /// here).
    static let dynamicNames: Set<String> = Set(
        TopicKeys.all.flatMap(\.twins).map(\.name) + ["producer.id.expiration.ms"])
}

extension BrokerConfiguration {
    /// The same settings with others on top that were set while the broker runs.
    func with(_ dynamic: DynamicSettings) -> BrokerConfiguration {
        var changed = self
        changed.settings.dynamic = dynamic
        changed.topicDefaults = TopicConfiguration(checked: [:], broker: changed.settings)
        changed.producerIDExpirationMilliseconds = Int64(
            changed.settings.int("producer.id.expiration.ms"))
        return changed
    }
}
