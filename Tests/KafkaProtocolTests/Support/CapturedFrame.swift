import Foundation
import NIOCore

/// A frame as another implementation wrote it, from `Tests/Data/protocol`.
struct CapturedFrame: Sendable, CustomStringConvertible {
    let file: String
    let kind: DeclaredMessage.Kind
    let apiKey: Int16
    let version: Int16
    /// With its four bytes of length.
    let bytes: ByteBuffer
    /// Bytes at the end that belong to no field: librdkafka writes some in one version.
    let excess: Int

    /// The frame without its length and its excess.
    var content: ByteBuffer? {
        bytes.getSlice(at: 4, length: bytes.readableBytes - 4 - excess)
    }

    var description: String {
        "\(file): \(kind.rawValue) \(apiKey) version \(version), \(bytes.readableBytes) bytes"
    }

    static let files = [
        "kcat-requests.hex", "confluent-kafka-requests.hex", "kafka-python-requests.hex",
        "librdkafka-mock-responses.hex", "kafka-python-encoded.hex",
    ]

    /// Reads all files; throws for a line that is not
    /// `kind key version hex [excess]`.
    static func all() throws -> [CapturedFrame] {
        try files.flatMap { try read($0) }
    }

    static func read(_ file: String) throws -> [CapturedFrame] {
        let url = repository.appending(path: "Tests/Data/protocol/\(file)")
        let text = try String(contentsOf: url, encoding: .utf8)
        return try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let words = line.split(separator: " ")
            guard (4...5).contains(words.count),
                let kind = DeclaredMessage.Kind(rawValue: String(words[0])),
                let apiKey = Int16(words[1]), let version = Int16(words[2]),
                let bytes = ByteBuffer(hex: words[3]),
                let excess = words.count == 5 ? Int(words[4]) : 0
            else { throw Malformed(line: String(line)) }
            return CapturedFrame(
                file: file, kind: kind, apiKey: apiKey, version: version, bytes: bytes,
                excess: excess)
        }
    }

    struct Malformed: Error { let line: String }

    /// The folder that holds `Package.swift`.
    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
}

extension ByteBuffer {
    /// `nil` unless `hex` is an even number of hexadecimal digits in lower case.
    init?(hex: some StringProtocol) {
        self.init()
        var high: UInt8?
        for character in hex.utf8 {
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let first = high {
                writeInteger(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        guard high == nil else { return nil }
    }
}
