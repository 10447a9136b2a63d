/// Where a value was set, in words that lead back to the place.
public enum SettingOrigin: Sendable, Hashable {
    case flag(String)
    case set
    case environment(String)
    case file(path: String, line: Int)
}

/// The values that were set, by key name.
struct SettingTable: Sendable, Hashable {
    struct Setting: Sendable, Hashable {
        let value: String
        let origin: SettingOrigin
    }

    var settings: [String: Setting] = [:]
}
