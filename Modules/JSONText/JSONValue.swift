/// A value of JSON (RFC 8259), built in memory and written as text.
///
/// Members of an object keep the order they were given in, so that output can be compared. Made
/// for what tools print; nothing here reads JSON.
public enum JSONValue: Sendable, Equatable {
    /// What optional numbers become without a value.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// Written with all its digits; readers that know doubles alone round beyond 2^53.
    case integer(Int64)
    /// Written as `null` where it is not finite: JSON has no other word for it.
    case number(Double)
    /// Written with the escapes of RFC 8259, and `<`, `>` and `&` escaped as well, for HTML around
    /// it.
    case text(String)
    /// Written on one line, like everything else.
    case list([JSONValue])
    /// In this order; that no name comes twice is the maker's business.
    case object([JSONMember])

    /// The integer, or `null` for none.
    public static func optional(_ number: (some FixedWidthInteger)?) -> JSONValue {
        number.map { .integer(Int64($0)) } ?? .null
    }
}

/// A name in an object, with its value.
public struct JSONMember: Sendable, Equatable {
    /// Any text; escaped when it is written.
    public var name: String
    /// Any value, `null` included: members are never left out.
    public var value: JSONValue

    public init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .list(elements) }

    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { JSONMember($0.0, $0.1) })
    }
}

extension JSONValue {
    /// The text on one line.
    public var text: String {
        var writer = JSONWriter()
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
