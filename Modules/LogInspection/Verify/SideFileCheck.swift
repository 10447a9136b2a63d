import Disk
import SegmentStore
import Vocabulary

/// Reads small files and checks that they are what their writer makes of their contents: text
/// files have no checksums, and a changed end of line says nothing else.
enum SideFileCheck {
    /// The contents; `nil` for a file that a running broker took away meanwhile.
    static func bytes(
        _ path: String, on disk: any Disk, isLive: Bool
    ) throws(SideFileFault) -> [UInt8]? {
        do throws(SideFileError) {
            if let bytes = try disk.readSideFile(path, limit: SideFileContents.byteLimit) {
                return bytes
            }
        } catch {
            throw SideFileFault(error)
        }
        if isLive { return nil }
        throw SideFileFault(.wholeFile, "was deleted while it was being checked")
    }

    static func snapshot(
        _ bytes: [UInt8], path: String
    ) throws(SideFileFault) -> ProducerSnapshot {
        do throws(SideFileError) {
            return try ProducerSnapshot(parsing: bytes, path: path)
        } catch {
            throw SideFileFault(error)
        }
    }

    static func epochs(_ bytes: [UInt8], path: String) throws(SideFileFault) -> LeaderEpochCache {
        let cache: LeaderEpochCache
        do throws(SideFileError) {
            cache = try LeaderEpochCheckpoint.parse(bytes, path: path)
        } catch {
            throw SideFileFault(error)
        }
        try compare(bytes, LeaderEpochCheckpoint.encode(cache))
        return cache
    }

    static func topicID(_ bytes: [UInt8], path: String) throws(SideFileFault) -> TopicID {
        let id: TopicID
        do throws(SideFileError) {
            id = try PartitionMetadataFile.parse(bytes, path: path)
        } catch {
            throw SideFileFault(error)
        }
        try compare(bytes, PartitionMetadataFile.encode(id))
        return id
    }

    static func checkpoint(
        _ bytes: [UInt8], path: String
    ) throws(SideFileFault) -> OffsetCheckpointFile {
        let file: OffsetCheckpointFile
        do throws(SideFileError) {
            file = try OffsetCheckpointFile(parsing: bytes, path: path)
        } catch {
            throw SideFileFault(error)
        }
        try compare(bytes, file.encoded)
        return file
    }

    /// Names the first line that differs from what a writer makes. An empty file is one that was
    /// being made.
    private static func compare(_ found: [UInt8], _ due: [UInt8]) throws(SideFileFault) {
        guard found != due, !found.isEmpty else { return }
        let same = zip(found, due).prefix { $0 == $1 }.count
        let line = found[..<same].count { $0 == UInt8(ascii: "\n") } + 1
        throw SideFileFault(.line(line), "is not as any broker writes it")
    }
}
