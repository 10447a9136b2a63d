/// A properties file as `java.util.Properties` reads it, with the order of its keys and the
/// comments at its head kept, so that an unchanged file is written as it was.
///
/// Characters outside printable ASCII are written as `\uXXXX`, which every reader understands.
package struct JavaProperties: Sendable, Hashable {
    /// The comment lines before the first property, with their `#` or `!`.
    var comments: [String] = []
    package private(set) var entries: [Entry] = []

    package struct Entry: Sendable, Hashable {
        package var key: String
        package var value: String
    }

    init() {}

    subscript(key: String) -> String? {
        get { entries.last { $0.key == key }?.value }
        set {
            if let index = entries.firstIndex(where: { $0.key == key }) {
                if let newValue {
                    entries[index].value = newValue
                } else {
                    entries.remove(at: index)
                }
            } else if let newValue {
                entries.append(Entry(key: key, value: newValue))
            }
        }
    }

    var encoded: [UInt8] {
        var text = ""
        for comment in comments { text += comment + "\n" }
        for entry in entries {
            text += Self.escaped(entry.key, isKey: true) + "="
            text += Self.escaped(entry.value, isKey: false) + "\n"
        }
        return Array(text.utf8)
    }

    private static func escaped(_ text: String, isKey: Bool) -> String {
        var result = ""
        for (index, unit) in text.utf16.enumerated() {
            switch unit {
            case 0x20: result += isKey || index == 0 ? "\\ " : " "
            case 0x09: result += "\\t"
            case 0x0A: result += "\\n"
            case 0x0C: result += "\\f"
            case 0x0D: result += "\\r"
            case 0x5C, 0x3D, 0x3A, 0x23, 0x21:  // \ = : # !
                result += "\\" + String(Character(Unicode.Scalar(UInt8(unit))))
            case 0x21...0x7E: result += String(Character(Unicode.Scalar(UInt8(unit))))
            default:
                let digits = String(unit, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result
    }
}
