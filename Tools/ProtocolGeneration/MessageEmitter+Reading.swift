/// The decoder of a structure.
extension MessageEmitter {
    func emitReading(of structure: Structure, to writer: inout SwiftWriter) throws(GrammarError) {
        let compact = compact(in: structure.versions)
        try writer.block(
            "public init(from reader: inout WireReader, version: Int16) throws(ProtocolError)"
        ) { (writer) throws(GrammarError) in
            if compact == "flexible" {
                writer.line("let flexible = \(message).isFlexible(version)")
            }
            for field in structure.fields where field.tag == nil {
                let statement = "\(field.name) = \(readExpression(of: field, in: structure))"
                guard let condition = field.versions.condition(within: structure.versions) else {
                    writer.line(statement)
                    continue
                }
                try writer.block("if \(condition)") { (writer) throws(GrammarError) in
                    writer.line(statement)
                }
            }
            switch compact {
            case "true": try emitTagReading(of: structure, to: &writer)
            case "flexible":
                try writer.block("if flexible") { (writer) throws(GrammarError) in
                    try emitTagReading(of: structure, to: &writer)
                }
            default: break
            }
        }
    }

    private func emitTagReading(
        of structure: Structure, to writer: inout SwiftWriter
    ) throws(GrammarError) {
        let place = "\"\(path(of: structure))\""
        let tagged = structure.fields.filter { $0.tag != nil }
        guard !tagged.isEmpty else {
            writer.line("try reader.skipTaggedFields(\(place))")
            return
        }
        writer.line("var tags = try reader.taggedFields(\(place))")
        try writer.block("while let tag = try tags.next(&reader)") {
            (writer) throws(GrammarError) in
            writer.line("switch tag {")
            for field in tagged {
                let condition = field.versions.condition(within: structure.versions)
                writer.line("case \(field.tag!)\(condition.map { " where \($0)" } ?? ""):")
                writer.line("    \(field.name) = \(readExpression(of: field, in: structure))")
            }
            writer.line("default:")
            writer.line("    tags.skip(&reader)")
            writer.line("}")
        }
    }

    private func path(of structure: Structure) -> String {
        structure.name == message ? message : "\(message).\(structure.name)"
    }

    private func readExpression(of field: Field, in structure: Structure) -> String {
        let place = "\"\(path(of: structure)).\(field.name)\""
        guard let nullableSince = field.nullableSince else {
            return "try " + read(field.type, nullable: false, place: place, field.versions)
        }
        let nullable = read(field.type, nullable: true, place: place, field.versions)
        if nullableSince <= field.versions.first { return "try " + nullable }
        let plain = read(field.type, nullable: false, place: place, field.versions)
        return "\n    version >= \(nullableSince)\n    ? try \(nullable)\n    : try \(plain)"
    }

    private func read(
        _ type: FieldType, nullable: Bool, place: String, _ versions: VersionRange
    ) -> String {
        let compact = compact(in: versions)
        switch type {
        case .structure(let name):
            return nullable
                ? "reader.nullable(\(name).self, version: version, \(place))"
                : "\(name)(from: &reader, version: version)"
        case .primitive(let primitive):
            return "reader.\(method(for: primitive, nullable: nullable, compact: compact, place))"
        case .array(let element):
            let minimum = minimumByteCount(of: element, versions: versions)
            let method = nullable ? "nullableArray" : "array"
            let limits = "compact: \(compact), elementBytes: \(minimum), \(place)"
            switch element {
            case .structure(let name):
                return "reader.\(method)(\n"
                    + "    of: \(name).self, version: version, \(limits))"
            case .primitive(let primitive):
                let call = self.method(for: primitive, nullable: false, compact: compact, place)
                return "reader.\(method)(\(limits)) {\n"
                    + "    (reader: inout WireReader) throws(ProtocolError) in try reader.\(call)\n"
                    + "}"
            case .array: return ""
            }
        }
    }

    private func method(
        for primitive: Primitive, nullable: Bool, compact: String, _ place: String
    ) -> String {
        let name: String
        switch primitive {
        case .uuid: name = "topicID"
        case .error: name = "errorCode"
        case .records: name = messageIsRequest ? "bytes" : "records"
        default: name = primitive.rawValue
        }
        guard primitive.hasLength else { return "\(name)(\(place))" }
        let full = nullable ? "nullable" + name.prefix(1).uppercased() + name.dropFirst() : name
        return "\(full)(compact: \(compact), \(place))"
    }
}
