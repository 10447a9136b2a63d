import SegmentStore
import Vocabulary

/// What the name of a folder among the data says, in Kafka's terms
/// (`LocalLog.parseTopicPartitionName`).
package enum PartitionFolderName: Hashable {
    /// `orders-3`
    case partition(TopicPartition)
    /// `orders-3.<32 hexadecimal digits>-delete`: was being removed.
    case deleted(TopicPartition)
    /// `orders-3.<…>-future`: was being moved to another disk of the same broker.
    case future(TopicPartition)
    /// `orders-3.<…>-stray`: its topic was unknown to the cluster.
    case stray(TopicPartition)
    /// Nothing of the kind.
    case foreign

    package init(_ name: String) {
        if let partition = Self.partition(name) {
            self = .partition(partition)
            return
        }
        for (suffix, make) in Self.suffixes where name.hasSuffix(suffix) {
            let rest = name.dropLast(suffix.count)
            guard let dot = rest.lastIndex(of: "."), rest.index(after: dot) < rest.endIndex,
                let partition = Self.partition(rest[..<dot])
            else { break }
            // What is removed unasked must have the very name that a deletion gives.
            if suffix == "-delete", !Store.isDeletionName(name) { break }
            self = make(partition)
            return
        }
        self = .foreign
    }

    private static let suffixes: [(String, @Sendable (TopicPartition) -> PartitionFolderName)] = [
        ("-delete", { .deleted($0) }), ("-future", { .future($0) }), ("-stray", { .stray($0) }),
    ]

    /// `name-N`, N without leading zeros or sign.
    private static func partition(_ name: some StringProtocol) -> TopicPartition? {
        guard let dash = name.lastIndex(of: "-") else { return nil }
        let digits = name[name.index(after: dash)...]
        guard let topic = TopicName(name[..<dash].utf8), let number = Int32(digits), number >= 0,
            digits == "\(number)"
        else { return nil }
        return TopicPartition(topic: topic.text, partition: PartitionIndex(number))
    }
}
