// Written by protocol-generator from 075-DescribeTopicPartitions.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Tells the partitions of topics page by page (KIP-966).
///
/// The request of API 75, versions 0 to 0, flexible since 0.
public struct DescribeTopicPartitionsRequest: RequestMessage {
    public typealias Response = DescribeTopicPartitionsResponse

    public static let apiKey = ApiKey.describeTopicPartitions
    public static let versions: ClosedRange<Int16> = 0...0

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 0
    }

    public var topics: [Topic] = []
    /// Partitions on one page.
    public var responsePartitionLimit: Int32 = 2000
    /// Where the page begins.
    public var cursor: Cursor? = nil

    public init(topics: [Topic] = [], responsePartitionLimit: Int32 = 2000, cursor: Cursor? = nil) {
        self.topics = topics
        self.responsePartitionLimit = responsePartitionLimit
        self.cursor = cursor
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        topics = try reader.array(
            of: Topic.self, version: version, compact: true,
            elementBytes: 2, "DescribeTopicPartitionsRequest.topics")
        responsePartitionLimit = try reader.int32(
            "DescribeTopicPartitionsRequest.responsePartitionLimit")
        cursor = try reader.nullable(
            Cursor.self, version: version, "DescribeTopicPartitionsRequest.cursor")
        try reader.skipTaggedFields("DescribeTopicPartitionsRequest")
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        writer.array(topics, version: version, compact: true)
        writer.int32(responsePartitionLimit)
        writer.nullable(cursor, version: version)
        writer.noTaggedFields()
    }

    public struct Topic: WireStructure {
        public var name: String = ""

        public init(name: String = "") {
            self.name = name
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            name = try reader.string(compact: true, "DescribeTopicPartitionsRequest.Topic.name")
            try reader.skipTaggedFields("DescribeTopicPartitionsRequest.Topic")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.string(name, compact: true)
            writer.noTaggedFields()
        }
    }

    public struct Cursor: WireStructure {
        public var topicName: String = ""
        public var partitionIndex: Int32 = 0

        public init(topicName: String = "", partitionIndex: Int32 = 0) {
            self.topicName = topicName
            self.partitionIndex = partitionIndex
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            topicName = try reader.string(
                compact: true, "DescribeTopicPartitionsRequest.Cursor.topicName")
            partitionIndex = try reader.int32(
                "DescribeTopicPartitionsRequest.Cursor.partitionIndex")
            try reader.skipTaggedFields("DescribeTopicPartitionsRequest.Cursor")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.string(topicName, compact: true)
            writer.int32(partitionIndex)
            writer.noTaggedFields()
        }
    }
}

