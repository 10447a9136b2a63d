import Disk
import Records
import Vocabulary

/// One journal file, read and checked.
struct JournalReading {
    struct Entry {
        let partition: JournaledPartition
        let batch: JournaledBatches.Batch
    }

    struct Write {
        let header: JournalWriteHeader
        let position: Int
        let entries: [Entry]
    }

    let path: String
    let name: String
    let header: JournalFileHeader
    private(set) var writes: [Write] = []
    private(set) var notice: String?

    /// - Throws: `.malformed`, `.newerVersion`, `.disk`.
    init(of path: String, name: String, on disk: any Disk) throws(SideFileError) {
        let contents: OwnedBytes
        do throws(DiskError) {
            contents = try Self.contents(of: path, on: disk)
        } catch {
            throw .disk(error)
        }
        try self.init(contents, path: path, name: name)
    }

    init(_ contents: OwnedBytes, path: String, name: String) throws(SideFileError) {
        self.path = path
        self.name = name
        let bytes = UnsafeRawBufferPointer(start: contents.base, count: contents.count)
        defer { extendLifetime(contents) }
        header = try Self.header(bytes, path)
        let end = min(header.fileByteCount, contents.count)
        var position = JournalFormat.blockByteCount
        while position < end, let write = try Self.write(contents, position, end, header, path) {
            writes.append(write)
            position += JournalFormat.padded(write.header.byteCount)
        }
        try lookBehind(position, contents, end)
    }

    private static func contents(of path: String, on disk: any Disk) throws(DiskError) -> OwnedBytes
    {
        let (file, size) = try disk.openWithSize(path, .readOnly)
        let buffer = DiskBuffer(count: size)
        do throws(DiskError) {
            let count = try disk.read(file, at: .zero, into: buffer)
            try disk.close(file)
            return OwnedBytes(base: UnsafeRawPointer(buffer.base), count: count, owner: buffer)
        } catch {
            _ = try? disk.close(file)  // the first failure is the one to report
            throw error
        }
    }

    // MARK: - Damage

    /// A write that is not whole ends the file, unless something tells that it was durable.
    private mutating func lookBehind(
        _ end: Int, _ contents: OwnedBytes, _ fileEnd: Int
    ) throws(SideFileError) {
        let expected = (writes.last?.header.sequence).map { $0 + 1 }
        var position = end
        while position < fileEnd {
            if let later = try Self.write(contents, position, fileEnd, header, path) {
                // Behind a hole: its own predecessor at the latest should have been found.
                let missing = expected ?? later.header.sequence - 1
                if later.header.settled >= missing {
                    throw Self.fault(
                        path, end, "write \(missing), which was durable",
                        "something else, and write \(later.header.sequence) at byte \(position)")
                }
                notice = """
                    \(path): left out what follows byte \(end), which was under way when the \
                    broker stopped
                    """
                return
            }
            position += JournalFormat.blockByteCount
        }
    }

    /// Whether files of one run lack a write between them that was durable.
    static func check(_ readings: [JournalReading]) throws(SideFileError) {
        for run in Dictionary(grouping: readings, by: { $0.header.journalID }).values {
            let files = run.sorted { $0.header.generation < $1.header.generation }
            let settled = files.flatMap(\.writes).map(\.header.settled).max() ?? 0
            for (earlier, later) in zip(files, files.dropFirst())
            where later.header.generation == earlier.header.generation + 1 {
                guard let first = later.writes.first?.header.sequence, first > 1 else { continue }
                let found = earlier.writes.last?.header.sequence
                let missing = found.map { $0 + 1 } ?? first - 1
                if missing < first, missing <= settled {
                    let end =
                        earlier.writes.last.map {
                            $0.position + JournalFormat.padded($0.header.byteCount)
                        } ?? JournalFormat.blockByteCount
                    throw fault(
                        earlier.path, end, "write \(missing), which was durable",
                        "something else, and write \(first) in \(later.path)")
                }
            }
        }
    }

    private static func fault(
        _ path: String, _ position: Int, _ expected: String, _ found: String
    ) -> SideFileError {
        .malformed(
            MalformedFile(
                path: path, place: "byte \(position)", expected: expected, found: found,
                remedy: """
                    restore the data folder from a backup, or move the file away to give up the \
                    records that only it holds
                    """))
    }

