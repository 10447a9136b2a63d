import Glibc
import Scratch

/// The limits that are checked in: a line for each count, `name lowest highest`; what follows a
/// `#` is for people.
struct Thresholds {
    private var limits: [String: ClosedRange<Double>] = [:]

    init(reading path: String) throws {
        guard let file = fopen(path, "r") else {
            throw SystemError(call: "open \(path)", code: errno)
        }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 1_024)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let meant = String(decoding: text.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
            let words = meant.split { $0 == " " || $0 == "\n" }
            guard words.count == 3, let lowest = Double(words[1]), let highest = Double(words[2])
            else {
                try check(words.isEmpty, "\(path): this is not a limit: \(meant)")
                continue
            }
            limits[String(words[0])] = lowest...highest
        }
    }

    func limit(of name: String) throws -> ClosedRange<Double> {
        guard let limit = limits[name] else {
            throw Disagreement(description: "there is no limit for \(name)")
        }
        return limit
    }
}
