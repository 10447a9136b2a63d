import Glibc

/// Reads key-value files in the syntax of `java.util.Properties`, as Kafka's configuration is.
///
/// Lines are `key=value`, `key: value` or `key value`; `#` and `!` begin comments; a backslash at
/// the end joins lines; `\t \n \r \f \\ \uXXXX` and escaped separators are understood. Text is
/// UTF-8 (Java reads Latin-1: plain ASCII is the same in both). Of a repeated key the last wins.
enum PropertiesFile {
    struct Entry: Equatable, Sendable {
        let key: String
        let value: String
        /// The line the entry begins on, from 1.
        let line: Int
    }

    /// A configuration file beyond this size is a mistake.
    static let maxBytes = 1 << 20

    static func read(path: String) throws(ConfigurationError) -> [Entry] {
        guard let file = fopen(path, "re") else {
            throw .unreadableFile(path: path, code: errno)
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: maxBytes + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw .unreadableFile(path: path, code: errno) }
        guard count <= maxBytes else {
            throw .badFile(path: path, line: 1, reason: "it is larger than \(maxBytes) bytes")
        }
        return try parse(bytes[..<count], path: path)
    }

    static func parse(
        _ bytes: some Collection<UInt8>, path: String
    ) throws(ConfigurationError) -> [Entry] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .badFile(path: path, line: 1, reason: "it is not UTF-8 text")
        }
        var entries: [Entry] = []
        for (line, content) in logicalLines(of: text) {
            let entry = try entry(content, line: line, path: path)
            entries.removeAll { $0.key == entry.key }
            entries.append(entry)
        }
        return entries
    }

    /// Lines without comments and leading blanks, continued ones joined, with their numbers.
    private static func logicalLines(of text: String) -> [(Int, String)] {
        var lines: [(Int, String)] = []
        var open: (Int, String)?
        var number = 0
        for raw in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            let content = raw.drop { $0 == " " || $0 == "\t" || $0 == "\u{0C}" }
            if open == nil, content.isEmpty || content.first == "#" || content.first == "!" {
                continue
            }
            let joined = (open?.1 ?? "") + content
            let start = open?.0 ?? number
            let backslashes = content.reversed().prefix { $0 == "\\" }.count
            if backslashes % 2 == 1 {
                open = (start, String(joined.dropLast()))
            } else {
                lines.append((start, joined))
                open = nil
            }
        }
        if let open { lines.append(open) }
        return lines
    }

    private static func entry(
        _ content: String, line: Int, path: String
    ) throws(ConfigurationError) -> Entry {
        var end = content.startIndex
        while end < content.endIndex, !isSeparator(content[end]) {
            let isEscape = content[end] == "\\"
            end = content.index(after: end)
            if isEscape, end < content.endIndex { end = content.index(after: end) }
        }
        var value = content[end...].drop(while: isBlank)
        if let first = value.first, first == "=" || first == ":" {
            value = value.dropFirst().drop(while: isBlank)
        }
        return Entry(
            key: try unescaped(content[..<end], line: line, path: path),
            value: try unescaped(value, line: line, path: path), line: line)
    }

    private static func isBlank(_ character: Character) -> Bool {
        character == " " || character == "\t" || character == "\u{0C}"
    }

    private static func isSeparator(_ character: Character) -> Bool {
        character == "=" || character == ":" || isBlank(character)
    }

    private static func unescaped(
        _ text: Substring, line: Int, path: String
    ) throws(ConfigurationError) -> String {
        var result = ""
        var rest = text
        while let character = rest.popFirst() {
            guard character == "\\" else {
                result.append(character)
                continue
            }
            guard let escape = rest.popFirst() else { break }
            switch escape {
            case "t": result.append("\t")
            case "n": result.append("\n")
            case "r": result.append("\r")
            case "f": result.append("\u{0C}")
            case "u":
                guard rest.count >= 4, let code = UInt32(rest.prefix(4), radix: 16),
                    let scalar = Unicode.Scalar(code)
                else {
                    throw .badFile(
                        path: path, line: line,
                        reason: "\\u is followed by the four hexadecimal digits of a character")
                }
                result.unicodeScalars.append(scalar)
                rest = rest.dropFirst(4)
            default: result.append(escape)
            }
        }
        return result
    }
}
