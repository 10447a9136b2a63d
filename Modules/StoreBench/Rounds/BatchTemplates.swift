import Compression
import Records
import Vocabulary

/// The batches that are appended, made once: records of about 1 KiB that look like events.
///
/// Several of them, so that their bytes do not all come from the processor's nearest cache.
struct BatchTemplates {
    let header: BatchHeader
    let batches: [OwnedBytes]
    /// The size of each, as asked for if that is possible.
    var byteCount: Int { header.byteCount }

    init(byteCount: Int) {
        var made: [[UInt8]] = []
        var random = SeededRandom(seed: 0x6D69_6C6C)
        for _ in 0..<max(2, min(16, (8 << 20) / byteCount)) {
            made.append(Self.batch(byteCount: byteCount, &random))
        }
        batches = made.map { OwnedBytes($0) }
        header = made[0].withUnsafeBytes { bytes in
            guard let header = try? BatchHeader(reading: bytes) else {
                preconditionFailure("what was built can be read")
            }
            return header
        }
    }

    /// Varints change their size with what they count, so the last value is fitted in steps.
    private static func batch(byteCount: Int, _ random: inout SeededRandom) -> [UInt8] {
        let count = max(1, (byteCount - BatchHeader.byteCount) / 1_040)
        var last = max(0, (byteCount - BatchHeader.byteCount) / count - 40)
        let values = (0..<count).map { _ in value(1_000, &random) }
        for _ in 0..<6 {
            var builder = BatchBuilder()
            for index in 0..<count {
                let isLast = index == count - 1
                builder.append(
                    key: Array("key \(index)".utf8),
                    value: isLast ? value(last, &random) : values[index],
                    timestamp: Timestamp(1_700_000_000_000 + Int64(index)))
            }
            let bytes = builder.build()
            if bytes.count == byteCount || last + byteCount - bytes.count < 0 { return bytes }
            last += byteCount - bytes.count
        }
        preconditionFailure("fitting the last value takes a few steps")
    }

    /// Text with numbers in it, which codecs make about a third of.
    private static func value(_ byteCount: Int, _ random: inout SeededRandom) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(byteCount + 64)
        while text.count < byteCount {
            text += Array(#"{"sensor":\#(random.next() % 997),"reading":\#(random.next())},"#.utf8)
        }
        return Array(text.prefix(byteCount))
    }
}
