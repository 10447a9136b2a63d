/// Collects lines of Swift, indented by the blocks that are open.
struct SwiftWriter {
    private(set) var text = ""
    private var depth = 0

    /// Writes a line, or several when `line` holds line breaks; one longer than 100 columns is
    /// broken behind its first parenthesis.
    mutating func line(_ line: String = "") {
        for part in line.split(separator: "\n", omittingEmptySubsequences: false) {
            let indented = String(repeating: "    ", count: depth) + part
            if part.isEmpty {
                text += "\n"
            } else if indented.count > 100, let parenthesis = part.firstIndex(of: "(") {
                let blanks = String(indented.prefix { $0 == " " })
                let rest = part[part.index(after: parenthesis)...]
                text += "\(blanks)\(part[...parenthesis].trimmed)\n\(blanks)    \(rest)\n"
            } else {
                text += indented + "\n"
            }
        }
    }

    /// Writes what `body` writes one step further in.
    mutating func indented(
        _ body: (inout SwiftWriter) throws(GrammarError) -> Void
    ) throws(GrammarError) {
        depth += 1
        try body(&self)
        depth -= 1
    }

    /// Writes `if condition {`, what `first` writes, `} else {`, what `second` writes, and `}`.
    mutating func branch(
        _ condition: String, _ first: (inout SwiftWriter) throws(GrammarError) -> Void,
        else second: (inout SwiftWriter) throws(GrammarError) -> Void
    ) throws(GrammarError) {
        line("if \(condition) {")
        try indented(first)
        line("} else {")
        try indented(second)
        line("}")
    }

    /// Writes `opening {`, what `body` writes, and `}`.
    mutating func block(
        _ opening: String, _ body: (inout SwiftWriter) throws(GrammarError) -> Void
    ) throws(GrammarError) {
        line(opening + " {")
        try indented(body)
        line("}")
    }

    /// Writes `opening`, the items one by line if they do not fit on one, and `closing`.
    mutating func list(_ opening: String, _ items: [String], _ closing: String) {
        let single = opening + items.joined(separator: ", ") + closing
        if depth * 4 + single.count <= 100 {
            line(single)
            return
        }
        line(String(opening.trimmed))
        for (index, item) in items.enumerated() {
            line("    " + item + (index + 1 < items.count ? "," : ""))
        }
        line(closing)
    }
}
