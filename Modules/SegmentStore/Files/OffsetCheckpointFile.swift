import Disk
import Vocabulary

/// One offset for each partition of a data folder, in a file of Kafka's checkpoint form.
///
/// ```
/// 0                  version
/// 2                  number of entries
/// compacted 0 2375   topic, partition, offset
/// codecs 0 10000
/// ```
/// The entries keep the order they were read in, so that an unchanged file is written as it was;
/// new partitions follow in the order they were set.
public struct OffsetCheckpointFile: Sendable, Hashable {
    /// Which offset a file of the data folder holds; the raw value is the file's name.
    public enum Kind: String, Sendable, CaseIterable {
        /// Everything below is on stable storage.
        case recoveryPoint = "recovery-point-offset-checkpoint"
        /// The first offset that can be read.
        case logStart = "log-start-offset-checkpoint"
        /// Kafka's high watermark: consumers read what is below.
        case highWatermark = "replication-offset-checkpoint"
        /// Everything below has been compacted.
        case cleaner = "cleaner-offset-checkpoint"
    }

    private var order: [TopicPartition] = []
    private var offsets: [TopicPartition: Offset] = [:]

    public init() {}

    /// How many partitions have an offset.
    public var count: Int { offsets.count }

    /// In the order of the file; made anew by each call, with a look-up for each partition.
    public var entries: [(partition: TopicPartition, offset: Offset)] {
        order.compactMap { partition in offsets[partition].map { (partition, $0) } }
    }

    /// The offset of one partition; `nil` removes it. Removing costs a scan of the partitions.
    public subscript(partition: TopicPartition) -> Offset? {
        get { offsets[partition] }
        set {
            let old = offsets.updateValueOrRemove(newValue, forKey: partition)
            if old == nil, newValue != nil { order.append(partition) }
            if old != nil, newValue == nil { order.removeAll { $0 == partition } }
        }
    }

    /// The checkpoint in `folder`; empty where there is no such file.
    public static func read(
        _ kind: Kind, on disk: any Disk, folder: String
    ) throws(SideFileError) -> OffsetCheckpointFile {
        let path = "\(folder)/\(kind.rawValue)"
        guard let bytes = try disk.readSideFile(path, limit: CheckpointText.byteLimit) else {
            return OffsetCheckpointFile()
        }
        return try OffsetCheckpointFile(parsing: bytes, path: path)
    }

    /// Writes the file anew, durably.
    public func write(_ kind: Kind, on disk: any Disk, folder: String) throws(SideFileError) {
        try disk.replaceSideFile("\(folder)/\(kind.rawValue)", with: encoded)
    }

    /// The file's contents, in the form above.
    public var encoded: [UInt8] {
        CheckpointText.encode(
            entries.map { "\($0.partition.topic) \($0.partition.partition) \($0.offset)" })
    }

    /// Reads the form above; a partition that comes twice has the offset of its last entry.
    public init(parsing bytes: [UInt8], path: String) throws(SideFileError) {
        let entries = try CheckpointText.parse(
            bytes, path: path, entryForm: "topic partition offset",
            remedy: "delete the file: the broker then reads more of the logs when it starts"
        ) { words -> (TopicPartition, Offset)? in
            guard words.count == 3, let topic = TopicName(words[0]),
                let partition: Int32 = TextLines.number(words[1]), partition >= 0,
                let offset: Int64 = TextLines.number(words[2]), offset >= 0,
                offset <= Offset.limit.rawValue
            else { return nil }
            let name = TopicPartition(topic: topic.text, partition: PartitionIndex(partition))
            return (name, Offset(offset))
        }
        for (partition, offset) in entries { self[partition] = offset }
    }
}

extension Dictionary {
    fileprivate mutating func updateValueOrRemove(_ value: Value?, forKey key: Key) -> Value? {
        guard let value else { return removeValue(forKey: key) }
        return updateValue(value, forKey: key)
    }
}
