import Records
import SegmentStore
import Vocabulary

/// A journal file of one write, put together by hand.
enum JournalBytes {
    static func file(_ batches: [[UInt8]], _ topicID: TopicID, _ partition: Int32) -> [UInt8] {
        var entries: [UInt8] = []
        for batch in batches {
            entries += number(topicID.high) + number(topicID.low) + number(partition)
            entries += number(UInt32(batch.count)) + number(UInt64(0))
            // A batch begins with its base offset.
            entries += batch[..<8] + batch
        }
        var head = number(JournalFormat.writeMagic) + number(UInt32(40 + entries.count))
        head += number(JournalFormat.stamp(journalID: 7, generation: 1))
        head += number(UInt64(1)) + number(UInt64(0)) + number(UInt32(batches.count))
        let unsealed = head + number(UInt32(0)) + entries
        let checksum = unsealed.withUnsafeBytes { JournalFormat.checksum(ofWrite: $0) }
        let write = head + number(checksum) + entries
        let byteCount = 4_096 + JournalFormat.padded(write.count)
        var header = number(JournalFormat.fileMagic) + number(JournalFormat.version)
        header += number(UInt16(0)) + number(UInt32(4_096)) + number(UInt64(byteCount))
        header += number(UInt64(7)) + number(UInt64(1))
        header += number(header.withUnsafeBytes { crc32c($0) })
        var file = [UInt8](repeating: 0, count: byteCount)
        file.replaceSubrange(..<header.count, with: header)
        file.replaceSubrange(4_096..<4_096 + write.count, with: write)
        return file
    }

    private static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