/// The response of API 75, versions 0 to 0, flexible since 0.
public struct DescribeTopicPartitionsResponse: ResponseMessage {
    public static let apiKey = ApiKey.describeTopicPartitions
    public static let versions: ClosedRange<Int16> = 0...0

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 0
    }

    /// How long the client should pause for its quota.
    public var throttleTimeMs: Int32 = 0
    public var topics: [Topic] = []
    /// Nil: this was the last page.
    public var nextCursor: Cursor? = nil

    public init(throttleTimeMs: Int32 = 0, topics: [Topic] = [], nextCursor: Cursor? = nil) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
        self.nextCursor = nextCursor
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        throttleTimeMs = try reader.int32("DescribeTopicPartitionsResponse.throttleTimeMs")
        topics = try reader.array(
            of: Topic.self, version: version, compact: true,
            elementBytes: 26, "DescribeTopicPartitionsResponse.topics")
        nextCursor = try reader.nullable(
            Cursor.self, version: version, "DescribeTopicPartitionsResponse.nextCursor")
        try reader.skipTaggedFields("DescribeTopicPartitionsResponse")
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(throttleTimeMs)
        writer.array(topics, version: version, compact: true)
        writer.nullable(nextCursor, version: version)
        writer.noTaggedFields()
    }

    public struct Topic: WireStructure {
        public var errorCode: ErrorCode = .none
        public var name: String? = nil
        public var topicID: TopicID = .zero
        /// Belongs to the broker itself.
        public var isInternal: Bool = false
        public var partitions: [Partition] = []
        /// Bits of KIP-430.
        public var topicAuthorizedOperations: Int32 = .min

        public init(
            errorCode: ErrorCode = .none,
            name: String? = nil,
            topicID: TopicID = .zero,
            isInternal: Bool = false,
            partitions: [Partition] = [],
            topicAuthorizedOperations: Int32 = .min
        ) {
            self.errorCode = errorCode
            self.name = name
            self.topicID = topicID
            self.isInternal = isInternal
            self.partitions = partitions
            self.topicAuthorizedOperations = topicAuthorizedOperations
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            errorCode = try reader.errorCode("DescribeTopicPartitionsResponse.Topic.errorCode")
            name = try reader.nullableString(
                compact: true, "DescribeTopicPartitionsResponse.Topic.name")
            topicID = try reader.topicID("DescribeTopicPartitionsResponse.Topic.topicID")
            isInternal = try reader.bool("DescribeTopicPartitionsResponse.Topic.isInternal")
            partitions = try reader.array(
                of: Partition.self, version: version, compact: true,
                elementBytes: 20, "DescribeTopicPartitionsResponse.Topic.partitions")
            topicAuthorizedOperations = try reader.int32(
                "DescribeTopicPartitionsResponse.Topic.topicAuthorizedOperations")
            try reader.skipTaggedFields("DescribeTopicPartitionsResponse.Topic")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.errorCode(errorCode)
            writer.string(name, compact: true)
            writer.topicID(topicID)
            writer.bool(isInternal)
            writer.array(partitions, version: version, compact: true)
            writer.int32(topicAuthorizedOperations)
            writer.noTaggedFields()
        }
    }

    public struct Partition: WireStructure {
        public var errorCode: ErrorCode = .none
        public var partitionIndex: Int32 = 0
        public var leaderID: Int32 = 0
        /// -1: unknown.
        public var leaderEpoch: Int32 = -1
        /// All replicas, the preferred leader first.
        public var replicaNodes: [Int32] = []
        /// Replicas in sync.
        public var isrNodes: [Int32] = []
        /// KIP-966.
        public var eligibleLeaderReplicas: [Int32]? = nil
        /// KIP-966.
        public var lastKnownElr: [Int32]? = nil
        /// Replicas that cannot be reached.
        public var offlineReplicas: [Int32] = []

        public init(
            errorCode: ErrorCode = .none,
            partitionIndex: Int32 = 0,
            leaderID: Int32 = 0,
            leaderEpoch: Int32 = -1,
            replicaNodes: [Int32] = [],
            isrNodes: [Int32] = [],
            eligibleLeaderReplicas: [Int32]? = nil,
            lastKnownElr: [Int32]? = nil,
            offlineReplicas: [Int32] = []
        ) {
            self.errorCode = errorCode
            self.partitionIndex = partitionIndex
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
            self.replicaNodes = replicaNodes
            self.isrNodes = isrNodes
            self.eligibleLeaderReplicas = eligibleLeaderReplicas
            self.lastKnownElr = lastKnownElr
            self.offlineReplicas = offlineReplicas
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            errorCode = try reader.errorCode("DescribeTopicPartitionsResponse.Partition.errorCode")
            partitionIndex = try reader.int32(
                "DescribeTopicPartitionsResponse.Partition.partitionIndex")
            leaderID = try reader.int32("DescribeTopicPartitionsResponse.Partition.leaderID")
            leaderEpoch = try reader.int32("DescribeTopicPartitionsResponse.Partition.leaderEpoch")
            replicaNodes = try reader.array(
                compact: true, elementBytes: 4,
                "DescribeTopicPartitionsResponse.Partition.replicaNodes"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.int32("DescribeTopicPartitionsResponse.Partition.replicaNodes")
            }
            isrNodes = try reader.array(
                compact: true, elementBytes: 4,
                "DescribeTopicPartitionsResponse.Partition.isrNodes"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.int32("DescribeTopicPartitionsResponse.Partition.isrNodes")
            }
            eligibleLeaderReplicas = try reader.nullableArray(
                compact: true, elementBytes: 4,
                "DescribeTopicPartitionsResponse.Partition.eligibleLeaderReplicas"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.int32("DescribeTopicPartitionsResponse.Partition.eligibleLeaderReplicas")
            }
            lastKnownElr = try reader.nullableArray(
                compact: true, elementBytes: 4,
                "DescribeTopicPartitionsResponse.Partition.lastKnownElr"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.int32("DescribeTopicPartitionsResponse.Partition.lastKnownElr")
            }
            offlineReplicas = try reader.array(
                compact: true, elementBytes: 4,
                "DescribeTopicPartitionsResponse.Partition.offlineReplicas"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.int32("DescribeTopicPartitionsResponse.Partition.offlineReplicas")
            }
            try reader.skipTaggedFields("DescribeTopicPartitionsResponse.Partition")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.errorCode(errorCode)
            writer.int32(partitionIndex)
            writer.int32(leaderID)
            writer.int32(leaderEpoch)
            writer.array(replicaNodes, compact: true) {
                $0.int32($1)
            }
            writer.array(isrNodes, compact: true) {
                $0.int32($1)
            }
            writer.array(eligibleLeaderReplicas, compact: true) {
                $0.int32($1)
            }
            writer.array(lastKnownElr, compact: true) {
                $0.int32($1)
            }
            writer.array(offlineReplicas, compact: true) {
                $0.int32($1)
            }
            writer.noTaggedFields()
        }
    }

    public struct Cursor: WireStructure {
        public var topicName: String = ""
        public var partitionIndex: Int32 = 0

        public init(topicName: String = "", partitionIndex: Int32 = 0) {
            self.topicName = topicName
            self.partitionIndex = partitionIndex
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            topicName = try reader.string(
                compact: true, "DescribeTopicPartitionsResponse.Cursor.topicName")
            partitionIndex = try reader.int32(
                "DescribeTopicPartitionsResponse.Cursor.partitionIndex")
            try reader.skipTaggedFields("DescribeTopicPartitionsResponse.Cursor")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.string(topicName, compact: true)
            writer.int32(partitionIndex)
            writer.noTaggedFields()
        }
    }
}
