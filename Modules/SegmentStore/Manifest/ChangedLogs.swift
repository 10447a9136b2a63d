import Disk
import Records
import Vocabulary

/// `millrace.changed.N`: which logs one store may have changed since the manifest was made.
///
/// A log's name is durable here before the log's first change, so that after a crash every log
/// that is not named is as the manifest says. Each store has a file of its own, all made before
/// the first of them takes a change; each says how many there are, so that a lost one is noticed.
///
///      0   4  magic, `4D52434C` (`MRCL`)
///      4   2  version, 1
///      6  16  the manifest's generation
///     22   2  which file this is, from 0
///     24   2  how many there are
///     26      the logs, each: topic: text, partition: 4, CRC-32C of both and the generation: 4
public final class ChangedLogs {
    package static let magic: UInt32 = 0x4D52_434C
    package static let version = 1
    package static let headerByteCount = 26
    static let byteLimit = 512 << 20

    private let path: String
    private let generation: TopicID
    private let disk: any Disk
    private var file: FileID?
    private var end = headerByteCount
    /// Once a sync has failed nothing is proven by another.
    private var failure: StoreError?

    /// Makes the file anew, durably: no log was changed since the manifest of `generation`.
    public init(
        _ index: Int, of count: Int, generation: TopicID, folder: String, on disk: any Disk
    ) throws(SideFileError) {
        path = "\(folder)/\(Self.name(index))"
        self.generation = generation
        self.disk = disk
        var header = BigEndianWriter(capacity: Self.headerByteCount)
        header.append(Self.magic)
        header.append(UInt16(Self.version))
        header.append(generation.high)
        header.append(generation.low)
        header.append(UInt16(index))
        header.append(UInt16(count))
        try disk.replaceSideFile(path, with: header.bytes)
        do throws(DiskError) {
            file = try disk.open(path, .readWrite)
        } catch {
            throw .disk(error)
        }
    }

    static func name(_ index: Int) -> String { "millrace.changed.\(index)" }

    /// Whether a file of the data folder is one of these.
    public static func isName(_ name: String) -> Bool {
        let prefix = "millrace.changed."
        let number = name.dropFirst(prefix.count)
        return name.hasPrefix(prefix) && number.isDecimalNumber && UInt16(number) != nil
    }

    /// Notes that a log is about to change; returns when that is durable.
    func note(_ partition: TopicPartition) throws(StoreError) {
        if let failure { throw failure }
        guard let file else { throw .closed(path: path) }
        let bytes = Self.entry(partition, generation)
        do throws(DiskError) {
            try disk.write(file, at: FilePosition(Int64(end)), [OwnedBytes(bytes)])
            _ = try disk.perform(.sync(file, .data))
        } catch {
            if !error.isPassing { failure = .failed(path: path, cause: error) }
            throw StoreError(error)
        }
        end += bytes.count
    }

    /// Closes the file; nothing is noted any more.
    public func close() {
        guard let file else { return }
        self.file = nil
        _ = try? disk.close(file)  // what was noted was synced
    }

    static func entry(_ partition: TopicPartition, _ generation: TopicID) -> [UInt8] {
        var writer = BigEndianWriter(capacity: 10 + partition.topic.utf8.count)
        writer.append(partition.topic)
        writer.append(partition.partition.rawValue)
        var checksum = CRC32C()
        writer.bytes.withUnsafeBytes { checksum.update($0) }
        withUnsafeBytes(of: (generation.high.bigEndian, generation.low.bigEndian)) {
            checksum.update($0)
        }
        writer.append(checksum.value)
        return writer.bytes
    }
}

extension ChangedLogs {
    /// What all stores noted since the manifest of `generation`; `nil` where that cannot be known:
    /// then any log may have changed.
    public static func read(
        since generation: TopicID, on disk: any Disk, folder: String
    ) throws(SideFileError) -> Set<TopicPartition>? {
        var changed: Set<TopicPartition> = []
        var index = 0
        var count = 1
        while index < count {
            let path = "\(folder)/\(name(index))"
            guard let bytes = try disk.readSideFile(path, limit: byteLimit),
                bytes.count >= headerByteCount
            else { return nil }
            var reader = BigEndianReader(bytes)
            guard reader.next() as UInt32 == magic else { return nil }
            let version: UInt16 = reader.next()
            guard Int(version) <= Self.version else {
                throw .newerVersion(path: path, found: Int(version), supported: Self.version)
            }
            guard TopicID(high: reader.next(), low: reader.next()) == generation,
                reader.next() as UInt16 == UInt16(index)
            else { return nil }
            let total = Int(reader.next() as UInt16)
            guard index == 0 || total == count, total > 0 else { return nil }
            count = total
            guard readEntries(&reader, generation, into: &changed) else { return nil }
            index += 1
        }
        return changed
    }

    /// One entry at most is torn: each is durable before the next is written.
    private static let largestEntry = 2 + 255 + 8

    private static func readEntries(
        _ reader: inout BigEndianReader, _ generation: TopicID,
        into changed: inout Set<TopicPartition>
    ) -> Bool {
        while reader.remaining > 0 {
            let left = reader.remaining
            guard let topic = reader.nextText(), reader.remaining >= 8 else {
                return left <= largestEntry
            }
            let partition = TopicPartition(
                topic: topic, partition: PartitionIndex(reader.next()))
            let found: UInt32 = reader.next()
            let expected = BigEndianReader(Array(entry(partition, generation).suffix(4)))
            var checksum = expected
            guard found == checksum.next() else { return left <= largestEntry }
            changed.insert(partition)
        }
        return true
    }
}
