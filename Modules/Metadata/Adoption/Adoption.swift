import Disk
import SegmentStore
import Vocabulary

/// How the topics found in a data folder enter the cluster's state.
public struct Adoption: Sendable {
    /// Folders to be given a `partition.metadata`, with the topic id to write.
    public private(set) var identities: [(folder: String, topicID: TopicID)] = []
    /// The records that take the found topics into the state.
    public private(set) var records: [MetadataRecord] = []
    /// What the operator should know, one sentence each.
    public private(set) var notices: [String]

    private var taken: Set<TopicID> = []

    /// Ids left out above the largest that snapshots name: batches behind the last snapshot may
    /// hold ids that were given out later.
    static let producerIDMargin: Int64 = 1_000_000

    /// Decides, without changing anything, what `folder` adds to `state`.
    ///
    /// Topics keep the id that their folders name. Known topics and those being deleted add
    /// nothing. A topic whose folders contradict each other or the state is left out with a
    /// notice.
    /// - Parameter makeID: gives a new id for a topic whose folders name none.
    public init(
        of folder: DataFolder, into state: ClusterState, limits: MetadataLimits = MetadataLimits(),
        makeID: () -> TopicID = TopicID.random
    ) {
        notices = folder.notices
        let topics = Dictionary(grouping: folder.partitions, by: \.name.topic)
        for (name, found) in topics.sorted(by: { $0.key < $1.key }) {
            adopt(name, found, folder.path, state, limits, makeID)
        }
        let adoptsTopics = records.contains { if case .topicCreated = $0 { true } else { false } }
        if adoptsTopics, let largest = folder.largestProducerID {
            let (used, overflow) = largest.rawValue.addingReportingOverflow(Self.producerIDMargin)
            records += state.decideProducerIDs(above: overflow ? largest : ProducerID(used))
        }
    }

    /// Writes the missing `partition.metadata` files. Do it before the records are kept: a crash in
    /// between leaves files that the next start reads.
    public func writeIdentities(on disk: any Disk) throws(SideFileError) {
        for (folder, topicID) in identities {
            try PartitionMetadataFile.write(topicID, on: disk, folder: folder)
        }
    }

    private mutating func adopt(
        _ name: String, _ found: [DataFolder.FoundPartition], _ path: String,
        _ state: ClusterState, _ limits: MetadataLimits, _ makeID: () -> TopicID
    ) {
        let known = state.topic(named: name)
        // Folders of a deleted topic may stand beside those of a new one with its name.
        let live = found.filter { $0.topicID.map { !state.isBeingDeleted($0) } ?? true }
        let ids = Set(live.compactMap(\.topicID))
        guard !live.isEmpty else { return }
        guard ids.count <= 1, known == nil || ids.isEmpty || ids == [known?.id] else {
            let named = ids.map(\.description).sorted().joined(separator: ", ")
            notices.append(
                """
                topic \(name) is left out: its folders in \(path) name the topic ids \(named)\
                \(known.map { ", the metadata says \($0.id)" } ?? ""); keep the folders of one
                """)
            return
        }
        let id = known?.id ?? ids.first ?? makeID()
        let highest = live.map(\.name.partition.rawValue).max() ?? 0
        guard highest < limits.partitionsPerTopic else {
            notices.append(
                """
                topic \(name) is left out: its folder \(path)/\(name)-\(highest) has a number above \
                the \(limits.partitionsPerTopic) partitions that a topic may have
                """)
            return
        }

        guard let known else {
            guard state.topic(id) == nil, taken.insert(id).inserted else {
                notices.append("topic \(name) is left out: its id \(id) belongs to another topic")
                return
            }
            records.append(.topicCreated(name: name, id: id, partitionCount: highest + 1))
            records += Self.unknownRetention(of: id)
            noteHoles(name, live.map(\.name.partition.rawValue), count: highest + 1)
            identify(live, as: id, path)
            return
        }
        identify(live, as: id, path)
        if highest >= known.partitionCount {
            records.append(.partitionsAdded(topicID: id, partitionCount: highest + 1))
        }
    }

    /// The topic's own settings are not in its folders. It may have kept its records for ever, or
    /// the last of each key: nothing is deleted until somebody says what goes.
    static func unknownRetention(of id: TopicID) -> [MetadataRecord] {
        ["retention.bytes", "retention.ms"].map {
            .topicConfigSet(topicID: id, key: $0, value: "-1")
        }
    }

    private mutating func identify(
        _ partitions: [DataFolder.FoundPartition], as id: TopicID, _ path: String
    ) {
        for partition in partitions where partition.topicID == nil {
            identities.append(("\(path)/\(partition.name)", id))
        }
    }

    private mutating func noteHoles(_ name: String, _ present: [Int32], count: Int32) {
        let missing = Set(0..<count).subtracting(present).sorted()
        guard !missing.isEmpty else { return }
        let shown = missing.prefix(10).map(String.init).joined(separator: ", ")
        notices.append(
            """
            topic \(name) lacks the folders of \(missing.count) of its \(count) partitions \
            (\(shown)\(missing.count > 10 ? ", …" : "")); those begin empty
            """)
    }
}
