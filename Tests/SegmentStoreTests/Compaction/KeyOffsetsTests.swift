import Testing
import Vocabulary

@testable import SegmentStore

struct KeyOffsetsTests {
    /// The first of the vectors that the authors of SipHash publish for 128 bits: the key is
    /// 00…0f, the input of n bytes 00, 01, ….
    @Test(arguments: [
        (0, "a3817f04ba25a8e66df67214c7550293"), (1, "da87c1d86b99af44347659119b22fc45"),
        (2, "8177228da4a45dc7fca38bdef60affe4"),
    ])
    func `hashes are SipHash with 128 bits`(_ count: Int, _ expected: String) {
        let hash = KeyHash(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))

        let value = (0..<count).map { UInt8($0) }.withUnsafeBytes { hash.value(of: $0) }

        #expect(hex(value.high) + hex(value.low) == expected)
    }

    private func hex(_ word: UInt64) -> String {
        withUnsafeBytes(of: word.littleEndian) { bytes in
            bytes.map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
        }
    }

    @Test
    func `every byte of a key counts`() {
        let hash = KeyHash()
        var seen: Set<KeyHash.Value> = []
        for count in 0..<40 {
            let key = [UInt8](repeating: 7, count: count)
            seen.insert(key.withUnsafeBytes { hash.value(of: $0) })
            for index in 0..<count {
                var other = key
                other[index] = 8
                seen.insert(other.withUnsafeBytes { hash.value(of: $0) })
            }
        }

        #expect(seen.count == 40 + 40 * 39 / 2)
    }

    @Test(arguments: [60_000, 8 << 20])
    func `keys keep their newest offset, and unknown keys have none`(_ byteLimit: Int) {
        let offsets = KeyOffsets(byteLimit: byteLimit, load: 0.9)
        var model: [String: Int64] = [:]
        for number in 0..<10_000 {
            let key = "key \(number * 7919 % 2_000)"
            guard put(key, Int64(number), to: offsets) else {
                Issue.record("there is room for 2,000 keys")
                return
            }
            model[key] = Int64(number)
        }

        #expect(offsets.count == 2_000)
        for (key, offset) in model { #expect(get(key, from: offsets) == offset) }
        #expect(get("another", from: offsets) == nil)
        #expect(put("key 3", 0, to: offsets))
        #expect(get("key 3", from: offsets) == model["key 3"])
    }

    @Test(arguments: [1, 100, 5_000, 1 << 20, 3 << 20])
    func `memory stays within its limit, and what was taken stays known`(_ byteLimit: Int) {
        let offsets = KeyOffsets(byteLimit: byteLimit, load: 0.9)
        var count = 0
        while put("key \(count)", Int64(count), to: offsets) { count += 1 }

        // Two slots are taken whatever the limit says.
        #expect(offsets.byteCount <= max(byteLimit, 2 * KeyOffsets.slotByteCount))
        #expect(count >= 1)
        #expect(
            Double(count * KeyOffsets.slotByteCount) > 0.6 * Double(min(byteLimit, 1 << 30))
                || byteLimit < 1_000)
        for number in 0..<count { #expect(get("key \(number)", from: offsets) == Int64(number)) }
        #expect(get("key \(count)", from: offsets) == nil)
        #expect(put("key 0", 99_999_999, to: offsets), "a key that is known needs no room")
    }

    @Test
    func `a few keys take little memory`() {
        let offsets = KeyOffsets(byteLimit: 128 << 20, load: 0.9)
        #expect(offsets.byteCount == 0)

        for number in 0..<100 { _ = put("key \(number)", Int64(number), to: offsets) }

        #expect(offsets.byteCount < 64 << 10)
    }

    private func put(_ key: String, _ offset: Int64, to offsets: KeyOffsets) -> Bool {
        Array(key.utf8).withUnsafeBytes { offsets.put($0, Offset(offset)) }
    }

    private func get(_ key: String, from offsets: KeyOffsets) -> Int64? {
        Array(key.utf8).withUnsafeBytes { offsets.offset(of: $0)?.rawValue }
    }
}
