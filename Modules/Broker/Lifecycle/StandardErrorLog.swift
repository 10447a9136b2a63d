import Glibc
import Logging

/// Writes log events to standard error, one line each: time (UTC), level, message, `key=value`.
///
/// A line is one write(2), so lines of several threads do not mix. Values with blanks or quotes
/// are quoted, line breaks escaped: a client cannot forge a line.
public struct StandardErrorLog: LogHandler {
    /// Goes with every line; a line's own values win.
    public var metadata: Logger.Metadata = [:]
    /// What is below, the `Logger` does not hand over.
    public var logLevel: Logger.Level

    /// A log without metadata of its own.
    public init(level: Logger.Level) {
        self.logLevel = level
    }

    /// One value of `metadata`.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line; any thread. Waits while standard error takes nothing.
    public func log(event: LogEvent) {
        var line = Self.line(
            seconds: Self.now.seconds, milliseconds: Self.now.milliseconds, level: event.level,
            message: event.message.description,
            metadata: event.metadata.map { metadata.merging($0) { _, new in new } } ?? metadata)
        if let error = event.error { line += " error=" + Self.quoted("\(error)") }
        line += "\n"
        line.withUTF8 { bytes in
            // Nobody can be told that the log cannot be written.
            _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    static func line(
        seconds: Int, milliseconds: Int, level: Logger.Level, message: String,
        metadata: Logger.Metadata
    ) -> String {
        var line = time(seconds: seconds, milliseconds: milliseconds)
        line += " " + padded(level) + " " + escaped(message)
        for key in metadata.keys.sorted() {
            guard let value = metadata[key] else { continue }
            line += " \(key)=" + quoted("\(value)")
        }
        return line
    }

    private static var now: (seconds: Int, milliseconds: Int) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return (time.tv_sec, time.tv_nsec / 1_000_000)
    }

    /// `2026-11-21T03:05:52.123Z`.
    private static func time(seconds: Int, milliseconds: Int) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ value: Int, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let date = [
            digits(Int(parts.tm_year) + 1900, 4), digits(Int(parts.tm_mon) + 1, 2),
            digits(Int(parts.tm_mday), 2),
        ].joined(separator: "-")
        let clock = [
            digits(Int(parts.tm_hour), 2), digits(Int(parts.tm_min), 2),
            digits(Int(parts.tm_sec), 2),
        ].joined(separator: ":")
        return "\(date)T\(clock).\(digits(milliseconds, 3))Z"
    }

    private static func padded(_ level: Logger.Level) -> String {
        switch level {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info: "INFO "
        case .notice: "NOTE "
        case .warning: "WARN "
        case .error: "ERROR"
        case .critical: "FATAL"
        }
    }

    private static func quoted(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x7F }
        guard !isPlain || value.isEmpty else { return value }
        return "\"" + escaped(value, quotes: true) + "\""
    }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        let isClean = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && (!quotes || $0 != 0x22) }
        guard !isClean else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\"" where quotes: result += "\\\""
            case "\u{0}"..<"\u{20}", "\u{7F}":
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
