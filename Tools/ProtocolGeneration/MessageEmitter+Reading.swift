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
                guard let condition = field.versions.condition(within: structure.versions) else {
                    try emitReading(of: field, in: structure, to: &writer)
                    continue
                }
                try writer.block("if \(condition)") { (writer) throws(GrammarError) in
                    try emitReading(of: field, in: structure, to: &writer)
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
                try writer.indented { (writer) throws(GrammarError) in
                    try emitReading(of: field, in: structure, to: &writer)
                }
            }
            writer.line("default:")
            writer.line("    tags.skip(&reader)")
            writer.line("}")
        }
    }

    private func path(of structure: Structure) -> String {
        structure.name == message ? message : "\(message).\(structure.name)"
    }

    private func emitReading(
        of field: Field, in structure: Structure, to writer: inout SwiftWriter
    ) throws(GrammarError) {
        let place = "\"\(path(of: structure)).\(field.name)\""
        let plain = read(field.type, nullable: false, place: place, field.versions)
        guard let nullableSince = field.nullableSince else {
            return writer.line("\(field.name) = try \(plain)")
        }
        let nullable = read(field.type, nullable: true, place: place, field.versions)
        if nullableSince <= field.versions.first {
            return writer.line("\(field.name) = try \(nullable)")
        }
        try writer.branch("version >= \(nullableSince)") { (writer) throws(GrammarError) in
            writer.line("\(field.name) = try \(nullable)")
        } else: { (writer) throws(GrammarError) in
            writer.line("\(field.name) = try \(plain)")
        }
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
            switch element {
            case .structure(let name):
                return "reader.\(method)(\n"
                    + "    of: \(name).self, version: version, compact: \(compact),\n"
                    + "    elementBytes: \(minimum), \(place))"
            case .primitive(let primitive):
                let call = self.method(for: primitive, nullable: false, compact: compact, place)
                return "reader.\(method)(\n"
                    + "    compact: \(compact), elementBytes: \(minimum),\n    \(place)\n) {\n"
                    + "    (reader: inout WireReader) throws(ProtocolError) in\n"
                    + "    try reader.\(call)\n"
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
