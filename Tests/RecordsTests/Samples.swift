import Compression
import Records
import Testing
import Vocabulary

/// Batches for tests.
enum Samples {
    static let time = Timestamp(1_795_225_711_607)

    /// A batch of `count` records that differ in every field.
    static func batch(
        codec: Codec = .none, count: Int = 5, timestampStep: Int64 = 10
    ) throws -> [UInt8] {
        try builder(codec: codec, count: count, timestampStep: timestampStep)
            .build(compressor: Compressor())
    }

    static func builder(
        codec: Codec = .none, count: Int = 5, timestampStep: Int64 = 10
    ) -> BatchBuilder {
        var builder = BatchBuilder(attributes: BatchAttributes(codec: codec))
        for index in 0..<count {
            builder.append(
                key: Array("key \(index)".utf8),
                value: [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: index * 20),
                headers: index % 2 == 0 ? [] : [RecordHeader(key: "h", value: nil)],
                timestamp: time + Int64(index) * timestampStep)
        }
        return builder
    }

    /// A sound header and checksum around records given byte by byte.
    static func batch(
        records: [UInt8], count: Int32, lastOffsetDelta: Int32? = nil, attributes: Int16 = 0,
        producer: (id: Int64, epoch: Int16, sequence: Int32) = (-1, -1, -1),
        maxTimestamp: Int64 = time.rawValue
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        func add(_ value: some FixedWidthInteger & BitwiseCopyable) {
            withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
        }
        add(Int64(0))
        add(Int32(49 + records.count))
        add(Int32(-1))
        add(Int8(2))
        add(UInt32(0))
        add(attributes)
        add(lastOffsetDelta ?? count - 1)
        add(time.rawValue)
        add(maxTimestamp)
        add(producer.id)
        add(producer.epoch)
        add(producer.sequence)
        add(count)
        bytes += records
        return sealed(bytes)
    }

    /// The bytes with the checksum that fits them.
    static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let checksum = bytes[21...].withUnsafeBytes { crc32c($0) }
        withUnsafeBytes(of: checksum.bigEndian) { bytes.replaceSubrange(17..<21, with: $0) }
        return bytes
    }

    /// One record: its length in front of the fields.
    static func record(_ fields: [UInt8]) -> [UInt8] { varint(Int64(fields.count)) + fields }

    static func varint(_ value: Int64) -> [UInt8] {
        var left = UInt64(bitPattern: value << 1 ^ value >> 63)
        var bytes: [UInt8] = []
        while left >= 0x80 {
            bytes.append(UInt8(left & 0x7F) | 0x80)
            left >>= 7
        }
        return bytes + [UInt8(left)]
    }
}

func validate(
    _ bytes: [UInt8], rules: BatchRules = BatchRules(), checksum: UInt32? = nil
) throws(RecordError) -> BatchSummary {
    let validator = BatchValidator(decompressor: Decompressor())
    let outcome = bytes.withUnsafeBytes { bytes in
        Result { () throws(RecordError) in
            try validator.validate(bytes, rules: rules, checksum: checksum)
        }
    }
    return try outcome.get()
}

func records(of bytes: [UInt8]) throws -> [Record] {
    try bytes.withUnsafeBytes { bytes in
        try BatchView(reading: bytes).records(decompressor: Decompressor())
    }
}

func header(of bytes: [UInt8]) throws(RecordError) -> BatchHeader {
    let outcome = bytes.withUnsafeBytes { bytes in
        Result { () throws(RecordError) in try BatchHeader(reading: bytes) }
    }
    return try outcome.get()
}
