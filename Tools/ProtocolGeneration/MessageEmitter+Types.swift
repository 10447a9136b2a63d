/// What a field is called in Swift: its type, its default, and the bytes it takes at least.
extension MessageEmitter {
    var messageIsRequest: Bool { message == api.request.name }

    func type(of field: Field) -> String {
        type(of: field.type) + (field.nullableSince == nil ? "" : "?")
    }

    private func type(of type: FieldType) -> String {
        switch type {
        case .array(let element): "[\(self.type(of: element))]"
        case .structure(let name): name
        case .primitive(let primitive):
            switch primitive {
            case .bool: "Bool"
            case .int8: "Int8"
            case .int16: "Int16"
            case .int32: "Int32"
            case .int64: "Int64"
            case .uint16: "UInt16"
            case .uint32: "UInt32"
            case .float64: "Double"
            case .uuid: "TopicID"
            case .error: "ErrorCode"
            case .string: "String"
            case .bytes: "ByteBuffer"
            // A response may refer to file regions that are spliced in when it is sent.
            case .records: messageIsRequest ? "ByteBuffer" : "RecordsPayload"
            }
        }
    }

    func value(of field: Field) -> String {
        if field.nullableSince != nil, field.defaultValue == nil { return "nil" }
        switch field.defaultValue {
        case .number(let number): return String(number)
        case .lowest: return ".min"
        case .highest: return ".max"
        case .truth: return "true"
        case .empty, nil: break
        }
        switch field.type {
        case .array: return "[]"
        case .structure(let name): return "\(name)()"
        case .primitive(let primitive):
            switch primitive {
            case .bool: return "false"
            case .string: return "\"\""
            case .uuid: return ".zero"
            case .error: return ".none"
            case .bytes: return "ByteBuffer()"
            case .records: return messageIsRequest ? "ByteBuffer()" : ".empty"
            default: return "0"
            }
        }
    }

    /// The Swift expression for "this version has compact lengths", given the versions in which
    /// the field occurs.
    func compact(in versions: VersionRange) -> String {
        guard let since = api.flexibleSince else { return "false" }
        if versions.first >= since { return "true" }
        if versions.last ?? .max < since { return "false" }
        return "flexible"
    }

    /// The fewest bytes that one element of an array takes in any version in which the array
    /// occurs: a longer count than the bytes allow is refused before anything is allocated.
    func minimumByteCount(of type: FieldType, versions: VersionRange) -> Int {
        let last = versions.last ?? versions.first
        return (versions.first...last).map { minimumByteCount(of: type, version: $0) }.min() ?? 1
    }

    private func minimumByteCount(of type: FieldType, version: Int) -> Int {
        let flexible = api.flexibleSince.map { version >= $0 } ?? false
        switch type {
        case .primitive(let primitive): return primitive.minimumByteCount(flexible: flexible)
        case .array: return flexible ? 1 : 4
        case .structure(let name):
            let fields = structures[name]?.fields ?? []
            let sum = fields.reduce(flexible ? 1 : 0) { sum, field in
                guard field.tag == nil, field.versions.contains(version) else { return sum }
                if case .structure = field.type, field.isNullable(in: version) { return sum + 1 }
                return sum + minimumByteCount(of: field.type, version: version)
            }
            return max(1, sum)
        }
    }
}
