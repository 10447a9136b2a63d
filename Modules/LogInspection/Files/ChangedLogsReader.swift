import Records
import SegmentStore
import Vocabulary

/// Reads a list of changed logs, `millrace.changed.N`, as docs/formats/manifest.md has it.
struct ChangedLogsReader {
    var generation: TopicID
    var number: Int
    var count: Int
    var partitions: [TopicPartition] = []

    /// A last entry that a crash has torn was never relied on: it is left out.
    init(_ bytes: [UInt8]) throws(SideFileFault) {
        guard bytes.count >= ChangedLogs.headerByteCount else {
            throw SideFileFault(.byte(0), "the header is not whole")
        }
        guard bytes[...].bigEndian(at: 0, as: UInt32.self) == ChangedLogs.magic else {
            throw SideFileFault(.byte(0), "the file does not begin with MRCL")
        }
        let version = bytes[...].bigEndian(at: 4, as: UInt16.self)
        guard version == ChangedLogs.version else {
            throw SideFileFault(.byte(4), "version \(version) is not known to this program")
        }
        generation = TopicID(
            high: bytes[...].bigEndian(at: 6, as: UInt64.self),
            low: bytes[...].bigEndian(at: 14, as: UInt64.self))
        number = Int(bytes[...].bigEndian(at: 22, as: UInt16.self))
        count = Int(bytes[...].bigEndian(at: 24, as: UInt16.self))
        guard number < count else {
            throw SideFileFault(.byte(22), "there is no file \(number) of \(count)")
        }
        var position = ChangedLogs.headerByteCount
        while position < bytes.count {
            guard let entry = Self.entry(bytes, at: position) else { return }
            guard entry.isSound else {
                if entry.end == bytes.count { return }
                throw SideFileFault(.byte(position), "the checksum of a log's name is wrong")
            }
            partitions.append(entry.partition)
            position = entry.end
        }
    }

    private static func entry(
        _ bytes: [UInt8], at start: Int
    ) -> (partition: TopicPartition, end: Int, isSound: Bool)? {
        guard bytes.count - start >= 2 else { return nil }
        let count = Int(bytes[start...].bigEndian(at: 0, as: UInt16.self))
        let end = start + count + 10
        guard end <= bytes.count else { return nil }
        let topic = String(decoding: bytes[start + 2..<start + 2 + count], as: UTF8.self)
        let index = bytes[start...].bigEndian(at: 2 + count, as: Int32.self)
        let stored = bytes[start...].bigEndian(at: 6 + count, as: UInt32.self)
        var checksum = CRC32C()
        Array(bytes[start..<end - 4]).withUnsafeBytes { checksum.update($0) }
        Array(bytes[6..<22]).withUnsafeBytes { checksum.update($0) }
        return (
            TopicPartition(topic: topic, partition: PartitionIndex(index)), end,
            checksum.value == stored
        )
    }
}
