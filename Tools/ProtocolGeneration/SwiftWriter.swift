/// Collects lines of Swift, indented by the blocks that are open.
struct SwiftWriter {
    private(set) var text = ""
    private var depth = 0

    /// Writes a line, or several when `line` holds line breaks.
    mutating func line(_ line: String = "") {
        for part in line.split(separator: "\n", omittingEmptySubsequences: false) {
            if part.isEmpty {
                text += "\n"
            } else {
                text += String(repeating: "    ", count: depth) + part + "\n"
            }
        }
    }

    /// Writes `if condition {`, what `first` writes, `} else {`, what `second` writes, and `}`.
    mutating func branch(
        _ condition: String, _ first: (inout SwiftWriter) throws(GrammarError) -> Void,
        else second: (inout SwiftWriter) throws(GrammarError) -> Void
    ) throws(GrammarError) {
        line("if \(condition) {")
        depth += 1
        try first(&self)
        depth -= 1
        line("} else {")
        depth += 1
        try second(&self)
        depth -= 1
        line("}")
    }

    /// Writes `opening {`, what `body` writes, and `}`.
    mutating func block(
        _ opening: String, _ body: (inout SwiftWriter) throws(GrammarError) -> Void
    ) throws(GrammarError) {
        line(opening + " {")
        depth += 1
        try body(&self)
        depth -= 1
        line("}")
    }

    /// Writes `opening`, the items one by line if they do not fit on one, and `closing`.
    mutating func list(_ opening: String, _ items: [String], _ closing: String) {
        let single = opening + items.joined(separator: ", ") + closing
        if depth * 4 + single.count <= 100 {
            line(single)
            return
        }
        line(opening)
        for (index, item) in items.enumerated() {
            line("    " + item + (index + 1 < items.count ? "," : ""))
        }
        line(closing)
    }
}
