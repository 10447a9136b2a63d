/// Walks the lines of a small text file and words the complaints about them.
///
/// A line ends at `\n` or `\r\n`, as Java's `BufferedReader` reads it; the last may lack its end.
struct TextLines {
    let path: String
    let remedy: String
    private let bytes: [UInt8]
    private var position = 0
    /// The number of the line last returned, from 1.
    private(set) var number = 0

    init(_ bytes: [UInt8], path: String, remedy: String) {
        self.bytes = bytes
        self.path = path
        self.remedy = remedy
    }

    /// The next line without its end; `nil` after the last.
    mutating func next() -> ArraySlice<UInt8>? {
        number += 1
        guard position < bytes.count else { return nil }
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        var line = bytes[position..<end]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        position = end + 1
        return line
    }

    /// A fault in the line last returned.
    func fault(expected: String, found line: ArraySlice<UInt8>?) -> SideFileError {
        .malformed(
            MalformedFile(
                path: path, place: "line \(number)", expected: expected,
                found: line.map(Self.quoted) ?? "the end of the file", remedy: remedy))
    }

    /// The words of a line: runs without blanks, as Java's `\s+` splits.
    static func words(of line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        line.split { $0 == 0x20 || (0x09...0x0D).contains($0) }
    }

    static func number<Number: FixedWidthInteger>(_ word: ArraySlice<UInt8>) -> Number? {
        // A number of the formats has at most 20 characters: longer words are not even decoded.
        word.count <= 20 ? Number(String(decoding: word, as: UTF8.self)) : nil
    }

    /// Text fit for a message: short, and without control characters.
    static func quoted(_ line: ArraySlice<UInt8>) -> String {
        let shown = line.prefix(60).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        return "`\(String(decoding: shown, as: UTF8.self))\(line.count > 60 ? "…" : "")`"
    }
}