    // MARK: - Parts

    private static func header(
        _ bytes: UnsafeRawBufferPointer, _ path: String
    ) throws(SideFileError) -> JournalFileHeader {
        guard bytes.count >= JournalFormat.blockByteCount else {
            throw fault(path, 0, "a block of 4096 bytes", "\(bytes.count) bytes")
        }
        let magic: UInt64 = bytes.number(at: 0)
        guard magic == JournalFormat.fileMagic else {
            throw fault(path, 0, "the magic MRJOURNL", "others bytes")
        }
        let version: UInt16 = bytes.number(at: 8)
        guard version <= JournalFormat.version else {
            throw .newerVersion(
                path: path, found: Int(version), supported: Int(JournalFormat.version))
        }
        let stored: UInt32 = bytes.number(at: 40)
        let computed = crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<40]))
        guard stored == computed else { throw fault(path, 40, "\(computed)", "\(stored)") }
        let blockSize: UInt32 = bytes.number(at: 12)
        let size: UInt64 = bytes.number(at: 16)
        guard version == JournalFormat.version, blockSize == JournalFormat.blockByteCount,
            let byteCount = Int(exactly: size)
        else {
            throw fault(
                path, 8, "version \(JournalFormat.version) with blocks of 4096 bytes",
                "version \(version) with blocks of \(blockSize)")
        }
        return JournalFileHeader(
            fileByteCount: byteCount, journalID: bytes.number(at: 24),
            generation: bytes.number(at: 32))
    }

    /// The write at a position; `nil` where there is no whole one of the file's stamp.
    private static func write(
        _ contents: OwnedBytes, _ position: Int, _ end: Int, _ file: JournalFileHeader,
        _ path: String
    ) throws(SideFileError) -> Write? {
        let available = UnsafeRawBufferPointer(start: contents.base, count: end)
        guard position + JournalFormat.writeHeadByteCount <= end else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: available[position...])
        let magic: UInt32 = rest.number(at: 0)
        let count: UInt32 = rest.number(at: 4)
        let stamp: UInt64 = rest.number(at: 8)
        guard magic == JournalFormat.writeMagic, stamp == file.stamp,
            count > JournalFormat.writeHeadByteCount, Int(count) <= rest.count
        else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: rest[..<Int(count)])
        let stored: UInt32 = bytes.number(at: 36)
        guard stored == JournalFormat.checksum(ofWrite: bytes) else { return nil }
        let entryCount: UInt32 = bytes.number(at: 32)
        let header = JournalWriteHeader(
            byteCount: Int(count), stamp: stamp, sequence: bytes.number(at: 16),
            settled: bytes.number(at: 24), entryCount: Int(entryCount))
        guard let entries = entries(contents[position..<position + Int(count)], header) else {
            throw fault(path, position, "\(entryCount) entries", "others: the writer was wrong")
        }
        return Write(header: header, position: position, entries: entries)
    }

    private static func entries(
        _ write: OwnedBytes, _ header: JournalWriteHeader
    ) -> [Entry]? {
        let bytes = UnsafeRawBufferPointer(start: write.base, count: write.count)
        var entries: [Entry] = []
        var position = JournalFormat.writeHeadByteCount
        for _ in 0..<header.entryCount {
            guard position + JournalFormat.entryHeadByteCount <= bytes.count else { return nil }
            let byteCount: UInt32 = bytes.number(at: position + 20)
            let start = position + JournalFormat.entryHeadByteCount
            guard start + Int(byteCount) <= bytes.count else { return nil }
            entries.append(
                Entry(
                    partition: JournaledPartition(
                        topicID: TopicID(
                            high: bytes.number(at: position), low: bytes.number(at: position + 8)),
                        partition: PartitionIndex(bytes.number(at: position + 16))),
                    batch: JournaledBatches.Batch(
                        incarnation: LogIncarnation(bytes.number(at: position + 24)),
                        baseOffset: Offset(bytes.number(at: position + 32)),
                        bytes: write[start..<start + Int(byteCount)])))
            position = start + Int(byteCount)
        }
        return position == bytes.count ? entries : nil
    }
}
