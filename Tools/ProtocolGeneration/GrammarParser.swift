/// Reads one `.message` file; `docs/protocol-grammar.md` describes the grammar.
package struct GrammarParser {
    private let file: String
    private var lines: ArraySlice<Line>
    private var api: Int?
    private var flexibleSince: Int?

    private struct Line {
        var number: Int
        var depth: Int
        var text: Substring
        var comment: String
    }

    package static func parse(_ text: String, file: String) throws(GrammarError) -> Api {
        var parser = try GrammarParser(text, file: file)
        return try parser.parseApi(documentation: text)
    }

    private init(_ text: String, file: String) throws(GrammarError) {
        self.file = file
        var lines: [Line] = []
        let raw = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in raw.enumerated() {
            let comment = line.startOfComment
            let code = comment.map { line[..<$0] } ?? line
            let trimmed = code.trimmed
            if trimmed.isEmpty { continue }
            let blanks = code.prefix { $0 == " " }.count
            guard blanks % 4 == 0, !trimmed.contains("\t") else {
                throw GrammarError(
                    file: file, line: index + 1, reason: "lines are indented by four blanks each")
            }
            lines.append(
                Line(
                    number: index + 1, depth: blanks / 4, text: trimmed,
                    comment: comment.map { String(line[$0...].dropFirst(2).trimmed) } ?? ""))
        }
        self.lines = lines[...]
    }

    private mutating func parseApi(documentation text: String) throws(GrammarError) -> Api {
        let heading = try parseWords(of: "api", count: 2)
        guard let key = Int(heading[0]), (0...Int(Int16.max)).contains(key) else {
            throw error("an API's key is a number, found '\(heading[0])'")
        }
        let name = String(heading[1])
        let expected =
            "\(String(repeating: "0", count: max(0, 3 - heading[0].count)))\(key)-\(name)"
        guard file.hasSuffix("\(expected).message") else {
            throw error("the file of this API is called '\(expected).message'")
        }
        let versions = try parseVersions(of: "versions")
        guard versions.last != nil else { throw error("the versions of an API have an end") }
        if let line = lines.first, line.text.hasPrefix("flexible") {
            flexibleSince = try parseVersions(of: "flexible").first
        }
        var advertised = versions
        if let line = lines.first, line.text.hasPrefix("advertised") {
            advertised = try parseVersions(of: "advertised")
        }
        let request = try parseMessage("request", name: "\(name)Request", versions: versions)
        let response = try parseMessage("response", name: "\(name)Response", versions: versions)
        if let line = lines.first { throw error("nothing follows the response", at: line) }
        let documentation = text.split(separator: "\n").prefix { $0.hasPrefix("//") }
            .map { $0.dropFirst(2).trimmed }.joined(separator: " ")
        return Api(
            key: key, name: name, file: file, documentation: documentation, versions: versions,
            advertised: advertised, flexibleSince: flexibleSince, request: request,
            response: response)
    }

    private mutating func parseWords(
        of keyword: String, count: Int
    ) throws(GrammarError) -> [Substring] {
        guard let line = lines.first else { throw error("the file ends before '\(keyword)'") }
        let words = line.text.split(separator: " ")
        guard line.depth == 0, words.count == count + 1, words[0] == keyword else {
            throw error("expected '\(keyword)', found '\(line.text)'", at: line)
        }
        lines.removeFirst()
        return Array(words.dropFirst())
    }

    private mutating func parseVersions(of keyword: String) throws(GrammarError) -> VersionRange {
        let line = lines.first
        let words = try parseWords(of: keyword, count: 1)
        guard let range = VersionRange(words[0]) else {
            throw error("'\(words[0])' is not a range such as '3-13' or '9+'", at: line)
        }
        return range
    }

    private mutating func parseMessage(
        _ keyword: String, name: String, versions: VersionRange
    ) throws(GrammarError) -> Structure {
        _ = try parseWords(of: keyword, count: 0)
        var declared: [String: Structure] = [:]
        let fields = try parseFields(depth: 1, versions: versions, declared: &declared)
        return Structure(name: name, versions: versions, fields: fields)
    }

    private mutating func parseFields(
        depth: Int, versions: VersionRange, declared: inout [String: Structure]
    ) throws(GrammarError) -> [Field] {
        var fields: [Field] = []
        while let line = lines.first, line.depth >= depth {
            guard line.depth == depth else {
                throw error("indented too far; only a structure has fields below it", at: line)
            }
            lines.removeFirst()
            let parser = FieldParser(
                file: file, line: line.number, enclosing: versions, flexibleSince: flexibleSince)
            var field = try parser.parse(line.text, comment: line.comment)
            guard !fields.contains(where: { $0.name == field.name }) else {
                throw error("'\(field.name)' is declared twice", at: line)
            }
            if let tag = field.tag, fields.contains(where: { $0.tag == tag }) {
                throw error("tag \(tag) is used twice", at: line)
            }
            if let name = field.type.structureName {
                field.declares = try parseStructure(
                    name, of: field, depth: depth + 1, at: line, declared: &declared)
            }
            fields.append(field)
        }
        return fields
    }

    /// Reads the fields below a field of structure type, if it declares the structure; otherwise
    /// checks that the structure was declared above.
    private mutating func parseStructure(
        _ name: String, of field: Field, depth: Int, at line: Line,
        declared: inout [String: Structure]
    ) throws(GrammarError) -> Structure? {
        guard let next = lines.first, next.depth >= depth else {
            guard let known = declared[name] else {
                throw error("'\(name)' is declared neither here nor above", at: line)
            }
            guard known.versions.contains(field.versions) else {
                throw error("'\(name)' was declared for fewer versions", at: line)
            }
            return nil
        }
        let fields = try parseFields(depth: depth, versions: field.versions, declared: &declared)
        let structure = Structure(name: name, versions: field.versions, fields: fields)
        guard declared.updateValue(structure, forKey: name) == nil else {
            throw error("'\(name)' is declared twice in this message", at: line)
        }
        return structure
    }

    private func error(_ reason: String, at line: Line? = nil) -> GrammarError {
        GrammarError(file: file, line: line?.number ?? lines.first?.number ?? 0, reason: reason)
    }
}

extension FieldType {
    /// The structure that it names, be it alone or in an array.
    package var structureName: String? {
        switch self {
        case .primitive: nil
        case .structure(let name): name
        case .array(let element): element.structureName
        }
    }
}

extension Substring {
    fileprivate var startOfComment: Index? {
        indices.first { self[$0...].hasPrefix("//") }
    }
}
