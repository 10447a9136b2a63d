import Logging
import Testing

@testable import Broker

@Suite("Lines of the log")
struct StandardErrorLogTests {
    private func line(_ message: String, _ metadata: Logger.Metadata = [:]) -> String {
        StandardErrorLog.line(
            seconds: 1_795_230_352, milliseconds: 7, level: .warning, message: message,
            metadata: metadata)
    }

    @Test func `a line is the time, the level, the message and sorted metadata`() {
        #expect(
            line("listening", ["port": "9092", "address": "127.0.0.1"])
                == "2026-11-21T03:05:52.007Z WARN  listening address=127.0.0.1 port=9092")
    }

    @Test(arguments: [
        ("plain", "plain"), ("", "\"\""), ("two words", "\"two words\""),
        ("say \"no\"", "\"say \\\"no\\\"\""), ("a\nb", "\"a\\nb\""),
        ("\u{1B}[2J", "\"\\u{1b}[2J\""),
        ("grün", "grün"),
    ])
    func `values cannot forge a line or drive a terminal`(value: String, written: String) {
        #expect(line("x", ["k": "\(value)"]).hasSuffix(" k=\(written)"))
    }

    @Test func `line breaks in a message are escaped`() {
        #expect(line("a\r\nb").hasSuffix("a\\r\\nb"))
    }
}
