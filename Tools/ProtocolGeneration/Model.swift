/// One API as its grammar file declares it.
struct Api {
    var key: Int
    var name: String
    var file: String
    var documentation: String
    var versions: VersionRange
    /// What a broker names in ApiVersions, where that differs from what can be read.
    var advertised: VersionRange
    /// The first version with compact lengths and tagged fields (KIP-482).
    var flexibleSince: Int?
    var request: Structure
    var response: Structure
}

/// A request, a response, or a structure within one.
struct Structure {
    var name: String
    /// The versions in which it can occur.
    var versions: VersionRange
    var fields: [Field]

    /// The structures declared among the fields, at any depth, in the order of the file.
    var declaredWithin: [Structure] {
        fields.flatMap { field -> [Structure] in
            guard let structure = field.declares else { return [] }
            return [structure] + structure.declaredWithin
        }
    }
}

/// One field of a structure.
struct Field {
    var name: String
    var type: FieldType
    /// Always a finite range within the versions of the structure.
    var versions: VersionRange
    /// The first version in which it may be absent.
    var nullableSince: Int?
    var tag: Int?
    var defaultValue: DefaultValue?
    var comment: String
    var line: Int
    /// The structure whose fields stand indented below this one.
    var declares: Structure?

    func isNullable(in version: Int) -> Bool {
        nullableSince.map { version >= $0 } ?? false
    }
}

enum DefaultValue: Equatable {
    case number(Int)
    case lowest
    case highest
    case truth
    case empty
}

/// The type of a field, without its nullability.
indirect enum FieldType: Equatable {
    case primitive(Primitive)
    case structure(String)
    case array(FieldType)
}

enum Primitive: String, CaseIterable {
    case bool, int8, int16, int32, int64, uint16, uint32, float64
    case uuid, error, string, bytes, records

    var isNumber: Bool {
        switch self {
        case .int8, .int16, .int32, .int64, .uint16, .uint32, .float64: true
        case .bool, .uuid, .error, .string, .bytes, .records: false
        }
    }

    /// Whether its bytes begin with a length, which has a compact and a wide form.
    var hasLength: Bool { self == .string || self == .bytes || self == .records }

    /// The smallest number of bytes it takes on the wire.
    func minimumByteCount(flexible: Bool) -> Int {
        switch self {
        case .bool, .int8: 1
        case .int16, .uint16, .error: 2
        case .int32, .uint32: 4
        case .int64, .float64: 8
        case .uuid: 16
        case .string: flexible ? 1 : 2
        case .bytes, .records: flexible ? 1 : 4
        }
    }
}
