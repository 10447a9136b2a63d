import Disk
import Vocabulary

/// `leader-epoch-checkpoint`: the leader epochs of a partition and where each began.
///
/// ```
/// 0        version
/// 2        number of entries
/// 0 0      epoch, start offset
/// 3 1200
/// ```
public enum LeaderEpochCheckpoint {
    /// The file's name in the partition's folder, Kafka's.
    public static let name = "leader-epoch-checkpoint"

    /// The epochs kept in `folder`; none where there is no such file.
    public static func read(
        on disk: any Disk, folder: String
    ) throws(SideFileError) -> LeaderEpochCache {
        let path = "\(folder)/\(name)"
        guard let bytes = try disk.readSideFileOrBlank(path, limit: CheckpointText.byteLimit)
        else { return LeaderEpochCache() }
        return try parse(bytes, path: path)
    }

    /// Writes the file anew, durably.
    public static func write(
        _ cache: LeaderEpochCache, on disk: any Disk, folder: String
    ) throws(SideFileError) {
        try disk.replaceSideFile("\(folder)/\(name)", with: encode(cache))
    }

    /// The file's contents, in the form above.
    public static func encode(_ cache: LeaderEpochCache) -> [UInt8] {
        CheckpointText.encode(cache.entries.map { "\($0.epoch) \($0.startOffset)" })
    }

    /// Reads the form above; contradicting entries are resolved as `LeaderEpochCache` does.
    ///
    /// - Parameter path: where the bytes are from, for errors.
    /// - Throws: `.malformed` naming the line, `.newerVersion`.
    public static func parse(
        _ bytes: [UInt8], path: String
    ) throws(SideFileError) -> LeaderEpochCache {
        let entries = try CheckpointText.parse(
            bytes, path: path, entryForm: "epoch startOffset",
            remedy: "delete the file: the epochs are read from the batches again"
        ) { words -> LeaderEpochCache.Entry? in
            guard words.count == 2, let epoch: Int32 = TextLines.number(words[0]), epoch >= 0,
                let offset: Int64 = TextLines.number(words[1]), offset >= 0,
                offset <= Offset.limit.rawValue
            else { return nil }
            return LeaderEpochCache.Entry(epoch: LeaderEpoch(epoch), startOffset: Offset(offset))
        }
        return LeaderEpochCache(entries)
    }
}
