/// Turns one API into a Swift file with its request and its response.
struct MessageEmitter {
    let api: Api
    /// What stands before a structure's name in errors, `FetchRequest.Topic`.
    var message = ""
    /// The structures that the message declares.
    var structures: [String: Structure] = [:]

    static func emit(_ api: Api) throws(GrammarError) -> String {
        var writer = SwiftWriter()
        writer.line("// Written by protocol-generator from \(api.file); edit that file instead.")
        writer.line("// swift-format-ignore-file")
        writer.line()
        writer.line("import NIOCore")
        writer.line("import Vocabulary")
        for (structure, isRequest) in [(api.request, true), (api.response, false)] {
            writer.line()
            var emitter = MessageEmitter(api: api)
            emitter.message = structure.name
            for declared in structure.declaredWithin {
                emitter.structures[declared.name] = declared
            }
            try emitter.emit(message: structure, isRequest: isRequest, to: &writer)
        }
        return writer.text
    }

    private func emit(
        message structure: Structure, isRequest: Bool, to writer: inout SwiftWriter
    ) throws(GrammarError) {
        let first = api.versions.first
        let last = api.versions.last ?? first
        let flexible = api.flexibleSince.map { ", flexible since \($0)" } ?? ""
        if isRequest {
            writer.line("/// \(api.documentation)")
            writer.line("///")
        }
        writer.line(
            "/// The \(isRequest ? "request" : "response") of API \(api.key), versions "
                + "\(first) to \(last)\(flexible).")
        let protocolName = isRequest ? "RequestMessage" : "ResponseMessage"
        try writer.block("public struct \(structure.name): \(protocolName)") {
            (writer) throws(GrammarError) in
            if isRequest {
                writer.line("public typealias Response = \(api.response.name)")
                writer.line()
            }
            writer.line("public static let apiKey = ApiKey.\(api.name.lowercasedInitial)")
            writer.line("public static let versions: ClosedRange<Int16> = \(first)...\(last)")
            writer.line()
            try writer.block("public static func isFlexible(_ version: Int16) -> Bool") {
                (writer) throws(GrammarError) in
                writer.line(api.flexibleSince.map { "version >= \($0)" } ?? "false")
            }
            writer.line()
            try emitMembers(of: structure, to: &writer)
            for declared in structure.declaredWithin {
                writer.line()
                try writer.block("public struct \(declared.name): WireStructure") {
                    (writer) throws(GrammarError) in
                    try emitMembers(of: declared, to: &writer)
                }
            }
        }
    }

    private func emitMembers(
        of structure: Structure, to writer: inout SwiftWriter
    ) throws(GrammarError) {
        for field in structure.fields {
            if let documentation = documentation(of: field, in: structure) {
                writer.line("/// \(documentation)")
            }
            writer.line("public var \(field.name): \(type(of: field)) = \(value(of: field))")
        }
        writer.line()
        writer.list(
            "public init(",
            structure.fields.map { "\($0.name): \(type(of: $0)) = \(value(of: $0))" }, ") {")
        for field in structure.fields {
            writer.line("    self.\(field.name) = \(field.name)")
        }
        writer.line("}")
        writer.line()
        try emitReading(of: structure, to: &writer)
        writer.line()
        try emitWriting(of: structure, to: &writer)
    }

    /// The comment of the grammar as a sentence, and the versions where they are not those of the
    /// enclosing structure.
    private func documentation(of field: Field, in structure: Structure) -> String? {
        var sentences: [String] = []
        if let initial = field.comment.first {
            sentences.append(initial.uppercased() + field.comment.dropFirst() + ".")
        }
        if field.versions != structure.versions {
            let first = field.versions.first
            let last = field.versions.last ?? first
            let from = first > structure.versions.first ? "from version \(first)" : nil
            let to = last < structure.versions.last ?? .max ? "up to version \(last)" : nil
            let range = [from, to].compactMap { $0 }.joined(separator: " ")
            sentences.append(range.prefix(1).uppercased() + range.dropFirst() + ".")
        }
        return sentences.isEmpty ? nil : sentences.joined(separator: " ")
    }
}

extension String {
    var lowercasedInitial: String { prefix(1).lowercased() + dropFirst() }
}
