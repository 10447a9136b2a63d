/// One API as its grammar file declares it.
package struct Api {
    package var key: Int
    package var name: String
    package var file: String
    package var documentation: String
    package var versions: VersionRange
    /// What a broker names in ApiVersions, where that differs from what can be read.
    package var advertised: VersionRange
    /// The first version with compact lengths and tagged fields (KIP-482).
    package var flexibleSince: Int?
    package var request: Structure
    package var response: Structure
}

/// A request, a response, or a structure within one.
package struct Structure {
    package var name: String
    /// The versions in which it can occur.
    package var versions: VersionRange
    package var fields: [Field]

    /// The structures declared among the fields, at any depth, in the order of the file.
    package var declaredWithin: [Structure] {
        fields.flatMap { field -> [Structure] in
            guard let structure = field.declares else { return [] }
            return [structure] + structure.declaredWithin
        }
    }
}

/// One field of a structure.
package struct Field {
    package var name: String
    package var type: FieldType
    /// Always a finite range within the versions of the structure.
    package var versions: VersionRange
    /// The first version in which it may be absent.
    package var nullableSince: Int?
    package var tag: Int?
    package var defaultValue: DefaultValue?
    package var comment: String
    package var line: Int
    /// The structure whose fields stand indented below this one.
    package var declares: Structure?

    package func isNullable(in version: Int) -> Bool {
        nullableSince.map { version >= $0 } ?? false
    }
}

package enum DefaultValue: Equatable {
    case number(Int)
    case lowest
    case highest
    case truth
    case empty
}

/// The type of a field, without its nullability.
package indirect enum FieldType: Equatable {
    case primitive(Primitive)
    case structure(String)
    case array(FieldType)
}

package enum Primitive: String, CaseIterable {
    case bool, int8, int16, int32, int64, uint16, uint32, float64
    case uuid, error, string, bytes, records

    package var isNumber: Bool {
        switch self {
        case .int8, .int16, .int32, .int64, .uint16, .uint32, .float64: true
        case .bool, .uuid, .error, .string, .bytes, .records: false
        }
    }

    /// Whether its bytes begin with a length, which has a compact and a wide form.
    package var hasLength: Bool { self == .string || self == .bytes || self == .records }

    /// The smallest number of bytes it takes on the wire.
    package func minimumByteCount(flexible: Bool) -> Int {
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
