/// Numbers with a fixed count of digits behind the point, without a formatting library.
public enum Decimals {
    /// The value rounded to `digits` digits behind the point; `–` for what is not finite.
    public static func text(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = (value.magnitude * scale).rounded()
        guard rounded < 9e15 else { return "\(value)" }
        let number = Int(rounded)
        let sign = value < 0 && number != 0 ? "−" : ""
        guard digits > 0 else { return "\(sign)\(number)" }
        let fraction = String(number % Int(scale))
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(sign)\(number / Int(scale)).\(zeros)\(fraction)"
    }

    /// Three significant digits, as far as that makes sense.
    public static func short(_ value: Double) -> String {
        text(value, value.magnitude >= 100 ? 0 : value.magnitude >= 10 ? 1 : 2)
    }
}
