extension SettingKey {
    /// What is wrong with `value` for this key, or `nil`.
    func problem(with value: String) -> String? {
        switch type {
        case .boolean:
            guard Self.boolean(value) != nil else { return "true or false" }
            return wordProblem(value.lowercased())
        case .int: return numberProblem(value, within: Int64(Int32.min)...Int64(Int32.max))
        case .short: return numberProblem(value, within: Int64(Int16.min)...Int64(Int16.max))
        case .long: return numberProblem(value, within: .min ... .max)
        case .double:
            guard let number = Double(value), number.isFinite else { return "\(allowed)" }
            if case .fraction(let range) = allowed, !range.contains(number) { return "\(allowed)" }
            return nil
        case .string, .class, .password: return wordProblem(value)
        case .list: return listProblem(value)
        }
    }

    static func boolean(_ value: String) -> Bool? {
        switch value.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }

    /// The words of a list, without blanks around them.
    static func words(of value: String) -> [String] {
        value.split(separator: ",").map { Self.trimmed($0) }.filter { !$0.isEmpty }
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        var text = Substring(text)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    private func numberProblem(_ value: String, within type: ClosedRange<Int64>) -> String? {
        guard let number = Int64(value), type.contains(number) else {
            if case .any = allowed { return "a whole number" }
            return "\(allowed)"
        }
        switch allowed {
        case .range(let range): return range.contains(number) ? nil : "\(allowed)"
        case .rangeOr(let range, let other):
            return number == other || range.contains(number) ? nil : "\(allowed)"
        default: return nil
        }
    }

    private func wordProblem(_ value: String) -> String? {
        switch allowed {
        case .oneOf(let words): words.contains(value) ? nil : "\(allowed)"
        default: nil
        }
    }

    private func listProblem(_ value: String) -> String? {
        let words = Self.words(of: value)
        switch allowed {
        case .listOf(let known):
            // Nothing at all is an empty list; commas alone are a slip.
            if Self.trimmed(value).isEmpty { return nil }
            return !words.isEmpty && words.allSatisfy(known.contains) ? nil : "\(allowed)"
        case .listener:
            for word in words {
                if let problem = Listener.problem(with: word) { return problem }
            }
            return words.count == 1 ? nil : "exactly one listener, as PLAINTEXT://host:port"
        default:
            return nil
        }
    }
}
