/// Where a value was set, in words that lead back to the place.
public enum SettingOrigin: Sendable, Hashable {
    /// A flag of the command, such as `--port`.
    case flag(String)
    /// `--set key=value`.
    case set
    /// An environment variable.
    case environment(String)
    /// A line of the configuration file, counted from 1.
    case file(path: String, line: Int)
}

extension SettingOrigin: CustomStringConvertible {
    public var description: String {
        switch self {
        case .flag(let name): "the flag \(name)"
        case .set: "--set"
        case .environment(let name): "the environment variable \(name)"
        case .file(let path, let line): "\(path):\(line)"
        }
    }
}

/// The values of a broker that were set, by key name; the first source that sets a key wins.
struct SettingTable: Sendable, Hashable {
    struct Setting: Sendable, Hashable {
        let value: String
        let origin: SettingOrigin
    }

    /// What the broker was started with.
    private(set) var settings: [String: Setting] = [:]
    /// What was set since.
    var dynamic = DynamicSettings()
    /// Keys that were set and do not exist, in the order found.
    private var unknown: [ConfigurationError.UnknownKey] = []
    private var bad: [ConfigurationError.BadValue] = []

    /// Sets `name` unless a source of higher rank has set it. Also the values that lose are
    /// checked: they are mistakes too.
    mutating func offer(_ name: String, _ value: String, from origin: SettingOrigin) {
        let value = SettingKey.trimmed(value)
        guard let key = BrokerKeys.byName[name] else {
            unknown.append(
                .init(
                    name: name, origin: origin, nearest: Nearest.name(to: name, in: BrokerKeys.all))
            )
            return
        }
        if let allowed = key.problem(with: value) {
            bad.append(.init(key: name, value: value, origin: origin, allowed: allowed))
            return
        }
        if settings[name] == nil {
            settings[name] = Setting(value: value, origin: origin)
        }
    }

    /// Throws all unknown keys that were offered, or else all values that are not allowed.
    func check() throws(ConfigurationError) {
        guard unknown.isEmpty else { throw .unknownKeys(unknown) }
        guard bad.isEmpty else { throw .badValues(bad) }
    }

    /// Where values are set, of the highest rank first.
    static let sources: [ConfigurationEntry.Source] = [
        .dynamicBroker, .dynamicDefaultBroker, .staticBroker,
    ]

    /// The value that one source sets.
    func value(_ name: String, from source: ConfigurationEntry.Source) -> String? {
        switch source {
        case .dynamicBroker: dynamic.broker[name]
        case .dynamicDefaultBroker: dynamic.cluster[name]
        case .staticBroker: settings[name]?.value
        case .topic, .defaultValue: nil
        }
    }

    /// The value in effect, the default if none was set.
    func text(_ name: String) -> String? {
        for source in Self.sources {
            if let value = value(name, from: source) { return value }
        }
        return BrokerKeys.byName[name]?.defaultValue
    }

    func number(_ name: String) -> Int64? { text(name).flatMap { Int64($0) } }

    /// A number of a key that has a default.
    func int(_ name: String) -> Int {
        guard let number = number(name) else {
            preconditionFailure("\(name) is a number with a default")
        }
        return Int(number)
    }

    /// A number with a point of a key that has a default.
    func fraction(_ name: String) -> Double {
        guard let number = text(name).flatMap(Double.init) else {
            preconditionFailure("\(name) is a number with a default")
        }
        return number
    }

    func flag(_ name: String) -> Bool { text(name).flatMap(SettingKey.boolean) ?? false }

    func word<Word: RawRepresentable<String>>(_ name: String, as type: Word.Type) -> Word {
        guard let word = text(name).flatMap(Word.init(rawValue:)) else {
            preconditionFailure("\(name) is one of its words: it was checked when it was set")
        }
        return word
    }
}
