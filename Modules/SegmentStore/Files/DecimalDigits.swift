extension StringProtocol {
    /// Whether this is a number in digits alone: `Int("+1")` is one, but no file has such a name.
    var isDecimalNumber: Bool {
        !isEmpty && utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
