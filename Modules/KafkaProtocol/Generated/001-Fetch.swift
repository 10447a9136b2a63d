// Written by protocol-generator from 001-Fetch.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Reads record batches of partitions, waiting for new ones when there are few.
///
/// The request of API 1, versions 4 to 18, flexible since 12.
public struct FetchRequest: RequestMessage {
    public typealias Response = FetchResponse

    public static let apiKey = ApiKey.fetch
    public static let versions: ClosedRange<Int16> = 4...18

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 12
    }

    /// Checked before a broker is registered (KIP-595). From version 12.
    public var clusterID: String? = nil
    /// -1: a client, not a follower. Up to version 14.
    public var replicaID: Int32 = -1
    /// The follower that asks (KIP-903). From version 15.
    public var replicaState: ReplicaState = ReplicaState()
    /// Longest wait for minBytes.
    public var maxWaitMs: Int32 = 0
    /// Answer at once when so many bytes are there.
    public var minBytes: Int32 = 0
    /// Bound on the whole answer (KIP-74).
    public var maxBytes: Int32 = .max
    /// 0: read uncommitted, 1: read committed.
    public var isolationLevel: Int8 = 0
    /// 0: none yet (KIP-227). From version 7.
    public var sessionID: Int32 = 0
    /// -1: no session, 0: a new one. From version 7.
    public var sessionEpoch: Int32 = -1
    public var topics: [Topic] = []
    /// Leave the session (KIP-227). From version 7.
    public var forgottenTopicsData: [ForgottenTopic] = []
    /// Empty: no rack; prefers a near replica (KIP-392). From version 11.
    public var rackID: String = ""

    public init(
        clusterID: String? = nil,
        replicaID: Int32 = -1,
        replicaState: ReplicaState = ReplicaState(),
        maxWaitMs: Int32 = 0,
        minBytes: Int32 = 0,
        maxBytes: Int32 = .max,
        isolationLevel: Int8 = 0,
        sessionID: Int32 = 0,
        sessionEpoch: Int32 = -1,
        topics: [Topic] = [],
        forgottenTopicsData: [ForgottenTopic] = [],
        rackID: String = ""
    ) {
        self.clusterID = clusterID
        self.replicaID = replicaID
        self.replicaState = replicaState
        self.maxWaitMs = maxWaitMs
        self.minBytes = minBytes
        self.maxBytes = maxBytes
        self.isolationLevel = isolationLevel
        self.sessionID = sessionID
        self.sessionEpoch = sessionEpoch
        self.topics = topics
        self.forgottenTopicsData = forgottenTopicsData
        self.rackID = rackID
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = FetchRequest.isFlexible(version)
        if version <= 14 {
            replicaID = try reader.int32("FetchRequest.replicaID")
        }
        maxWaitMs = try reader.int32("FetchRequest.maxWaitMs")
        minBytes = try reader.int32("FetchRequest.minBytes")
        maxBytes = try reader.int32("FetchRequest.maxBytes")
        isolationLevel = try reader.int8("FetchRequest.isolationLevel")
        if version >= 7 {
            sessionID = try reader.int32("FetchRequest.sessionID")
        }
        if version >= 7 {
            sessionEpoch = try reader.int32("FetchRequest.sessionEpoch")
        }
        topics = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 3, "FetchRequest.topics")
        if version >= 7 {
            forgottenTopicsData = try reader.array(
                of: ForgottenTopic.self, version: version, compact: flexible,
                elementBytes: 3, "FetchRequest.forgottenTopicsData")
        }
        if version >= 11 {
            rackID = try reader.string(compact: flexible, "FetchRequest.rackID")
        }
        if flexible {
            var tags = try reader.taggedFields("FetchRequest")
            while let tag = try tags.next(&reader) {
                switch tag {
                case 0 where version >= 12:
                    clusterID = try reader.nullableString(compact: true, "FetchRequest.clusterID")
                case 1 where version >= 15:
                    replicaState = try ReplicaState(from: &reader, version: version)
                default:
                    tags.skip(&reader)
                }
            }
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = FetchRequest.isFlexible(version)
        if version <= 14 {
            writer.int32(replicaID)
        }
        writer.int32(maxWaitMs)
        writer.int32(minBytes)
        writer.int32(maxBytes)
        writer.int8(isolationLevel)
        if version >= 7 {
            writer.int32(sessionID)
        }
        if version >= 7 {
            writer.int32(sessionEpoch)
        }
        writer.array(topics, version: version, compact: flexible)
        if version >= 7 {
            writer.array(forgottenTopicsData, version: version, compact: flexible)
        }
        if version >= 11 {
            writer.string(rackID, compact: flexible)
        }
        if flexible {
            var tagCount: UInt32 = 0
            if version >= 12, clusterID != nil { tagCount += 1 }
            if version >= 15, replicaState != ReplicaState() { tagCount += 1 }
            writer.unsignedVarint(tagCount)
            if version >= 12, clusterID != nil {
                let start = writer.beginTaggedField(0)
                writer.string(clusterID, compact: true)
                writer.endTaggedField(from: start)
            }
            if version >= 15, replicaState != ReplicaState() {
                let start = writer.beginTaggedField(1)
                replicaState.write(to: &writer, version: version)
                writer.endTaggedField(from: start)
            }
        }
    }

    public struct ReplicaState: WireStructure {
        /// -1: a client, not a follower.
        public var replicaID: Int32 = -1
        /// The follower's broker epoch.
        public var replicaEpoch: Int64 = -1

        public init(replicaID: Int32 = -1, replicaEpoch: Int64 = -1) {
            self.replicaID = replicaID
            self.replicaEpoch = replicaEpoch
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            replicaID = try reader.int32("FetchRequest.ReplicaState.replicaID")
            replicaEpoch = try reader.int64("FetchRequest.ReplicaState.replicaEpoch")
            try reader.skipTaggedFields("FetchRequest.ReplicaState")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.int32(replicaID)
            writer.int64(replicaEpoch)
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        /// Up to version 12.
        public var topic: String = ""
        /// From version 13.
        public var topicID: TopicID = .zero
        public var partitions: [Partition] = []

        public init(topic: String = "", topicID: TopicID = .zero, partitions: [Partition] = []) {
            self.topic = topic
            self.topicID = topicID
            self.partitions = partitions
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = FetchRequest.isFlexible(version)
            if version <= 12 {
                topic = try reader.string(compact: flexible, "FetchRequest.Topic.topic")
            }
            if version >= 13 {
                topicID = try reader.topicID("FetchRequest.Topic.topicID")
            }
            partitions = try reader.array(
                of: Partition.self, version: version, compact: flexible,
                elementBytes: 16, "FetchRequest.Topic.partitions")
            if flexible {
                try reader.skipTaggedFields("FetchRequest.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = FetchRequest.isFlexible(version)
            if version <= 12 {
                writer.string(topic, compact: flexible)
            }
            if version >= 13 {
                writer.topicID(topicID)
            }
            writer.array(partitions, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Partition: WireStructure {
        public var partition: Int32 = 0
        /// -1: unknown; fences old metadata (KIP-320). From version 9.
        public var currentLeaderEpoch: Int32 = -1
        /// First offset wanted.
        public var fetchOffset: Int64 = 0
        /// -1: unknown; finds diverged logs (KIP-595). From version 12.
        public var lastFetchedEpoch: Int32 = -1
        /// The follower's own. From version 5.
        public var logStartOffset: Int64 = -1
        /// Bound on this partition's share.
        public var partitionMaxBytes: Int32 = 0
        /// Folder of the follower (KIP-853). From version 17.
        public var replicaDirectoryID: TopicID = .zero
        /// The follower's (KIP-1166). From version 18.
        public var highWatermark: Int64 = .max

        public init(
            partition: Int32 = 0,
            currentLeaderEpoch: Int32 = -1,
            fetchOffset: Int64 = 0,
            lastFetchedEpoch: Int32 = -1,
            logStartOffset: Int64 = -1,
            partitionMaxBytes: Int32 = 0,
            replicaDirectoryID: TopicID = .zero,
            highWatermark: Int64 = .max
        ) {
            self.partition = partition
            self.currentLeaderEpoch = currentLeaderEpoch
            self.fetchOffset = fetchOffset
            self.lastFetchedEpoch = lastFetchedEpoch
            self.logStartOffset = logStartOffset
            self.partitionMaxBytes = partitionMaxBytes
            self.replicaDirectoryID = replicaDirectoryID
            self.highWatermark = highWatermark
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = FetchRequest.isFlexible(version)
            partition = try reader.int32("FetchRequest.Partition.partition")
            if version >= 9 {
                currentLeaderEpoch = try reader.int32("FetchRequest.Partition.currentLeaderEpoch")
            }
            fetchOffset = try reader.int64("FetchRequest.Partition.fetchOffset")
            if version >= 12 {
                lastFetchedEpoch = try reader.int32("FetchRequest.Partition.lastFetchedEpoch")
            }
            if version >= 5 {
                logStartOffset = try reader.int64("FetchRequest.Partition.logStartOffset")
            }
            partitionMaxBytes = try reader.int32("FetchRequest.Partition.partitionMaxBytes")
            if flexible {
                var tags = try reader.taggedFields("FetchRequest.Partition")
                while let tag = try tags.next(&reader) {
                    switch tag {
                    case 0 where version >= 17:
                        replicaDirectoryID = try reader.topicID(
                            "FetchRequest.Partition.replicaDirectoryID")
                    case 1 where version >= 18:
                        highWatermark = try reader.int64("FetchRequest.Partition.highWatermark")
                    default:
                        tags.skip(&reader)
                    }
                }
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = FetchRequest.isFlexible(version)
            writer.int32(partition)
            if version >= 9 {
                writer.int32(currentLeaderEpoch)
            }
            writer.int64(fetchOffset)
            if version >= 12 {
                writer.int32(lastFetchedEpoch)
            }
            if version >= 5 {
                writer.int64(logStartOffset)
            }
            writer.int32(partitionMaxBytes)
            if flexible {
                var tagCount: UInt32 = 0
                if version >= 17, replicaDirectoryID != .zero { tagCount += 1 }
                if version >= 18, highWatermark != .max { tagCount += 1 }
                writer.unsignedVarint(tagCount)
                if version >= 17, replicaDirectoryID != .zero {
                    let start = writer.beginTaggedField(0)
                    writer.topicID(replicaDirectoryID)
                    writer.endTaggedField(from: start)
                }
                if version >= 18, highWatermark != .max {
                    let start = writer.beginTaggedField(1)
                    writer.int64(highWatermark)
                    writer.endTaggedField(from: start)
                }
            }
        }
    }

    public struct ForgottenTopic: WireStructure {
        /// Up to version 12.
        public var topic: String = ""
        /// From version 13.
        public var topicID: TopicID = .zero
        public var partitions: [Int32] = []

        public init(topic: String = "", topicID: TopicID = .zero, partitions: [Int32] = []) {
            self.topic = topic
            self.topicID = topicID
            self.partitions = partitions
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = FetchRequest.isFlexible(version)
            if version <= 12 {
                topic = try reader.string(compact: flexible, "FetchRequest.ForgottenTopic.topic")
            }
            if version >= 13 {
                topicID = try reader.topicID("FetchRequest.ForgottenTopic.topicID")
            }
            partitions = try reader.array(
                compact: flexible, elementBytes: 4,
                "FetchRequest.ForgottenTopic.partitions"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.int32("FetchRequest.ForgottenTopic.partitions")
            }
            if flexible {
                try reader.skipTaggedFields("FetchRequest.ForgottenTopic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = FetchRequest.isFlexible(version)
            if version <= 12 {
                writer.string(topic, compact: flexible)
            }
            if version >= 13 {
                writer.topicID(topicID)
            }
            writer.array(partitions, compact: flexible) {
                $0.int32($1)
            }
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}

/// The response of API 1, versions 4 to 18, flexible since 12.
public struct FetchResponse: ResponseMessage {
    public static let apiKey = ApiKey.fetch
    public static let versions: ClosedRange<Int16> = 4...18

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 12
    }

    /// How long the client should pause for its quota.
    public var throttleTimeMs: Int32 = 0
    /// From version 7.
    public var errorCode: ErrorCode = .none
    /// 0: no fetch session (KIP-227). From version 7.
    public var sessionID: Int32 = 0
    public var responses: [Topic] = []
    /// Addresses of the leaders named above (KIP-951). From version 16.
    public var nodeEndpoints: [Node] = []

    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        sessionID: Int32 = 0,
        responses: [Topic] = [],
        nodeEndpoints: [Node] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.sessionID = sessionID
        self.responses = responses
        self.nodeEndpoints = nodeEndpoints
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = FetchResponse.isFlexible(version)
        throttleTimeMs = try reader.int32("FetchResponse.throttleTimeMs")
        if version >= 7 {
            errorCode = try reader.errorCode("FetchResponse.errorCode")
        }
        if version >= 7 {
            sessionID = try reader.int32("FetchResponse.sessionID")
        }
        responses = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 3, "FetchResponse.responses")
        if flexible {
            var tags = try reader.taggedFields("FetchResponse")
            while let tag = try tags.next(&reader) {
                switch tag {
                case 0 where version >= 16:
                    nodeEndpoints = try reader.array(
                        of: Node.self, version: version, compact: true,
                        elementBytes: 11, "FetchResponse.nodeEndpoints")
                default:
                    tags.skip(&reader)
                }
            }
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = FetchResponse.isFlexible(version)
        writer.int32(throttleTimeMs)
        if version >= 7 {
            writer.errorCode(errorCode)
        }
        if version >= 7 {
            writer.int32(sessionID)
        }
        writer.array(responses, version: version, compact: flexible)
        if flexible {
            var tagCount: UInt32 = 0
            if version >= 16, !nodeEndpoints.isEmpty { tagCount += 1 }
            writer.unsignedVarint(tagCount)
            if version >= 16, !nodeEndpoints.isEmpty {
                let start = writer.beginTaggedField(0)
                writer.array(nodeEndpoints, version: version, compact: true)
                writer.endTaggedField(from: start)
            }
        }
    }

    public struct Topic: WireStructure {
        /// Up to version 12.
        public var topic: String = ""
        /// From version 13.
        public var topicID: TopicID = .zero
        public var partitions: [Partition] = []

        public init(topic: String = "", topicID: TopicID = .zero, partitions: [Partition] = []) {
            self.topic = topic
            self.topicID = topicID
            self.partitions = partitions
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = FetchResponse.isFlexible(version)
            if version <= 12 {
                topic = try reader.string(compact: flexible, "FetchResponse.Topic.topic")
            }
            if version >= 13 {
                topicID = try reader.topicID("FetchResponse.Topic.topicID")
            }
            partitions = try reader.array(
                of: Partition.self, version: version, compact: flexible,
                elementBytes: 30, "FetchResponse.Topic.partitions")
            if flexible {
                try reader.skipTaggedFields("FetchResponse.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = FetchResponse.isFlexible(version)
            if version <= 12 {
                writer.string(topic, compact: flexible)
            }
            if version >= 13 {
                writer.topicID(topicID)
            }
            writer.array(partitions, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Partition: WireStructure {
        public var partitionIndex: Int32 = 0
        public var errorCode: ErrorCode = .none
        /// End of what consumers may read.
        public var highWatermark: Int64 = 0
        /// End of what committed readers may read.
        public var lastStableOffset: Int64 = -1
        /// First offset still kept. From version 5.
        public var logStartOffset: Int64 = -1
        /// Where the logs part (KIP-595). From version 12.
        public var divergingEpoch: EpochEndOffset = EpochEndOffset()
        /// Sent with NOT_LEADER_OR_FOLLOWER (KIP-951). From version 12.
        public var currentLeader: Leader = Leader()
        /// Snapshot to load instead (KIP-630). From version 12.
        public var snapshotID: SnapshotID = SnapshotID()
        /// Nil: read uncommitted.
        public var abortedTransactions: [AbortedTransaction]? = nil
        /// -1: the leader (KIP-392). From version 11.
        public var preferredReadReplica: Int32 = -1
        public var records: RecordsPayload? = .empty

        public init(
            partitionIndex: Int32 = 0,
            errorCode: ErrorCode = .none,
            highWatermark: Int64 = 0,
            lastStableOffset: Int64 = -1,
            logStartOffset: Int64 = -1,
            divergingEpoch: EpochEndOffset = EpochEndOffset(),
            currentLeader: Leader = Leader(),
            snapshotID: SnapshotID = SnapshotID(),
            abortedTransactions: [AbortedTransaction]? = nil,
            preferredReadReplica: Int32 = -1,
            records: RecordsPayload? = .empty
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
            self.highWatermark = highWatermark
            self.lastStableOffset = lastStableOffset
            self.logStartOffset = logStartOffset
            self.divergingEpoch = divergingEpoch
            self.currentLeader = currentLeader
            self.snapshotID = snapshotID
            self.abortedTransactions = abortedTransactions
            self.preferredReadReplica = preferredReadReplica
            self.records = records
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = FetchResponse.isFlexible(version)
            partitionIndex = try reader.int32("FetchResponse.Partition.partitionIndex")
            errorCode = try reader.errorCode("FetchResponse.Partition.errorCode")
            highWatermark = try reader.int64("FetchResponse.Partition.highWatermark")
            lastStableOffset = try reader.int64("FetchResponse.Partition.lastStableOffset")
            if version >= 5 {
                logStartOffset = try reader.int64("FetchResponse.Partition.logStartOffset")
            }
            abortedTransactions = try reader.nullableArray(
                of: AbortedTransaction.self, version: version, compact: flexible,
                elementBytes: 16, "FetchResponse.Partition.abortedTransactions")
            if version >= 11 {
                preferredReadReplica = try reader.int32(
                    "FetchResponse.Partition.preferredReadReplica")
            }
            records = try reader.nullableRecords(
                compact: flexible, "FetchResponse.Partition.records")
            if flexible {
                var tags = try reader.taggedFields("FetchResponse.Partition")
                while let tag = try tags.next(&reader) {
                    switch tag {
                    case 0 where version >= 12:
                        divergingEpoch = try EpochEndOffset(from: &reader, version: version)
                    case 1 where version >= 12:
                        currentLeader = try Leader(from: &reader, version: version)
                    case 2 where version >= 12:
                        snapshotID = try SnapshotID(from: &reader, version: version)
                    default:
                        tags.skip(&reader)
                    }
                }
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = FetchResponse.isFlexible(version)
            writer.int32(partitionIndex)
            writer.errorCode(errorCode)
            writer.int64(highWatermark)
            writer.int64(lastStableOffset)
            if version >= 5 {
                writer.int64(logStartOffset)
            }
            writer.array(abortedTransactions, version: version, compact: flexible)
            if version >= 11 {
                writer.int32(preferredReadReplica)
            }
            writer.records(records, compact: flexible)
            if flexible {
                var tagCount: UInt32 = 0
                if version >= 12, divergingEpoch != EpochEndOffset() { tagCount += 1 }
                if version >= 12, currentLeader != Leader() { tagCount += 1 }
                if version >= 12, snapshotID != SnapshotID() { tagCount += 1 }
                writer.unsignedVarint(tagCount)
                if version >= 12, divergingEpoch != EpochEndOffset() {
                    let start = writer.beginTaggedField(0)
                    divergingEpoch.write(to: &writer, version: version)
                    writer.endTaggedField(from: start)
                }
                if version >= 12, currentLeader != Leader() {
                    let start = writer.beginTaggedField(1)
                    currentLeader.write(to: &writer, version: version)
                    writer.endTaggedField(from: start)
                }
                if version >= 12, snapshotID != SnapshotID() {
                    let start = writer.beginTaggedField(2)
                    snapshotID.write(to: &writer, version: version)
                    writer.endTaggedField(from: start)
                }
            }
        }
    }

    public struct EpochEndOffset: WireStructure {
        public var epoch: Int32 = -1
        /// One past the last offset.
        public var endOffset: Int64 = -1

        public init(epoch: Int32 = -1, endOffset: Int64 = -1) {
            self.epoch = epoch
            self.endOffset = endOffset
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            epoch = try reader.int32("FetchResponse.EpochEndOffset.epoch")
            endOffset = try reader.int64("FetchResponse.EpochEndOffset.endOffset")
            try reader.skipTaggedFields("FetchResponse.EpochEndOffset")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.int32(epoch)
            writer.int64(endOffset)
            writer.noTaggedFields()
        }
    }

    public struct Leader: WireStructure {
        public var leaderID: Int32 = -1
        /// -1: unknown.
        public var leaderEpoch: Int32 = -1

        public init(leaderID: Int32 = -1, leaderEpoch: Int32 = -1) {
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            leaderID = try reader.int32("FetchResponse.Leader.leaderID")
            leaderEpoch = try reader.int32("FetchResponse.Leader.leaderEpoch")
            try reader.skipTaggedFields("FetchResponse.Leader")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.int32(leaderID)
            writer.int32(leaderEpoch)
            writer.noTaggedFields()
        }
    }

    public struct SnapshotID: WireStructure {
        /// One past the last offset.
        public var endOffset: Int64 = -1
        public var epoch: Int32 = -1

        public init(endOffset: Int64 = -1, epoch: Int32 = -1) {
            self.endOffset = endOffset
            self.epoch = epoch
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            endOffset = try reader.int64("FetchResponse.SnapshotID.endOffset")
            epoch = try reader.int32("FetchResponse.SnapshotID.epoch")
            try reader.skipTaggedFields("FetchResponse.SnapshotID")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.int64(endOffset)
            writer.int32(epoch)
            writer.noTaggedFields()
        }
    }

    public struct AbortedTransaction: WireStructure {
        /// -1: none.
        public var producerID: Int64 = 0
        public var firstOffset: Int64 = 0

        public init(producerID: Int64 = 0, firstOffset: Int64 = 0) {
            self.producerID = producerID
            self.firstOffset = firstOffset
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = FetchResponse.isFlexible(version)
            producerID = try reader.int64("FetchResponse.AbortedTransaction.producerID")
            firstOffset = try reader.int64("FetchResponse.AbortedTransaction.firstOffset")
            if flexible {
                try reader.skipTaggedFields("FetchResponse.AbortedTransaction")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = FetchResponse.isFlexible(version)
            writer.int64(producerID)
            writer.int64(firstOffset)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Node: WireStructure {
        public var nodeID: Int32 = 0
        public var host: String = ""
        public var port: Int32 = 0
        /// Nil: the broker has no rack.
        public var rack: String? = nil

        public init(nodeID: Int32 = 0, host: String = "", port: Int32 = 0, rack: String? = nil) {
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.rack = rack
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            nodeID = try reader.int32("FetchResponse.Node.nodeID")
            host = try reader.string(compact: true, "FetchResponse.Node.host")
            port = try reader.int32("FetchResponse.Node.port")
            rack = try reader.nullableString(compact: true, "FetchResponse.Node.rack")
            try reader.skipTaggedFields("FetchResponse.Node")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.int32(nodeID)
            writer.string(host, compact: true)
            writer.int32(port)
            writer.string(rack, compact: true)
            writer.noTaggedFields()
        }
    }
}
