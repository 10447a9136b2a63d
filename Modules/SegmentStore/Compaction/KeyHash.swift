/// SipHash-2-4 with a result of 128 bits (Aumasson and Bernstein), keyed.
///
/// Compaction takes keys with one hash for one key, so a collision would lose a record. With a
/// random key of 128 bits nobody can make one on purpose, and by chance it takes 2^64 keys.
struct KeyHash {
    struct Value: Hashable {
        var high: UInt64
        var low: UInt64
    }

    private let key: (UInt64, UInt64)

    /// A hash of its own for every run.
    init() { key = (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max)) }

    init(key: (UInt64, UInt64)) { self.key = key }

    func value(of bytes: UnsafeRawBufferPointer) -> Value {
        var state = State(key)
        let wholeWords = bytes.count & ~7
        var position = 0
        while position < wholeWords {
            state.take(
                UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
            position += 8
        }
        var last = UInt64(truncatingIfNeeded: bytes.count) << 56
        var shift: UInt64 = 0
        while position < bytes.count {
            last |= UInt64(bytes[position]) << shift
            position += 1
            shift += 8
        }
        state.take(last)
        return state.finish()
    }

    private struct State {
        private var v0: UInt64
        private var v1: UInt64
        private var v2: UInt64
        private var v3: UInt64

        init(_ key: (UInt64, UInt64)) {
            v0 = key.0 ^ 0x736f_6d65_7073_6575
            v1 = key.1 ^ 0x646f_7261_6e64_6f6d ^ 0xee
            v2 = key.0 ^ 0x6c79_6765_6e65_7261
            v3 = key.1 ^ 0x7465_6462_7974_6573
        }

        @inline(__always)
        private mutating func round() {
            v0 &+= v1
            v1 = v1 << 13 | v1 >> 51
            v1 ^= v0
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v3
            v3 = v3 << 16 | v3 >> 48
            v3 ^= v2
            v0 &+= v3
            v3 = v3 << 21 | v3 >> 43
            v3 ^= v0
            v2 &+= v1
            v1 = v1 << 17 | v1 >> 47
            v1 ^= v2
            v2 = v2 << 32 | v2 >> 32
        }

        @inline(__always)
        mutating func take(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        mutating func finish() -> Value {
            v2 ^= 0xee
            for _ in 0..<4 { round() }
            let first = v0 ^ v1 ^ v2 ^ v3
            v1 ^= 0xdd
            for _ in 0..<4 { round() }
            return Value(high: first, low: v0 ^ v1 ^ v2 ^ v3)
        }
    }
}
