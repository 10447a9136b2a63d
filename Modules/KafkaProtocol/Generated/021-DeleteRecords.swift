// Written by protocol-generator from 021-DeleteRecords.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Deletes the records of partitions below an offset (KIP-107).
///
/// The request of API 21, versions 0 to 2, flexible since 2.
public struct DeleteRecordsRequest: RequestMessage {
    public typealias Response = DeleteRecordsResponse

    public static let apiKey = ApiKey.deleteRecords
    public static let versions: ClosedRange<Int16> = 0...2

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 2
    }

    public var topics: [Topic] = []
    /// How long the deletion may take.
    public var timeoutMs: Int32 = 0

    public init(topics: [Topic] = [], timeoutMs: Int32 = 0) {
        self.topics = topics
        self.timeoutMs = timeoutMs
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = DeleteRecordsRequest.isFlexible(version)
        topics = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 3, "DeleteRecordsRequest.topics")
        timeoutMs = try reader.int32("DeleteRecordsRequest.timeoutMs")
        if flexible {
            try reader.skipTaggedFields("DeleteRecordsRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = DeleteRecordsRequest.isFlexible(version)
        writer.array(topics, version: version, compact: flexible)
        writer.int32(timeoutMs)
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
            let flexible = DeleteRecordsRequest.isFlexible(version)
            name = try reader.string(compact: flexible, "DeleteRecordsRequest.Topic.name")
            partitions = try reader.array(
                of: Partition.self, version: version, compact: flexible,
                elementBytes: 12, "DeleteRecordsRequest.Topic.partitions")
            if flexible {
                try reader.skipTaggedFields("DeleteRecordsRequest.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = DeleteRecordsRequest.isFlexible(version)
            writer.string(name, compact: flexible)
            writer.array(partitions, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Partition: WireStructure {
        public var partitionIndex: Int32 = 0
        /// The first offset to keep; -1: the high watermark.
        public var offset: Int64 = 0

        public init(partitionIndex: Int32 = 0, offset: Int64 = 0) {
            self.partitionIndex = partitionIndex
            self.offset = offset
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = DeleteRecordsRequest.isFlexible(version)
            partitionIndex = try reader.int32("DeleteRecordsRequest.Partition.partitionIndex")
            offset = try reader.int64("DeleteRecordsRequest.Partition.offset")
            if flexible {
                try reader.skipTaggedFields("DeleteRecordsRequest.Partition")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = DeleteRecordsRequest.isFlexible(version)
            writer.int32(partitionIndex)
            writer.int64(offset)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}

/// The response of API 21, versions 0 to 2, flexible since 2.
public struct DeleteRecordsResponse: ResponseMessage {
    public static let apiKey = ApiKey.deleteRecords
    public static let versions: ClosedRange<Int16> = 0...2

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 2
    }

    /// How long the client should pause for its quota.
    public var throttleTimeMs: Int32 = 0
    public var topics: [Topic] = []

    public init(throttleTimeMs: Int32 = 0, topics: [Topic] = []) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = DeleteRecordsResponse.isFlexible(version)
        throttleTimeMs = try reader.int32("DeleteRecordsResponse.throttleTimeMs")
        topics = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 3, "DeleteRecordsResponse.topics")
        if flexible {
            try reader.skipTaggedFields("DeleteRecordsResponse")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = DeleteRecordsResponse.isFlexible(version)
        writer.int32(throttleTimeMs)
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
            let flexible = DeleteRecordsResponse.isFlexible(version)
            name = try reader.string(compact: flexible, "DeleteRecordsResponse.Topic.name")
            partitions = try reader.array(
                of: Partition.self, version: version, compact: flexible,
                elementBytes: 14, "DeleteRecordsResponse.Topic.partitions")
            if flexible {
                try reader.skipTaggedFields("DeleteRecordsResponse.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = DeleteRecordsResponse.isFlexible(version)
            writer.string(name, compact: flexible)
            writer.array(partitions, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Partition: WireStructure {
        public var partitionIndex: Int32 = 0
        /// The first offset there is; -1: unknown.
        public var lowWatermark: Int64 = 0
        public var errorCode: ErrorCode = .none

        public init(
            partitionIndex: Int32 = 0,
            lowWatermark: Int64 = 0,
            errorCode: ErrorCode = .none
        ) {
            self.partitionIndex = partitionIndex
            self.lowWatermark = lowWatermark
            self.errorCode = errorCode
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = DeleteRecordsResponse.isFlexible(version)
            partitionIndex = try reader.int32("DeleteRecordsResponse.Partition.partitionIndex")
            lowWatermark = try reader.int64("DeleteRecordsResponse.Partition.lowWatermark")
            errorCode = try reader.errorCode("DeleteRecordsResponse.Partition.errorCode")
            if flexible {
                try reader.skipTaggedFields("DeleteRecordsResponse.Partition")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = DeleteRecordsResponse.isFlexible(version)
            writer.int32(partitionIndex)
            writer.int64(lowWatermark)
            writer.errorCode(errorCode)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}
