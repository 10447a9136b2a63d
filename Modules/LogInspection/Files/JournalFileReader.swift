import Disk
import Records
import SegmentStore
import Vocabulary

/// Reads a file of the journal, as docs/formats/journal.md has it.
///
/// A write of an older generation is void and one that is not whole was under way when the power
/// went: both end the file. So damage behind the header cannot be told from that here: the start
/// of a broker can, which reads all files of a journal together.
struct JournalFileReader {
    struct Header {
        var fileBytes: Int
        var journal: UInt64
        var generation: UInt64

        /// What each write of the file begins with, behind magic and size.
        var stamp: UInt64 {
            JournalFormat.stamp(journalID: journal, generation: generation)
        }
    }

    struct Write {
        var position: Int
        var byteCount: Int
        var sequence: UInt64
        var settled: UInt64
        var entries: [Entry]
    }

    struct Entry {
        var topicID: TopicID
        var partition: PartitionIndex
        var incarnation: UInt64
        var baseOffset: Offset
        var header: BatchHeader?
        var byteCount: Int
    }

    private let window: FileWindow
    let header: Header
    private var position = JournalFormat.blockByteCount

    /// - Throws: what is wrong with the header.
    init(_ window: FileWindow) throws(SideFileFault) {
        self.window = window
        let bytes = try Self.bytes(window, at: 0, count: JournalFormat.fileHeadByteCount)
        guard bytes.count == JournalFormat.fileHeadByteCount else {
            throw SideFileFault(.byte(0), "the header is not whole")
        }
        guard bytes.bigEndian(at: 0, as: UInt64.self) == JournalFormat.fileMagic else {
            throw SideFileFault(.byte(0), "the file does not begin with MRJOURNL")
        }
        let version = bytes.bigEndian(at: 8, as: UInt16.self)
        guard version == JournalFormat.version else {
            throw SideFileFault(.byte(8), "version \(version) is not known to this program")
        }
        let stored = bytes.bigEndian(at: 40, as: UInt32.self)
        let computed = Array(bytes.prefix(40)).withUnsafeBytes { crc32c($0) }
        guard stored == computed else {
            throw SideFileFault(
                .byte(40), "the header's checksum is \(computed), it says \(stored)")
        }
        header = Header(
            fileBytes: Int(bytes.bigEndian(at: 16, as: UInt64.self) & UInt64(Int.max)),
            journal: bytes.bigEndian(at: 24, as: UInt64.self),
            generation: bytes.bigEndian(at: 32, as: UInt64.self))
        guard header.fileBytes == window.byteCount else {
            throw SideFileFault(
                .byte(16), "the file has \(window.byteCount) bytes, it says \(header.fileBytes)")
        }
    }

    /// The next write; `nil` behind the last that is whole and has the file's stamp.
    mutating func next() throws(SideFileFault) -> Write? {
        let headByteCount = JournalFormat.writeHeadByteCount
        let head = try Self.bytes(window, at: position, count: headByteCount)
        guard head.count == headByteCount,
            head.bigEndian(at: 0, as: UInt32.self) == JournalFormat.writeMagic,
            head.bigEndian(at: 8, as: UInt64.self) == header.stamp
        else { return nil }
        let count = Int(head.bigEndian(at: 4, as: UInt32.self))
        guard count >= headByteCount, count <= window.byteCount - position,
            count <= FileWindow.byteLimit
        else { return nil }
        let whole = try Self.bytes(window, at: position, count: count)
        guard
            whole.withUnsafeBytes({ JournalFormat.checksum(ofWrite: $0) })
                == whole.bigEndian(at: 36, as: UInt32.self)
        else { return nil }
        var write = Write(
            position: position, byteCount: count,
            sequence: whole.bigEndian(at: 16, as: UInt64.self),
            settled: whole.bigEndian(at: 24, as: UInt64.self), entries: [])
        var place = headByteCount
        for _ in 0..<Int(whole.bigEndian(at: 32, as: UInt32.self)) {
            guard place + JournalFormat.entryHeadByteCount <= whole.count else { break }
            let entry = whole[(whole.startIndex + place)...]
            let size = Int(entry.bigEndian(at: 20, as: UInt32.self))
            let end = place + JournalFormat.entryHeadByteCount + size
            guard end <= whole.count else { break }
            write.entries.append(Self.entry(entry, byteCount: size))
            place = end
        }
        position += JournalFormat.padded(count)
        return write
    }

    private static func entry(_ bytes: ArraySlice<UInt8>, byteCount: Int) -> Entry {
        Entry(
            topicID: TopicID(
                high: bytes.bigEndian(at: 0, as: UInt64.self),
                low: bytes.bigEndian(at: 8, as: UInt64.self)),
            partition: PartitionIndex(bytes.bigEndian(at: 16, as: Int32.self)),
            incarnation: bytes.bigEndian(at: 24, as: UInt64.self),
            baseOffset: Offset(bytes.bigEndian(at: 32, as: Int64.self)),
            header: Array(bytes.dropFirst(JournalFormat.entryHeadByteCount).prefix(byteCount))
                .withUnsafeBytes {
                    try? BatchHeader(reading: $0)  // the write's checksum vouches for the bytes
                }, byteCount: byteCount)
    }

    private static func bytes(
        _ window: FileWindow, at position: Int, count: Int
    ) throws(SideFileFault) -> ArraySlice<UInt8> {
        do throws(DiskError) {
            return Array(try window.bytes(at: position, count: count))[...]
        } catch {
            throw SideFileFault(.byte(position), "cannot be read: \(error)")
        }
    }
}
