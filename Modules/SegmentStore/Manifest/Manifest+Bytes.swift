import Records
import Vocabulary

extension Manifest {
    private static let checkedStart = 10
    private static let headerByteCount = 30
    /// Of a log, without the topic's name.
    private static let fixedByteCount = 56

    /// The bytes of the file.
    public var encoded: [UInt8] {
        var writer = BigEndianWriter(capacity: Self.headerByteCount + 80 * logs.count)
        writer.append(Self.magic)
        writer.append(UInt16(Self.version))
        writer.append(UInt32(0))
        writer.append(generation.high)
        writer.append(generation.low)
        writer.append(UInt32(logs.count))
        for log in logs {
            writer.append(log.topicPartition.topic)
            writer.append(log.topicPartition.partition.rawValue)
            writer.append(log.topicID.high)
            writer.append(log.topicID.low)
            writer.append(log.logStartOffset.rawValue)
            writer.append(log.logEnd.rawValue)
            writer.append(log.leaderEpoch.rawValue)
            writer.append(log.lastSegmentBase.rawValue)
            writer.append(Int64(log.lastSegmentByteCount))
        }
        let checksum = writer.bytes.withUnsafeBytes {
            crc32c(UnsafeRawBufferPointer(rebasing: $0[Self.checkedStart...]))
        }
        writer.replace(at: 6, with: checksum)
        return writer.bytes
    }

    /// Reads the form above.
    /// - Throws: `malformed` naming the byte, `newerVersion`.
    public init(decoding bytes: [UInt8], path: String) throws(SideFileError) {
        func fault(_ place: Int, _ expected: String, _ found: String) -> SideFileError {
            .malformed(
                MalformedFile(
                    path: path, place: "byte \(place)", expected: expected, found: found,
                    remedy: "delete the file: the broker then looks into each log when it starts"))
        }
        guard bytes.count >= Self.headerByteCount else {
            throw fault(0, "\(Self.headerByteCount) bytes or more", "\(bytes.count)")
        }
        var reader = BigEndianReader(bytes)
        let magic: UInt32 = reader.next()
        guard magic == Self.magic else { throw fault(0, "MRLM", "other bytes") }
        let version: UInt16 = reader.next()
        guard Int(version) <= Self.version else {
            throw .newerVersion(path: path, found: Int(version), supported: Self.version)
        }
        let checksum: UInt32 = reader.next()
        let found = bytes.withUnsafeBytes {
            crc32c(UnsafeRawBufferPointer(rebasing: $0[Self.checkedStart...]))
        }
        guard checksum == found else { throw fault(6, "the checksum \(found)", "\(checksum)") }
        generation = TopicID(high: reader.next(), low: reader.next())
        let count: UInt32 = reader.next()
        logs = []
        // The count is only compared, never trusted with an allocation.
        while reader.remaining > 0 {
            let start = reader.position
            guard logs.count < Int(count), let topic = reader.nextText(),
                reader.remaining >= Self.fixedByteCount,
                let log = Self.log(of: topic, &reader)
            else { throw fault(start, "one of \(count) logs", "other bytes") }
            logs.append(log)
        }
        guard logs.count == Int(count) else {
            throw fault(bytes.count, "\(count) logs", "\(logs.count)")
        }
    }

    private static func log(of topic: String, _ reader: inout BigEndianReader) -> LogOutline? {
        let log = LogOutline(
            topicPartition: TopicPartition(
                topic: topic, partition: PartitionIndex(reader.next())),
            topicID: TopicID(high: reader.next(), low: reader.next()),
            logStartOffset: Offset(reader.next()), logEnd: Offset(reader.next()),
            leaderEpoch: LeaderEpoch(reader.next()), lastSegmentBase: Offset(reader.next()),
            lastSegmentByteCount: Int(reader.next() as Int64))
        guard log.topicPartition.partition.rawValue >= 0, log.logStartOffset >= .zero,
            log.logStartOffset <= log.logEnd, log.logEnd <= Offset.limit,
            log.leaderEpoch.rawValue >= 0, log.lastSegmentBase >= .zero,
            log.lastSegmentBase <= log.logEnd, log.lastSegmentByteCount >= 0
        else { return nil }
        return log
    }
}

extension BigEndianWriter {
    /// A text of up to 65,535 bytes behind its length.
    mutating func append(_ text: String) {
        append(UInt16(text.utf8.count))
        for byte in text.utf8 { append(byte) }
    }
}

extension BigEndianReader {
    /// A text behind its length; `nil` where the bytes end before it does.
    mutating func nextText() -> String? {
        guard remaining >= 2 else { return nil }
        let count: UInt16 = next()
        guard remaining >= Int(count) else { return nil }
        var text: [UInt8] = []
        text.reserveCapacity(Int(count))
        for _ in 0..<count { text.append(next()) }
        return String(decoding: text, as: UTF8.self)
    }
}
