/// Writes values as UTF-8, one behind the other.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append("\(value)")
        case .number(let value): append(value.isFinite ? "\(value)" : "null")
        case .text(let value): write(text: value)
        case .list(let values):
            separated(values, between: "[", "]") { writer, value in writer.write(value) }
        case .object(let members):
            separated(members, between: "{", "}") { writer, member in
                writer.write(text: member.name)
                writer.append(":")
                writer.write(member.value)
            }
        }
    }

    private mutating func separated<Element>(
        _ elements: [Element], between open: String, _ close: String,
        _ body: (inout JSONWriter, Element) -> Void
    ) {
        append(open)
        for (index, element) in elements.enumerated() {
            if index > 0 { append(",") }
            body(&self, element)
        }
        append(close)
    }

    /// Escapes what RFC 8259 demands, and `<`, `>`, `&`, so that the text may stand inside HTML.
    private mutating func write(text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), 0x7F:
                append("\\u00")
                bytes.append(Self.digits[Int(byte >> 4)])
                bytes.append(Self.digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private static let digits = Array("0123456789abcdef".utf8)
}
