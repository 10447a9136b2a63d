/// The identity of a topic that survives its name: 128 random bits (KIP-516).
///
/// Its text form is Kafka's: the 16 bytes, most significant first, in unpadded URL-safe Base64,
/// such as `AAAAAAAAAAAAAAAAAAAAAQ` for 1.
@frozen
public struct TopicID: Hashable, Sendable {
    /// The first 8 of the 16 bytes, big-endian.
    public let high: UInt64
    /// The last 8 of the 16 bytes, big-endian.
    public let low: UInt64

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The id that stands for "none" on the wire and in old files.
    public static let zero = TopicID(high: 0, low: 0)

    /// A random id of the kind Kafka makes: UUID version 4, never one whose text begins with `-`.
    public static func random(using generator: inout some RandomNumberGenerator) -> TopicID {
        while true {
            let high = (generator.next() & ~0xF000) | 0x4000
            let low = (generator.next() & ~(0b11 << 62)) | (0b10 << 62)
            let id = TopicID(high: high, low: low)
            if !id.description.hasPrefix("-") { return id }
        }
    }

    /// A random id by the system's generator, which costs system calls; any thread.
    public static func random() -> TopicID {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }
}

extension TopicID: CustomStringConvertible {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    public var description: String {
        // 22 digits of 6 bits hold 132 bits: the last four are zero.
        var text: [UInt8] = []
        text.reserveCapacity(22)
        for digit in 0..<22 {
            let firstBit = digit * 6
            var value = 0
            for bit in firstBit..<firstBit + 6 {
                value = value << 1 | self.bit(bit)
            }
            text.append(Self.alphabet[value])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads Kafka's text form; `nil` unless it is 22 digits that encode 16 bytes.
    public init?(_ text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count == 22 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, digit) in digits.enumerated() {
            guard let value = Self.alphabet.firstIndex(of: digit) else { return nil }
            for bit in 0..<6 where value >> (5 - bit) & 1 == 1 {
                let position = index * 6 + bit
                if position < 64 {
                    high |= 1 << (63 - position)
                } else if position < 128 {
                    low |= 1 << (127 - position)
                } else {
                    return nil
                }
            }
        }
        self.init(high: high, low: low)
    }

    private func bit(_ index: Int) -> Int {
        switch index {
        case ..<64: Int(high >> UInt64(63 - index) & 1)
        case ..<128: Int(low >> UInt64(127 - index) & 1)
        default: 0
        }
    }
}
