// Written by protocol-generator from 000-Produce.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Hands record batches to the leaders of partitions.
///
/// The request of API 0, versions 3 to 13, flexible since 9.
public struct ProduceRequest: RequestMessage {
    public typealias Response = ProduceResponse

    public static let apiKey = ApiKey.produce
    public static let versions: ClosedRange<Int16> = 3...13

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 9
    }

    /// Names a transactional producer.
    public var transactionalID: String? = nil
    /// -1: all in sync, 1: the leader, 0: no answer.
    public var acks: Int16 = 0
    /// How long the broker may take.
    public var timeoutMs: Int32 = 0
    public var topicData: [Topic] = []

    public init(
        transactionalID: String? = nil,
        acks: Int16 = 0,
        timeoutMs: Int32 = 0,
        topicData: [Topic] = []
    ) {
        self.transactionalID = transactionalID
        self.acks = acks
        self.timeoutMs = timeoutMs
        self.topicData = topicData
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = ProduceRequest.isFlexible(version)
        transactionalID = try reader.nullableString(
            compact: flexible, "ProduceRequest.transactionalID")
        acks = try reader.int16("ProduceRequest.acks")
        timeoutMs = try reader.int32("ProduceRequest.timeoutMs")
        topicData = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 3, "ProduceRequest.topicData")
        if flexible {
            try reader.skipTaggedFields("ProduceRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = ProduceRequest.isFlexible(version)
        writer.string(transactionalID, compact: flexible)
        writer.int16(acks)
        writer.int32(timeoutMs)
        writer.array(topicData, version: version, compact: flexible)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        /// Up to version 12.
        public var name: String = ""
        /// From version 13.
        public var topicID: TopicID = .zero
        public var partitionData: [Partition] = []

        public init(name: String = "", topicID: TopicID = .zero, partitionData: [Partition] = []) {
            self.name = name
            self.topicID = topicID
            self.partitionData = partitionData
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = ProduceRequest.isFlexible(version)
            if version <= 12 {
                name = try reader.string(compact: flexible, "ProduceRequest.Topic.name")
            }
            if version >= 13 {
                topicID = try reader.topicID("ProduceRequest.Topic.topicID")
            }
            partitionData = try reader.array(
                of: Partition.self, version: version, compact: flexible,
                elementBytes: 6, "ProduceRequest.Topic.partitionData")
            if flexible {
                try reader.skipTaggedFields("ProduceRequest.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = ProduceRequest.isFlexible(version)
            if version <= 12 {
                writer.string(name, compact: flexible)
            }
            if version >= 13 {
                writer.topicID(topicID)
            }
            writer.array(partitionData, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Partition: WireStructure {
        public var index: Int32 = 0
        public var records: ByteBuffer? = nil

        public init(index: Int32 = 0, records: ByteBuffer? = nil) {
            self.index = index
            self.records = records
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = ProduceRequest.isFlexible(version)
            index = try reader.int32("ProduceRequest.Partition.index")
            records = try reader.nullableBytes(
                compact: flexible, "ProduceRequest.Partition.records")
            if flexible {
                try reader.skipTaggedFields("ProduceRequest.Partition")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = ProduceRequest.isFlexible(version)
            writer.int32(index)
            writer.bytes(records, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}

/// The response of API 0, versions 3 to 13, flexible since 9.
public struct ProduceResponse: ResponseMessage {
    public static let apiKey = ApiKey.produce
    public static let versions: ClosedRange<Int16> = 3...13

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 9
    }

    public var responses: [Topic] = []
    /// How long the client should pause for its quota.
    public var throttleTimeMs: Int32 = 0
    /// Addresses of the leaders named above (KIP-951). From version 10.
    public var nodeEndpoints: [Node] = []

    public init(responses: [Topic] = [], throttleTimeMs: Int32 = 0, nodeEndpoints: [Node] = []) {
        self.responses = responses
        self.throttleTimeMs = throttleTimeMs
        self.nodeEndpoints = nodeEndpoints
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = ProduceResponse.isFlexible(version)
        responses = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 3, "ProduceResponse.responses")
        throttleTimeMs = try reader.int32("ProduceResponse.throttleTimeMs")
        if flexible {
            var tags = try reader.taggedFields("ProduceResponse")
            while let tag = try tags.next(&reader) {
                switch tag {
                case 0 where version >= 10:
                    nodeEndpoints = try reader.array(
                        of: Node.self, version: version, compact: true,
                        elementBytes: 11, "ProduceResponse.nodeEndpoints")
                default:
                    tags.skip(&reader)
                }
            }
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = ProduceResponse.isFlexible(version)
        writer.array(responses, version: version, compact: flexible)
        writer.int32(throttleTimeMs)
        if flexible {
            var tagCount: UInt32 = 0
            if version >= 10, !nodeEndpoints.isEmpty { tagCount += 1 }
            writer.unsignedVarint(tagCount)
            if version >= 10, !nodeEndpoints.isEmpty {
                let start = writer.beginTaggedField(0)
                writer.array(nodeEndpoints, version: version, compact: true)
                writer.endTaggedField(from: start)
            }
        }
    }

    public struct Topic: WireStructure {
        /// Up to version 12.
        public var name: String = ""
        /// From version 13.
        public var topicID: TopicID = .zero
        public var partitionResponses: [Partition] = []

        public init(
            name: String = "",
            topicID: TopicID = .zero,
            partitionResponses: [Partition] = []
        ) {
            self.name = name
            self.topicID = topicID
            self.partitionResponses = partitionResponses
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = ProduceResponse.isFlexible(version)
            if version <= 12 {
                name = try reader.string(compact: flexible, "ProduceResponse.Topic.name")
            }
            if version >= 13 {
                topicID = try reader.topicID("ProduceResponse.Topic.topicID")
            }
            partitionResponses = try reader.array(
                of: Partition.self, version: version, compact: flexible,
                elementBytes: 22, "ProduceResponse.Topic.partitionResponses")
            if flexible {
                try reader.skipTaggedFields("ProduceResponse.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = ProduceResponse.isFlexible(version)
            if version <= 12 {
                writer.string(name, compact: flexible)
            }
            if version >= 13 {
                writer.topicID(topicID)
            }
            writer.array(partitionResponses, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Partition: WireStructure {
        public var index: Int32 = 0
        public var errorCode: ErrorCode = .none
        public var baseOffset: Int64 = 0
        /// -1 unless the topic stamps what it appends.
        public var logAppendTimeMs: Int64 = -1
        /// First offset still kept. From version 5.
        public var logStartOffset: Int64 = -1
        /// The records that made the broker refuse the batch. From version 8.
        public var recordErrors: [RecordError] = []
        /// From version 8.
        public var errorMessage: String? = nil
        /// Sent with NOT_LEADER_OR_FOLLOWER (KIP-951). From version 10.
        public var currentLeader: Leader = Leader()

        public init(
            index: Int32 = 0,
            errorCode: ErrorCode = .none,
            baseOffset: Int64 = 0,
            logAppendTimeMs: Int64 = -1,
            logStartOffset: Int64 = -1,
            recordErrors: [RecordError] = [],
            errorMessage: String? = nil,
            currentLeader: Leader = Leader()
        ) {
            self.index = index
            self.errorCode = errorCode
            self.baseOffset = baseOffset
            self.logAppendTimeMs = logAppendTimeMs
            self.logStartOffset = logStartOffset
            self.recordErrors = recordErrors
            self.errorMessage = errorMessage
            self.currentLeader = currentLeader
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = ProduceResponse.isFlexible(version)
            index = try reader.int32("ProduceResponse.Partition.index")
            errorCode = try reader.errorCode("ProduceResponse.Partition.errorCode")
            baseOffset = try reader.int64("ProduceResponse.Partition.baseOffset")
            logAppendTimeMs = try reader.int64("ProduceResponse.Partition.logAppendTimeMs")
            if version >= 5 {
                logStartOffset = try reader.int64("ProduceResponse.Partition.logStartOffset")
            }
            if version >= 8 {
                recordErrors = try reader.array(
                    of: RecordError.self, version: version, compact: flexible,
                    elementBytes: 6, "ProduceResponse.Partition.recordErrors")
            }
            if version >= 8 {
                errorMessage = try reader.nullableString(
                    compact: flexible, "ProduceResponse.Partition.errorMessage")
            }
            if flexible {
                var tags = try reader.taggedFields("ProduceResponse.Partition")
                while let tag = try tags.next(&reader) {
                    switch tag {
                    case 0 where version >= 10:
                        currentLeader = try Leader(from: &reader, version: version)
                    default:
                        tags.skip(&reader)
                    }
                }
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = ProduceResponse.isFlexible(version)
            writer.int32(index)
            writer.errorCode(errorCode)
            writer.int64(baseOffset)
            writer.int64(logAppendTimeMs)
            if version >= 5 {
                writer.int64(logStartOffset)
            }
            if version >= 8 {
                writer.array(recordErrors, version: version, compact: flexible)
            }
            if version >= 8 {
                writer.string(errorMessage, compact: flexible)
            }
            if flexible {
                var tagCount: UInt32 = 0
                if version >= 10, currentLeader != Leader() { tagCount += 1 }
                writer.unsignedVarint(tagCount)
                if version >= 10, currentLeader != Leader() {
                    let start = writer.beginTaggedField(0)
                    currentLeader.write(to: &writer, version: version)
                    writer.endTaggedField(from: start)
                }
            }
        }
    }

    public struct RecordError: WireStructure {
        /// Position of the record in its batch.
        public var batchIndex: Int32 = 0
        public var batchIndexErrorMessage: String? = nil

        public init(batchIndex: Int32 = 0, batchIndexErrorMessage: String? = nil) {
            self.batchIndex = batchIndex
            self.batchIndexErrorMessage = batchIndexErrorMessage
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = ProduceResponse.isFlexible(version)
            batchIndex = try reader.int32("ProduceResponse.RecordError.batchIndex")
            batchIndexErrorMessage = try reader.nullableString(
                compact: flexible, "ProduceResponse.RecordError.batchIndexErrorMessage")
            if flexible {
                try reader.skipTaggedFields("ProduceResponse.RecordError")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = ProduceResponse.isFlexible(version)
            writer.int32(batchIndex)
            writer.string(batchIndexErrorMessage, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
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
            leaderID = try reader.int32("ProduceResponse.Leader.leaderID")
            leaderEpoch = try reader.int32("ProduceResponse.Leader.leaderEpoch")
            try reader.skipTaggedFields("ProduceResponse.Leader")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.int32(leaderID)
            writer.int32(leaderEpoch)
            writer.noTaggedFields()
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
            nodeID = try reader.int32("ProduceResponse.Node.nodeID")
            host = try reader.string(compact: true, "ProduceResponse.Node.host")
            port = try reader.int32("ProduceResponse.Node.port")
            rack = try reader.nullableString(compact: true, "ProduceResponse.Node.rack")
            try reader.skipTaggedFields("ProduceResponse.Node")
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
