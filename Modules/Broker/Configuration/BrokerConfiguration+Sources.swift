extension BrokerConfiguration {
    /// Variables of the environment that begin so are settings.
    static let environmentPrefix = "MILLRACE_"
    /// Except these, which steer the tests.
    static let testPrefix = "MILLRACE_TEST_"

    /// Collects the settings of a broker from where people put them, first come first served.
    ///
    /// - Parameters:
    ///   - flags: Keys that have a flag of their own, with the flag's name.
    ///   - assignments: The `key=value` of `--set`; of a repeated key the last one wins.
    ///   - environment: All variables; those named `MILLRACE_…` count.
    ///   - file: The path of a properties file.
    /// - Throws: Everything that is wrong at once, as far as it can be told.
    public static func load(
        flags: [(flag: String, key: String, value: String)] = [], assignments: [String] = [],
        environment: [String: String] = [:], file: String? = nil
    ) throws(ConfigurationError) -> BrokerConfiguration {
        var table = SettingTable()
        for flag in flags {
            table.offer(flag.key, flag.value, from: .flag(flag.flag))
        }
        for assignment in assignments.reversed() {
            guard let separator = assignment.firstIndex(of: "="),
                separator != assignment.startIndex
            else { throw .notAnAssignment(assignment) }
            table.offer(
                SettingKey.trimmed(assignment[..<separator]),
                String(assignment[assignment.index(after: separator)...]), from: .set)
        }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            guard name.hasPrefix(environmentPrefix), !name.hasPrefix(testPrefix) else { continue }
            table.offer(key(ofVariable: name), value, from: .environment(name))
        }
        if let file {
            for entry in try PropertiesFile.read(path: file) {
                table.offer(entry.key, entry.value, from: .file(path: file, line: entry.line))
            }
        }
        return try BrokerConfiguration(table)
    }

    /// `MILLRACE_LOG_DIRS` is `log.dirs`.
    private static func key(ofVariable name: String) -> String {
        String(name.dropFirst(environmentPrefix.count).lowercased().map { $0 == "_" ? "." : $0 })
    }
}
