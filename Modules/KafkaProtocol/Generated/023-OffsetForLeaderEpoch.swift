// Written by protocol-generator from 023-OffsetForLeaderEpoch.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Finds where the records of a leader epoch end (KIP-101, KIP-320).
///
/// The request of API 23, versions 2 to 4, flexible since 4.
public struct OffsetForLeaderEpochRequest: RequestMessage {
    public typealias Response = OffsetForLeaderEpochResponse

    public static let apiKey = ApiKey.offsetForLeaderEpoch
    public static let versions: ClosedRange<Int16> = 2...4

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 4
    }

    /// -1: a consumer, -2: a debugger. From version 3.
    public var replicaID: Int32 = -2
    public var topics: [Topic] = []

    public init(replicaID: Int32 = -2, topics: [Topic] = []) {
        self.replicaID = replicaID
        self.topics = topics
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = OffsetForLeaderEpochRequest.isFlexible(version)
        if version >= 3 {
            replicaID = try reader.int32("OffsetForLeaderEpochRequest.replicaID")
        }
        topics = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 3, "OffsetForLeaderEpochRequest.topics")
        if flexible {
            try reader.skipTaggedFields("OffsetForLeaderEpochRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = OffsetForLeaderEpochRequest.isFlexible(version)
        if version >= 3 {
            writer.int32(replicaID)
        }
        writer.array(topics, version: version, compact: flexible)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        public var topic: String = ""
        public var partitions: [Partition] = []

        public init(topic: String = "", partitions: [Partition] = []) {
            self.topic = topic
            self.partitions = partitions
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = OffsetForLeaderEpochRequest.isFlexible(version)
            topic = try reader.string(compact: flexible, "OffsetForLeaderEpochRequest.Topic.topic")
            partitions = try reader.array(
                of: Partition.self, version: version, compact: flexible,
                elementBytes: 12, "OffsetForLeaderEpochRequest.Topic.partitions")
            if flexible {
                try reader.skipTaggedFields("OffsetForLeaderEpochRequest.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = OffsetForLeaderEpochRequest.isFlexible(version)
            writer.string(topic, compact: flexible)
            writer.array(partitions, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Partition: WireStructure {
        public var partition: Int32 = 0
        /// -1: unknown; fences old metadata (KIP-320).
        public var currentLeaderEpoch: Int32 = -1
        /// The epoch whose end is wanted.
        public var leaderEpoch: Int32 = 0

        public init(partition: Int32 = 0, currentLeaderEpoch: Int32 = -1, leaderEpoch: Int32 = 0) {
            self.partition = partition
            self.currentLeaderEpoch = currentLeaderEpoch
            self.leaderEpoch = leaderEpoch
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = OffsetForLeaderEpochRequest.isFlexible(version)
            partition = try reader.int32("OffsetForLeaderEpochRequest.Partition.partition")
            currentLeaderEpoch = try reader.int32(
                "OffsetForLeaderEpochRequest.Partition.currentLeaderEpoch")
            leaderEpoch = try reader.int32("OffsetForLeaderEpochRequest.Partition.leaderEpoch")
            if flexible {
                try reader.skipTaggedFields("OffsetForLeaderEpochRequest.Partition")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = OffsetForLeaderEpochRequest.isFlexible(version)
            writer.int32(partition)
            writer.int32(currentLeaderEpoch)
            writer.int32(leaderEpoch)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}

/// The response of API 23, versions 2 to 4, flexible since 4.
public struct OffsetForLeaderEpochResponse: ResponseMessage {
    public static let apiKey = ApiKey.offsetForLeaderEpoch
    public static let versions: ClosedRange<Int16> = 2...4

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 4
    }

    /// How long the client should pause for its quota.
    public var throttleTimeMs: Int32 = 0
    public var topics: [Topic] = []

    public init(throttleTimeMs: Int32 = 0, topics: [Topic] = []) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = OffsetForLeaderEpochResponse.isFlexible(version)
        throttleTimeMs = try reader.int32("OffsetForLeaderEpochResponse.throttleTimeMs")
        topics = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 3, "OffsetForLeaderEpochResponse.topics")
        if flexible {
            try reader.skipTaggedFields("OffsetForLeaderEpochResponse")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = OffsetForLeaderEpochResponse.isFlexible(version)
        writer.int32(throttleTimeMs)
        writer.array(topics, version: version, compact: flexible)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        public var topic: String = ""
        public var partitions: [Partition] = []

        public init(topic: String = "", partitions: [Partition] = []) {
            self.topic = topic
            self.partitions = partitions
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = OffsetForLeaderEpochResponse.isFlexible(version)
            topic = try reader.string(compact: flexible, "OffsetForLeaderEpochResponse.Topic.topic")
            partitions = try reader.array(
                of: Partition.self, version: version, compact: flexible,
                elementBytes: 18, "OffsetForLeaderEpochResponse.Topic.partitions")
            if flexible {
                try reader.skipTaggedFields("OffsetForLeaderEpochResponse.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = OffsetForLeaderEpochResponse.isFlexible(version)
            writer.string(topic, compact: flexible)
            writer.array(partitions, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Partition: WireStructure {
        public var errorCode: ErrorCode = .none
        public var partition: Int32 = 0
        /// -1: unknown.
        public var leaderEpoch: Int32 = -1
        /// One past the last offset.
        public var endOffset: Int64 = -1

        public init(
            errorCode: ErrorCode = .none,
            partition: Int32 = 0,
            leaderEpoch: Int32 = -1,
            endOffset: Int64 = -1
        ) {
            self.errorCode = errorCode
            self.partition = partition
            self.leaderEpoch = leaderEpoch
            self.endOffset = endOffset
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = OffsetForLeaderEpochResponse.isFlexible(version)
            errorCode = try reader.errorCode("OffsetForLeaderEpochResponse.Partition.errorCode")
            partition = try reader.int32("OffsetForLeaderEpochResponse.Partition.partition")
            leaderEpoch = try reader.int32("OffsetForLeaderEpochResponse.Partition.leaderEpoch")
            endOffset = try reader.int64("OffsetForLeaderEpochResponse.Partition.endOffset")
            if flexible {
                try reader.skipTaggedFields("OffsetForLeaderEpochResponse.Partition")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = OffsetForLeaderEpochResponse.isFlexible(version)
            writer.errorCode(errorCode)
            writer.int32(partition)
            writer.int32(leaderEpoch)
            writer.int64(endOffset)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}
