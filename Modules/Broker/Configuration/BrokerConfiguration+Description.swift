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
            } else if let setting = settings.settings[key.name] {
                synonyms.append(.init(name: key.name, value: setting.value, source: .staticBroker))
            }
            if let value = key.defaultValue {
                synonyms.append(.init(name: key.name, value: value, source: .defaultValue))
            }
            return ConfigurationEntry(
                key: key, value: synonyms.first?.value,
                source: synonyms.first?.source ?? .defaultValue,
                // Nothing of a broker changes while it runs, in this version.
                isReadOnly: true, isSensitive: key.type == .password, synonyms: synonyms)
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
            for twin in key.twins {
                guard let setting = settings.settings[twin.name] else { continue }
                synonyms.append(
                    .init(name: twin.name, value: setting.value, source: .staticBroker))
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
