/// Reads one line of the grammar, `name: type[?[since]][, versions][, tag n][ = default]`.
struct FieldParser {
    let file: String
    let line: Int
    /// The versions of the structure the field belongs to.
    let enclosing: VersionRange
    let flexibleSince: Int?

    func parse(_ text: Substring, comment: String) throws(GrammarError) -> Field {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmed }
        guard let colon = parts[0].firstIndex(of: ":") else {
            throw error("a field reads 'name: type', found '\(text)'")
        }
        let name = String(parts[0][..<colon].trimmed)
        guard let initial = name.first, initial.isLowercase,
            name.allSatisfy({ $0.isLetter || $0.isNumber })
        else {
            throw error("a field's name is lower camel case, found '\(name)'")
        }
        let (type, nullability) = try parse(
            typeOf: parts[0][parts[0].index(after: colon)...].trimmed)

        var field = Field(
            name: name, type: type, versions: enclosing, nullableSince: nil, tag: nil,
            defaultValue: nil, comment: comment, line: line, declares: nil)
        for part in parts.dropFirst() {
            try parse(attribute: part, into: &field)
        }
        if let nullability {
            field.nullableSince = try parse(nullability: nullability, of: field)
        }
        if halves.count == 2 {
            field.defaultValue = try parse(defaultValue: halves[1].trimmed, of: field)
        }
        return field
    }

    private func parse(
        typeOf text: Substring
    ) throws(GrammarError) -> (FieldType, nullability: Substring?) {
        guard let mark = text.firstIndex(of: "?") else {
            return (try parse(type: text), nil)
        }
        return (try parse(type: text[..<mark]), text[text.index(after: mark)...])
    }

    private func parse(type text: Substring) throws(GrammarError) -> FieldType {
        if text.hasPrefix("[") {
            guard text.hasSuffix("]") else { throw error("'\(text)' lacks its closing bracket") }
            let element = try parse(type: text.dropFirst().dropLast().trimmed)
            if case .array = element { throw error("Kafka knows no arrays of arrays") }
            return .array(element)
        }
        if let primitive = Primitive(rawValue: String(text)) { return .primitive(primitive) }
        guard let initial = text.first, initial.isUppercase,
            text.allSatisfy({ $0.isLetter || $0.isNumber })
        else {
            throw error("unknown type '\(text)'; a structure's name begins with a capital")
        }
        return .structure(String(text))
    }

    private func parse(
        attribute text: Substring, into field: inout Field
    ) throws(GrammarError) {
        if text.hasPrefix("tag ") {
            guard let tag = Int(text.dropFirst(4).trimmed), tag >= 0 else {
                throw error("a tag is a number from 0, found '\(text)'")
            }
            guard let flexibleSince, field.versions.first >= flexibleSince else {
                throw error("'\(field.name)' is tagged in versions that are not flexible")
            }
            field.tag = tag
            return
        }
        guard let range = VersionRange(text) else {
            throw error("'\(text)' is neither versions such as '3+' nor a tag such as 'tag 0'")
        }
        let closed = VersionRange(first: range.first, last: range.last ?? enclosing.last)
        guard closed.first <= closed.last ?? .max, enclosing.contains(closed) else {
            throw error("versions \(text) lie outside those of the enclosing structure")
        }
        field.versions = closed
    }

    private func parse(
        nullability text: Substring, of field: Field
    ) throws(GrammarError) -> Int {
        switch field.type {
        case .primitive(let primitive) where !primitive.hasLength:
            throw error("a \(primitive.rawValue) cannot be null")
        default: break
        }
        if text.isEmpty { return field.versions.first }
        guard let range = VersionRange(text), range.last == nil,
            field.versions.contains(range.first)
        else {
            throw error("'?' is followed by the first version that allows null, such as '?10+'")
        }
        return range.first
    }

    private func parse(
        defaultValue text: Substring, of field: Field
    ) throws(GrammarError) -> DefaultValue {
        switch field.type {
        case .primitive(let primitive) where primitive.isNumber:
            if text == "lowest" { return .lowest }
            if text == "highest" { return .highest }
            if let number = Int(text) { return .number(number) }
        case .primitive(.bool):
            if text == "true" { return .truth }
        case .primitive(let primitive) where primitive.hasLength:
            if text == "empty" { return .empty }
        case .array:
            if text == "empty" { return .empty }
        case .primitive, .structure: break
        }
        throw error("'\(text)' is no default for '\(field.name)'")
    }

    private func error(_ reason: String) -> GrammarError {
        GrammarError(file: file, line: line, reason: reason)
    }
}

extension StringProtocol {
    /// Without the blanks at both ends.
    var trimmed: SubSequence {
        var text = self[...]
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return text
    }
}
