import KafkaProtocol
import Vocabulary

/// One change that a client wants to a setting of a topic or a broker (KIP-339).
struct SettingChange: Sendable {
    /// With the numbers of the protocol.
    enum Operation: Int8, Sendable {
        case set, delete, append, subtract
    }

    let name: String
    let operation: Operation
    /// `nil` for `.delete` only.
    let value: String?

    /// The setting's value afterwards; `nil` where it is set no more.
    ///
    /// Words are appended to and taken from what is set, or the default where nothing is; as in
    /// Kafka what a broker sets for its topics does not count.
    func result(
        on current: String?, key: SettingKey?
    ) throws(TopicFault) -> String? {
        switch operation {
        case .set: return value.map { SettingKey.trimmed($0) }
        case .delete: return nil
        case .append, .subtract:
            guard let key, key.type == .list else {
                throw TopicFault(.invalidConfig, "\(name) is no list that words go in and out of")
            }
            var words = SettingKey.words(of: current ?? key.defaultValue ?? "")
            for word in SettingKey.words(of: value ?? "") {
                if operation == .subtract {
                    words.removeAll { $0 == word }
                } else if !words.contains(word) {
                    words.append(word)
                }
            }
            return words.joined(separator: ",")
        }
    }
}

/// The changes to one topic or broker.
struct SettingsAlteration: Sendable {
    enum Resource: Hashable, Sendable {
        case topic(String)
        /// `nil`: what holds for all brokers.
        case broker(BrokerID?)
    }

    let resource: Resource
    let changes: [SettingChange]

    /// What the settings that change are afterwards.
    func results(
        on current: [String: String], key: (String) -> SettingKey?
    ) throws(TopicFault) -> [String: String?] {
        var results: [String: String?] = [:]
        for change in changes {
            results.updateValue(
                try change.result(on: current[change.name], key: key(change.name)),
                forKey: change.name)
        }
        return results
    }
}
