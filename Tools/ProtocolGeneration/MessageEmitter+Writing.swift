/// The encoder of a structure.
extension MessageEmitter {
    func emitWriting(of structure: Structure, to writer: inout SwiftWriter) throws(GrammarError) {
        let compact = compact(in: structure.versions)
        try writer.block("public func write(to writer: inout WireWriter, version: Int16)") {
            (writer) throws(GrammarError) in
            if compact == "flexible" {
                writer.line("let flexible = \(message).isFlexible(version)")
            }
            for field in structure.fields where field.tag == nil {
                guard let condition = field.versions.condition(within: structure.versions) else {
                    try emitWriting(of: field, to: &writer)
                    continue
                }
                try writer.block("if \(condition)") { (writer) throws(GrammarError) in
                    try emitWriting(of: field, to: &writer)
                }
            }
            switch compact {
            case "true": try emitTagWriting(of: structure, to: &writer)
            case "flexible":
                try writer.block("if flexible") { (writer) throws(GrammarError) in
                    try emitTagWriting(of: structure, to: &writer)
                }
            default: break
            }
        }
    }

    private func emitWriting(
        of field: Field, to writer: inout SwiftWriter
    ) throws(GrammarError) {
        guard let nullableSince = field.nullableSince else {
            return try emitWriting(field.type, field.name, false, field.versions, to: &writer)
        }
        if nullableSince <= field.versions.first {
            return try emitWriting(field.type, field.name, true, field.versions, to: &writer)
        }
        let empty = "(\(field.name) ?? \(emptyValue(of: field.type)))"
        try writer.branch("version >= \(nullableSince)") { (writer) throws(GrammarError) in
            try emitWriting(field.type, field.name, true, field.versions, to: &writer)
        } else: { (writer) throws(GrammarError) in
            try emitWriting(field.type, empty, false, field.versions, to: &writer)
        }
    }

    private func emptyValue(of type: FieldType) -> String {
        switch type {
        case .array: "[]"
        case .structure(let name): "\(name)()"
        case .primitive(.string): "\"\""
        case .primitive(.records) where !messageIsRequest: ".empty"
        case .primitive: "ByteBuffer()"
        }
    }

    private func emitWriting(
        _ type: FieldType, _ value: String, _ nullable: Bool, _ versions: VersionRange,
        to writer: inout SwiftWriter
    ) throws(GrammarError) {
        let compact = compact(in: versions)
        switch type {
        case .structure:
            writer.line(
                nullable
                    ? "writer.nullable(\(value), version: version)"
                    : "\(value).write(to: &writer, version: version)")
        case .primitive(let primitive):
            writer.line("writer.\(method(for: primitive))(\(value)\(lengths(primitive, compact)))")
        case .array(.structure):
            writer.line("writer.array(\(value), version: version, compact: \(compact))")
        case .array(.primitive(let primitive)):
            let lengths = lengths(primitive, compact)
            try writer.block("writer.array(\(value), compact: \(compact))") {
                (writer) throws(GrammarError) in
                writer.line("$0.\(method(for: primitive))($1\(lengths))")
            }
        case .array: break
        }
    }

    private func lengths(_ primitive: Primitive, _ compact: String) -> String {
        primitive.hasLength ? ", compact: \(compact)" : ""
    }

    private func method(for primitive: Primitive) -> String {
        switch primitive {
        case .uuid: "topicID"
        case .error: "errorCode"
        case .records: messageIsRequest ? "bytes" : "records"
        default: primitive.rawValue
        }
    }

    /// Tagged fields are written only when they differ from their default (KIP-482).
    private func emitTagWriting(
        of structure: Structure, to writer: inout SwiftWriter
    ) throws(GrammarError) {
        let tagged = structure.fields.filter { $0.tag != nil }
            .sorted { $0.tag ?? 0 < $1.tag ?? 0 }
        guard !tagged.isEmpty else {
            writer.line("writer.noTaggedFields()")
            return
        }
        writer.line("var tagCount: UInt32 = 0")
        for field in tagged {
            writer.line("if \(presence(of: field, in: structure)) { tagCount += 1 }")
        }
        writer.line("writer.unsignedVarint(tagCount)")
        for field in tagged {
            try writer.block("if \(presence(of: field, in: structure))") {
                (writer) throws(GrammarError) in
                writer.line("let start = writer.beginTaggedField(\(field.tag!))")
                try emitWriting(of: field, to: &writer)
                writer.line("writer.endTaggedField(from: start)")
            }
        }
    }

    private func presence(of field: Field, in structure: Structure) -> String {
        let condition: String
        if field.nullableSince == nil, case .array = field.type {
            condition = "!\(field.name).isEmpty"
        } else if value(of: field) == "false" {
            condition = field.name
        } else {
            condition = "\(field.name) != \(value(of: field))"
        }
        let versions = field.versions.condition(within: structure.versions)
        return [versions, condition].compactMap { $0 }.joined(separator: ", ")
    }
}
