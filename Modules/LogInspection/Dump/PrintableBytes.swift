/// Shows keys and values: text as it is, other bytes as `\xNN`.
///
/// A backslash becomes `\\`, so that the form can be turned back into the bytes.
enum PrintableBytes {
    /// - Parameter limit: how many bytes are shown; what is left out is counted behind `…`.
    static func text(_ bytes: [UInt8], limit: Int? = nil) -> String {
        let shown = limit.map { min($0, bytes.count) } ?? bytes.count
        var text = ""
        text.reserveCapacity(shown)
        var index = 0
        while index < shown {
            if let scalar = scalar(bytes, at: index, end: shown) {
                append(scalar.value, to: &text)
                index += scalar.count
            } else {
                append(byte: bytes[index], to: &text)
                index += 1
            }
        }
        return shown < bytes.count ? text + "… (\(bytes.count - shown) bytes more)" : text
    }

    private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
        switch scalar {
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case _ where scalar.properties.generalCategory == .control:
            for byte in String(scalar).utf8 { append(byte: byte, to: &text) }
        default: text.unicodeScalars.append(scalar)
        }
    }

    private static func append(byte: UInt8, to text: inout String) {
        let digits = String(byte, radix: 16)
        text += "\\x" + (digits.count < 2 ? "0" : "") + digits
    }

    /// The scalar whose UTF-8 begins at `index`, if it is well formed and ends before `end`.
    private static func scalar(
        _ bytes: [UInt8], at index: Int, end: Int
    ) -> (value: Unicode.Scalar, count: Int)? {
        let first = bytes[index]
        if first < 0x80 { return (Unicode.Scalar(first), 1) }
        var decoder = Unicode.UTF8()
        var iterator = bytes[index..<end].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return (scalar, String(scalar).utf8.count)
    }
}
