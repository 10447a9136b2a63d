import TestData

/// Journal files that this program did not write.
enum JournalExample {
    /// The worked example of docs/formats/journal.md, read from the page itself; what the page
    /// leaves out is zeros.
    static func contents() throws -> [UInt8] {
        let page = String(decoding: try readFile("\(root)/docs/formats/journal.md"), as: UTF8.self)
        var contents = [UInt8](repeating: 0, count: 65_536)
        for line in page.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let first = words.first, first.hasSuffix(":"),
                var position = Int(first.dropLast())
            else { continue }
            for word in words.dropFirst() {
                var digits = word
                while digits.count >= 2, let byte = UInt8(digits.prefix(2), radix: 16) {
                    contents[position] = byte
                    position += 1
                    digits = digits.dropFirst(2)
                }
            }
        }
        return contents
    }

    /// A file of version 2, made by an encoder of its own: two writes, three entries.
    static func fixture() throws -> [UInt8] {
        try readFile("\(root)/Tests/Data/journal-version-2.bin")
    }

    private static var root: String {
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    }
}
