import Vocabulary

extension BrokerConfiguration {
    /// Every key of the broker with its value, as DescribeConfigs reports them.
    ///
    /// - Parameter nodeID: the number that the node has, whether it was set or found in its data
    ///   folder.
    public func describeBroker(nodeID: BrokerID) -> [ConfigurationEntry] {
        BrokerKeys.all.map { key in
            var synonyms: [ConfigurationEntry.Synonym] = []
            if key.name == "node.id", nodeID.rawValue != self.nodeID {
                synonyms.append(
                    .init(name: key.name, value: "\(nodeID)", source: .staticBroker))
            } else {
                for source in SettingTable.sources {
                    guard let value = settings.value(key.name, from: source) else { continue }
                    synonyms.append(.init(name: key.name, value: value, source: source))
                }
            }
            if let value = key.defaultValue {
                synonyms.append(.init(name: key.name, value: value, source: .defaultValue))
            }
            return ConfigurationEntry(
                key: key, value: synonyms.first?.value,
                source: synonyms.first?.source ?? .defaultValue,
                isReadOnly: !BrokerKeys.dynamicNames.contains(key.name),
                isSensitive: key.type == .password, synonyms: synonyms)
        }
    }

    /// The keys that were set for all brokers while they run.
    func describeAllBrokers() -> [ConfigurationEntry] {
        BrokerKeys.all.compactMap { key in
            guard let value = settings.dynamic.cluster[key.name] else { return nil }
            return ConfigurationEntry(
                key: key, value: value, source: .dynamicDefaultBroker, isReadOnly: false,
                isSensitive: key.type == .password,
                synonyms: [.init(name: key.name, value: value, source: .dynamicDefaultBroker)])
        }
    }

    /// Every key of a topic that sets `overrides` itself, as DescribeConfigs reports them.
    public func describeTopic(overrides: [String: String]) -> [ConfigurationEntry] {
        let reader = TopicSettings(overrides: overrides, broker: settings)
        return TopicKeys.all.map { key in
            var synonyms: [ConfigurationEntry.Synonym] = []
            if let value = overrides[key.name] {
                synonyms.append(.init(name: key.name, value: value, source: .topic))
            }
            for source in SettingTable.sources {
                for twin in key.twins {
                    guard let value = settings.value(twin.name, from: source) else { continue }
                    synonyms.append(.init(name: twin.name, value: value, source: source))
                }
            }
            let defaultName = key.twins.last?.name ?? key.name
            let brokerDefault = key.twins.last.flatMap { BrokerKeys.byName[$0.name]?.defaultValue }
            synonyms.append(
                .init(
                    name: defaultName, value: brokerDefault ?? key.defaultValue,
                    source: .defaultValue))
            return ConfigurationEntry(
                key: key, value: reader.text(key.name),
                source: synonyms.first?.source ?? .defaultValue, isReadOnly: false,
                isSensitive: false, synonyms: synonyms)
        }
    }
}
