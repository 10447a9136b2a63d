/// Turns the tables of API keys and error codes into Swift, and lists the declared messages.
enum TableEmitter {
    struct Row {
        var number: Int
        var name: String
        var isMarked: Bool
    }

    /// Reads lines of `number name [mark]`.
    static func rows(
        _ text: String, file: String, mark: String? = nil
    ) throws(GrammarError) -> [Row] {
        var rows: [Row] = []
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("//") || line.trimmed.isEmpty { continue }
            let words = line.split(separator: " ").map(String.init)
            let isMarked = words.count == 3 && words[2] == mark
            guard words.count == 2 || isMarked, let number = Int16(words[0]) else {
                throw GrammarError(
                    file: file, line: index + 1,
                    reason: "a row reads 'number name', found '\(line)'"
                )
            }
            if let previous = rows.last, previous.number >= Int(number) {
                throw GrammarError(
                    file: file, line: index + 1, reason: "the rows are sorted by number")
            }
            rows.append(Row(number: Int(number), name: words[1], isMarked: isMarked))
        }
        return rows
    }

    static func apiKeys(
        _ rows: [Row], apis: [Api], file: String
    ) throws(GrammarError) -> String {
        for api in apis {
            guard rows.contains(where: { $0.number == api.key && $0.name == api.name }) else {
                throw GrammarError(
                    file: api.file, line: 0, reason: "\(api.key) \(api.name) is not in \(file)")
            }
        }
        var writer = SwiftWriter()
        writer.line("// Written by protocol-generator from \(file); edit that file instead.")
        writer.line("// swift-format-ignore-file")
        writer.line()
        writer.line(
            "/// The number of a request that Kafka knows, whether this module reads it or not.")
        try writer.block("public enum ApiKey: Int16, Sendable, CaseIterable") {
            (writer) throws(GrammarError) in
            for row in rows {
                writer.line("case \(swiftName(row.name)) = \(row.number)")
            }
        }
        writer.line()
        try writer.block("extension ApiKey: CustomStringConvertible") {
            (writer) throws(GrammarError) in
            writer.line("/// Kafka's name of the request, such as `OffsetForLeaderEpoch`.")
            try writer.block("public var description: String") { (writer) throws(GrammarError) in
                try writer.block("switch self") { (writer) throws(GrammarError) in
                    for row in rows {
                        writer.line("case .\(swiftName(row.name)): \"\(row.name)\"")
                    }
                }
            }
            writer.line()
            writer.line("/// What this module can read and write of the request; `nil`: nothing.")
            try writer.block("public var declaration: MessageDeclaration?") {
                (writer) throws(GrammarError) in
                try writer.block("switch self") { (writer) throws(GrammarError) in
                    for api in apis {
                        let since = api.flexibleSince.map(String.init) ?? "nil"
                        writer.line("case .\(swiftName(api.name)):")
                        writer.line("    MessageDeclaration(")
                        writer.line("        apiKey: self, versions: \(literal(api.versions)),")
                        writer.line(
                            "        advertisedVersions: \(literal(api.advertised)), "
                                + "flexibleSince: \(since))")
                    }
                    writer.line("default: nil")
                }
            }
        }
        return writer.text
    }

    static func errorCodes(_ rows: [Row], file: String) throws(GrammarError) -> String {
        var writer = SwiftWriter()
        writer.line("// Written by protocol-generator from \(file); edit that file instead.")
        writer.line("// swift-format-ignore-file")
        writer.line()
        try writer.block("extension ErrorCode") { (writer) throws(GrammarError) in
            for row in rows {
                let name = camelCased(row.name)
                writer.line("public static let \(name) = ErrorCode(rawValue: \(row.number))")
            }
            writer.line()
            writer.line("/// Kafka's name of the code; `nil` for a code that is not in its table.")
            try writer.block("public var name: String?") { (writer) throws(GrammarError) in
                try writer.block("switch rawValue") { (writer) throws(GrammarError) in
                    for row in rows { writer.line("case \(row.number): \"\(row.name)\"") }
                    writer.line("default: nil")
                }
            }
            writer.line()
            writer.line("/// Whether a client may send the same request again and hope.")
            try writer.block("public var isRetriable: Bool") { (writer) throws(GrammarError) in
                try writer.block("switch rawValue") { (writer) throws(GrammarError) in
                    let marked = rows.filter(\.isMarked).map { String($0.number) }
                    writer.list("case ", marked, ":")
                    writer.line("    true")
                    writer.line("default: false")
                }
            }
        }
        return writer.text
    }

    private static func literal(_ range: VersionRange) -> String {
        "\(range.first)...\(range.last ?? range.first)"
    }

    private static func swiftName(_ name: String) -> String { name.lowercasedInitial }

    /// `UNKNOWN_TOPIC_ID` becomes `unknownTopicID`.
    private static func camelCased(_ name: String) -> String {
        let words = name.split(separator: "_")
        return words.enumerated().map { index, word in
            if index == 0 { return word.lowercased() }
            if word == "ID" { return "ID" }
            return word.prefix(1) + word.dropFirst().lowercased()
        }.joined()
    }
}
