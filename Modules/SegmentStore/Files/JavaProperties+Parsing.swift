extension JavaProperties {
    /// Reads Java's grammar: comments, continued lines, `=`, `:` or a blank between key and value,
    /// backslash escapes, Latin-1.
    ///
    /// - Throws: `.malformed` for a broken `\u` escape, the only text that Java refuses.
    package init(parsing bytes: [UInt8], path: String) throws(SideFileError) {
        var lines = TextLines(
            bytes, path: path, remedy: "correct the line or restore the file from a backup")
        while let natural = lines.next() {
            let start = natural.drop(while: Self.isBlank)
            guard let first = start.first else { continue }
            if first == UInt8(ascii: "#") || first == UInt8(ascii: "!") {
                if entries.isEmpty { comments.append(Self.latin(natural)) }
                continue
            }
            var logical = start
            while Self.isContinued(logical) {
                logical.removeLast()
                guard let more = lines.next() else { break }
                logical = ArraySlice(Array(logical) + more.drop(while: Self.isBlank))
            }
            let (key, value) = Self.split(logical)
            guard let key = Self.unescaped(key), let value = Self.unescaped(value) else {
                throw lines.fault(expected: "four hexadecimal digits after \\u", found: logical)
            }
            self[key] = value
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0C
    }

    /// A line goes on in the next one when it ends in an odd number of backslashes.
    private static func isContinued(_ line: ArraySlice<UInt8>) -> Bool {
        var count = 0
        for byte in line.reversed() {
            guard byte == UInt8(ascii: "\\") else { break }
            count += 1
        }
        return count % 2 == 1
    }

    private static func split(
        _ line: ArraySlice<UInt8>
    ) -> (key: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        var end = line.startIndex
        var isEscaped = false
        while end < line.endIndex {
            let byte = line[end]
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if isSeparator(byte) || isBlank(byte) {
                break
            }
            end += 1
        }
        var value = line[end...].drop(while: isBlank)
        if let first = value.first, isSeparator(first) {
            value = value.dropFirst().drop(while: isBlank)
        }
        return (line[..<end], value)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":")
    }

    private static func latin(_ bytes: ArraySlice<UInt8>) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String? {
        var units: [UInt16] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < bytes.endIndex else {
                if byte != UInt8(ascii: "\\") { units.append(UInt16(byte)) }
                continue
            }
            let escape = bytes[index]
            index += 1
            switch escape {
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "u"):
                let digits = bytes[index...].prefix(4)
                guard digits.count == 4, digits.allSatisfy({ isHexadecimal($0) }),
                    let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
                else { return nil }
                units.append(unit)
                index += 4
            default: units.append(UInt16(escape))
            }
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
