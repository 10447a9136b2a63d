/// A file of the message grammar, or one of the Swift files made from it.
public struct SourceFile: Equatable, Sendable {
    /// Without folders.
    public var name: String
    public var text: String

    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// Turns the files of a `Messages` folder into those of a `Generated` folder.
///
/// Files end in `.message` (one API each) or are one of the two tables, `api-keys.table` and
/// `error-codes.table`. Throws the first mistake found, with its file and line.
public func generate(from sources: [SourceFile]) throws(GrammarError) -> [SourceFile] {
    var apis: [Api] = []
    for source in sources.sorted(by: { $0.name < $1.name }) where source.name.hasSuffix(".message")
    {
        let api = try GrammarParser.parse(source.text, file: source.name)
        if let other = apis.first(where: { $0.key == api.key }) {
            throw GrammarError(
                file: source.name, line: 0, reason: "API \(api.key) is declared in \(other.file)")
        }
        apis.append(api)
    }
    apis.sort { $0.key < $1.key }

    var results: [SourceFile] = []
    for api in apis {
        let stem = api.file.dropLast(".message".count)
        results.append(SourceFile(name: "\(stem).swift", text: try MessageEmitter.emit(api)))
    }
    let keys = "api-keys.table"
    let keyRows = try TableEmitter.rows(try text(of: keys, in: sources), file: keys)
    results.append(
        SourceFile(
            name: "ApiKey.swift", text: try TableEmitter.apiKeys(keyRows, apis: apis, file: keys)))
    let codes = "error-codes.table"
    let codeRows = try TableEmitter.rows(
        try text(of: codes, in: sources), file: codes, mark: "retriable")
    results.append(
        SourceFile(
            name: "ErrorCode+Table.swift",
            text: try TableEmitter.errorCodes(codeRows, file: codes)))
    return results
}

private func text(of name: String, in sources: [SourceFile]) throws(GrammarError) -> String {
    guard let source = sources.first(where: { $0.name == name }) else {
        throw GrammarError(file: name, line: 0, reason: "the file is missing")
    }
    return source.text
}
