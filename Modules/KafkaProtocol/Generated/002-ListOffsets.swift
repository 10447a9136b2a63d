// Written by protocol-generator from 002-ListOffsets.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Finds offsets by timestamp, and the ends of partitions.
///
/// The request of API 2, versions 1 to 11, flexible since 6.
public struct ListOffsetsRequest: RequestMessage {
    public typealias Response = ListOffsetsResponse

    public static let apiKey = ApiKey.listOffsets
    public static let versions: ClosedRange<Int16> = 1...11

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 6
    }

    /// -1: a client, not a follower.
    public var replicaID: Int32 = 0
    /// 0: read uncommitted, 1: read committed. From version 2.
    public var isolationLevel: Int8 = 0
    public var topics: [Topic] = []
    /// How long tiered storage may take (KIP-1075). From version 10.
    public var timeoutMs: Int32 = 0

    public init(
        replicaID: Int32 = 0,
        isolationLevel: Int8 = 0,
        topics: [Topic] = [],
        timeoutMs: Int32 = 0
    ) {
        self.replicaID = replicaID
        self.isolationLevel = isolationLevel
        self.topics = topics
        self.timeoutMs = timeoutMs
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = ListOffsetsRequest.isFlexible(version)
        replicaID = try reader.int32("ListOffsetsRequest.replicaID")
        if version >= 2 {
            isolationLevel = try reader.int8("ListOffsetsRequest.isolationLevel")
        }
        topics = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 3, "ListOffsetsRequest.topics")
        if version >= 10 {
            timeoutMs = try reader.int32("ListOffsetsRequest.timeoutMs")
        }
        if flexible {
            try reader.skipTaggedFields("ListOffsetsRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = ListOffsetsRequest.isFlexible(version)
        writer.int32(replicaID)
        if version >= 2 {
            writer.int8(isolationLevel)
        }
        writer.array(topics, version: version, compact: flexible)
        if version >= 10 {
            writer.int32(timeoutMs)
        }
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        public var name: String = ""
        public var partitions: [Partition] = []

        public init(name: String = "", partitions: [Partition] = []) {
            self.name = name
            self.partitions = partitions
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = ListOffsetsRequest.isFlexible(version)
            name = try reader.string(compact: flexible, "ListOffsetsRequest.Topic.name")
            partitions = try reader.array(
                of: Partition.self, version: version, compact: flexible,
                elementBytes: 12, "ListOffsetsRequest.Topic.partitions")
            if flexible {
                try reader.skipTaggedFields("ListOffsetsRequest.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = ListOffsetsRequest.isFlexible(version)
            writer.string(name, compact: flexible)
            writer.array(partitions, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Partition: WireStructure {
        public var partitionIndex: Int32 = 0
        /// -1: unknown; fences old metadata (KIP-320). From version 4.
        public var currentLeaderEpoch: Int32 = -1
        /// Milliseconds, or one of the negative names.
        public var timestamp: Int64 = 0

        public init(
            partitionIndex: Int32 = 0,
            currentLeaderEpoch: Int32 = -1,
            timestamp: Int64 = 0
        ) {
            self.partitionIndex = partitionIndex
            self.currentLeaderEpoch = currentLeaderEpoch
            self.timestamp = timestamp
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = ListOffsetsRequest.isFlexible(version)
            partitionIndex = try reader.int32("ListOffsetsRequest.Partition.partitionIndex")
            if version >= 4 {
                currentLeaderEpoch = try reader.int32(
                    "ListOffsetsRequest.Partition.currentLeaderEpoch")
            }
            timestamp = try reader.int64("ListOffsetsRequest.Partition.timestamp")
            if flexible {
                try reader.skipTaggedFields("ListOffsetsRequest.Partition")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = ListOffsetsRequest.isFlexible(version)
            writer.int32(partitionIndex)
            if version >= 4 {
                writer.int32(currentLeaderEpoch)
            }
            writer.int64(timestamp)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}

/// The response of API 2, versions 1 to 11, flexible since 6.
public struct ListOffsetsResponse: ResponseMessage {
    public static let apiKey = ApiKey.listOffsets
    public static let versions: ClosedRange<Int16> = 1...11

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 6
    }

    /// How long the client should pause for its quota. From version 2.
    public var throttleTimeMs: Int32 = 0
    public var topics: [Topic] = []

    public init(throttleTimeMs: Int32 = 0, topics: [Topic] = []) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = ListOffsetsResponse.isFlexible(version)
        if version >= 2 {
            throttleTimeMs = try reader.int32("ListOffsetsResponse.throttleTimeMs")
        }
        topics = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 3, "ListOffsetsResponse.topics")
        if flexible {
            try reader.skipTaggedFields("ListOffsetsResponse")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = ListOffsetsResponse.isFlexible(version)
        if version >= 2 {
            writer.int32(throttleTimeMs)
        }
        writer.array(topics, version: version, compact: flexible)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        public var name: String = ""
        public var partitions: [Partition] = []

        public init(name: String = "", partitions: [Partition] = []) {
            self.name = name
            self.partitions = partitions
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = ListOffsetsResponse.isFlexible(version)
            name = try reader.string(compact: flexible, "ListOffsetsResponse.Topic.name")
            partitions = try reader.array(
                of: Partition.self, version: version, compact: flexible,
                elementBytes: 22, "ListOffsetsResponse.Topic.partitions")
            if flexible {
                try reader.skipTaggedFields("ListOffsetsResponse.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = ListOffsetsResponse.isFlexible(version)
            writer.string(name, compact: flexible)
            writer.array(partitions, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Partition: WireStructure {
        public var partitionIndex: Int32 = 0
        public var errorCode: ErrorCode = .none
        /// -1: none found.
        public var timestamp: Int64 = -1
        public var offset: Int64 = -1
        /// -1: unknown. From version 4.
        public var leaderEpoch: Int32 = -1

        public init(
            partitionIndex: Int32 = 0,
            errorCode: ErrorCode = .none,
            timestamp: Int64 = -1,
            offset: Int64 = -1,
            leaderEpoch: Int32 = -1
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
            self.timestamp = timestamp
            self.offset = offset
            self.leaderEpoch = leaderEpoch
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = ListOffsetsResponse.isFlexible(version)
            partitionIndex = try reader.int32("ListOffsetsResponse.Partition.partitionIndex")
            errorCode = try reader.errorCode("ListOffsetsResponse.Partition.errorCode")
            timestamp = try reader.int64("ListOffsetsResponse.Partition.timestamp")
            offset = try reader.int64("ListOffsetsResponse.Partition.offset")
            if version >= 4 {
                leaderEpoch = try reader.int32("ListOffsetsResponse.Partition.leaderEpoch")
            }
            if flexible {
                try reader.skipTaggedFields("ListOffsetsResponse.Partition")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = ListOffsetsResponse.isFlexible(version)
            writer.int32(partitionIndex)
            writer.errorCode(errorCode)
            writer.int64(timestamp)
            writer.int64(offset)
            if version >= 4 {
                writer.int32(leaderEpoch)
            }
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}
