import StoreBench
import Testing

@Suite struct ByteWordsTests {
    @Test(arguments: [
        ("16K", 16_384), ("1MiB", 1 << 20), ("2 gib", 2 << 30), ("77", 77), ("5b", 5),
    ])
    func `sizes are read as people write them`(text: String, byteCount: Int) {
        #expect(ByteWords.parse(text) == byteCount)
    }

    @Test(arguments: ["", "K", "16 X", "-1", "1.5M", "99999999999999999999", "9999999999999G"])
    func `what is no size is refused`(text: String) {
        #expect(ByteWords.parse(text) == nil)
    }

    @Test func `sizes are told in their unit`() {
        #expect(ByteWords.of(1 << 20) == "1 MiB")
        #expect(ByteWords.of(16 << 10) == "16 KiB")
        #expect(ByteWords.of(1_536) == "1.5 KiB")
        #expect(ByteWords.of(100) == "100 B")
    }

    @Test func `numbers are rounded and keep their zeros`() {
        #expect(Decimals.text(1.005, 1) == "1.0")
        #expect(Decimals.text(0.999, 2) == "1.00")
        #expect(Decimals.text(-2.05, 2) == "−2.05")
        #expect(Decimals.text(.infinity, 2) == "–")
        #expect(Decimals.short(1_234.5) == "1235")
    }
}
