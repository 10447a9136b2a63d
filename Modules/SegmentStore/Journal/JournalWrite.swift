import Disk
import Records
import Vocabulary

/// Entries that gather in memory and are then written to the journal at once.
final class JournalWrite {
    /// What the write makes durable, once for each log.
    struct Part {
        let log: Log
        var end: Offset
    }

    private(set) var buffer: DiskBuffer
    /// Bytes gathered, the head's included.
    private(set) var byteCount = JournalFormat.writeHeadByteCount
    private(set) var entryCount = 0
    private(set) var parts: [Part] = []
    /// Given when it is submitted.
    private(set) var sequence: UInt64 = 0
    /// Where it was written to.
    private(set) var file: JournalFile?
    var isDone = false

    init(buffer: DiskBuffer) { self.buffer = buffer }

    var isEmpty: Bool { entryCount == 0 }

    /// The bytes on the device if a batch of so many bytes were added.
    func paddedByteCount(adding batchByteCount: Int) -> Int {
        JournalFormat.padded(byteCount + JournalFormat.entryHeadByteCount + batchByteCount)
    }

    /// Copies a batch in, with the 16 leading bytes that `header` says.
    func add(_ header: BatchHeader, _ bytes: [OwnedBytes], of log: Log, topicID: TopicID) {
        let start = byteCount
        let end = start + JournalFormat.entryHeadByteCount + header.byteCount
        reserve(end)
        let target = UnsafeMutableRawBufferPointer(start: buffer.base, count: buffer.count)
        target.store(topicID.high, at: start)
        target.store(topicID.low, at: start + 8)
        target.store(log.topicPartition.partition.rawValue, at: start + 16)
        target.store(UInt32(header.byteCount), at: start + 20)
        target.store(log.incarnation.rawValue, at: start + 24)
        target.store(header.baseOffset.rawValue, at: start + 32)
        var position = start + JournalFormat.entryHeadByteCount
        for piece in bytes {
            piece.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: target[position...])
                    .copyMemory(from: source)
            }
            position += piece.count
        }
        header.writeBrokerBytes(
            to: UnsafeMutableRawBufferPointer(
                rebasing: target[(start + JournalFormat.entryHeadByteCount)...]))
        byteCount = end
        entryCount += 1
        note(log, end: header.nextOffset)
    }

    private func note(_ log: Log, end: Offset) {
        // Where the log is among the parts is remembered in the log, and checked here.
        let index = log.journaling.partIndex
        if index < parts.count, parts[index].log === log {
            parts[index].end = end
        } else {
            log.journaling.partIndex = parts.count
            parts.append(Part(log: log, end: end))
        }
    }

    private func reserve(_ count: Int) {
        guard count > buffer.count else { return }
        var capacity = buffer.count
        while capacity < count { capacity *= 2 }
        let larger = DiskBuffer(count: capacity)
        larger.base.copyMemory(from: buffer.base, byteCount: byteCount)
        buffer = larger
    }

    /// Completes the head and the padding; the bytes to write.
    func seal(
        for file: JournalFile, stamp: UInt64, sequence: UInt64, settled: UInt64
    ) -> OwnedBytes {
        self.file = file
        self.sequence = sequence
        let padded = JournalFormat.padded(byteCount)
        let all = UnsafeMutableRawBufferPointer(start: buffer.base, count: padded)
        UnsafeMutableRawBufferPointer(rebasing: all[byteCount...]).initializeMemory(
            as: UInt8.self, repeating: 0)
        JournalWriteHeader(
            byteCount: byteCount, stamp: stamp, sequence: sequence, settled: settled,
            entryCount: entryCount
        ).seal(UnsafeMutableRawBufferPointer(rebasing: all[..<byteCount]))
        return OwnedBytes(base: UnsafeRawPointer(buffer.base), count: padded, owner: buffer)
    }
}
