import Records
import Testing

@Suite struct CRC32CTests {
    @Test func `the published check value is met`() {
        #expect(checksum(Array("123456789".utf8)) == 0xE306_9283)
    }

    /// RFC 3720, appendix B.4.
    static let examples: [([UInt8], UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        ((0..<32).reversed(), 0x113F_DB5C),
    ]

    @Test(arguments: examples)
    func `the examples of RFC 3720 are met`(bytes: [UInt8], expected: UInt32) {
        #expect(checksum(bytes) == expected)
    }

    @Test func `nothing at all has the checksum zero`() {
        #expect(crc32c(UnsafeRawBufferPointer(start: nil, count: 0)) == 0)
    }

    @Test func `slices give the same checksum as the whole, wherever they are cut`() {
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let whole = checksum(bytes)

        for cut in stride(from: 0, through: bytes.count, by: 13) {
            var pieces = CRC32C()
            bytes[..<cut].withUnsafeBytes { pieces.update($0) }
            bytes[cut...].withUnsafeBytes { pieces.update($0) }

            #expect(pieces.value == whole)
        }
    }

    @Test func `one changed bit changes the checksum`() {
        var bytes = [UInt8](repeating: 0x5A, count: 4_096)
        let before = checksum(bytes)

        bytes[4_095] ^= 0x01

        #expect(checksum(bytes) != before)
    }

    private func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { crc32c($0) } }
}
