// Written by protocol-generator from 019-CreateTopics.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Creates topics.
///
/// The request of API 19, versions 2 to 7, flexible since 5.
public struct CreateTopicsRequest: RequestMessage {
    public typealias Response = CreateTopicsResponse

    public static let apiKey = ApiKey.createTopics
    public static let versions: ClosedRange<Int16> = 2...7

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 5
    }

    public var topics: [Topic] = []
    /// How long the broker may take.
    public var timeoutMs: Int32 = 60000
    /// Check, change nothing.
    public var validateOnly: Bool = false

    public init(topics: [Topic] = [], timeoutMs: Int32 = 60000, validateOnly: Bool = false) {
        self.topics = topics
        self.timeoutMs = timeoutMs
        self.validateOnly = validateOnly
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = CreateTopicsRequest.isFlexible(version)
        topics = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 10, "CreateTopicsRequest.topics")
        timeoutMs = try reader.int32("CreateTopicsRequest.timeoutMs")
        validateOnly = try reader.bool("CreateTopicsRequest.validateOnly")
        if flexible {
            try reader.skipTaggedFields("CreateTopicsRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = CreateTopicsRequest.isFlexible(version)
        writer.array(topics, version: version, compact: flexible)
        writer.int32(timeoutMs)
        writer.bool(validateOnly)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        public var name: String = ""
        /// -1: the default of the broker, or as assigned.
        public var numPartitions: Int32 = 0
        /// -1: the default of the broker, or as assigned.
        public var replicationFactor: Int16 = 0
        public var assignments: [Assignment] = []
        public var configs: [Config] = []

        public init(
            name: String = "",
            numPartitions: Int32 = 0,
            replicationFactor: Int16 = 0,
            assignments: [Assignment] = [],
            configs: [Config] = []
        ) {
            self.name = name
            self.numPartitions = numPartitions
            self.replicationFactor = replicationFactor
            self.assignments = assignments
            self.configs = configs
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = CreateTopicsRequest.isFlexible(version)
            name = try reader.string(compact: flexible, "CreateTopicsRequest.Topic.name")
            numPartitions = try reader.int32("CreateTopicsRequest.Topic.numPartitions")
            replicationFactor = try reader.int16("CreateTopicsRequest.Topic.replicationFactor")
            assignments = try reader.array(
                of: Assignment.self, version: version, compact: flexible,
                elementBytes: 6, "CreateTopicsRequest.Topic.assignments")
            configs = try reader.array(
                of: Config.self, version: version, compact: flexible,
                elementBytes: 3, "CreateTopicsRequest.Topic.configs")
            if flexible {
                try reader.skipTaggedFields("CreateTopicsRequest.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = CreateTopicsRequest.isFlexible(version)
            writer.string(name, compact: flexible)
            writer.int32(numPartitions)
            writer.int16(replicationFactor)
            writer.array(assignments, version: version, compact: flexible)
            writer.array(configs, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Assignment: WireStructure {
        public var partitionIndex: Int32 = 0
        public var brokerIDs: [Int32] = []

        public init(partitionIndex: Int32 = 0, brokerIDs: [Int32] = []) {
            self.partitionIndex = partitionIndex
            self.brokerIDs = brokerIDs
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = CreateTopicsRequest.isFlexible(version)
            partitionIndex = try reader.int32("CreateTopicsRequest.Assignment.partitionIndex")
            brokerIDs = try reader.array(
                compact: flexible, elementBytes: 4,
                "CreateTopicsRequest.Assignment.brokerIDs"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.int32("CreateTopicsRequest.Assignment.brokerIDs")
            }
            if flexible {
                try reader.skipTaggedFields("CreateTopicsRequest.Assignment")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = CreateTopicsRequest.isFlexible(version)
            writer.int32(partitionIndex)
            writer.array(brokerIDs, compact: flexible) {
                $0.int32($1)
            }
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Config: WireStructure {
        public var name: String = ""
        public var value: String? = nil

        public init(name: String = "", value: String? = nil) {
            self.name = name
            self.value = value
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = CreateTopicsRequest.isFlexible(version)
            name = try reader.string(compact: flexible, "CreateTopicsRequest.Config.name")
            value = try reader.nullableString(compact: flexible, "CreateTopicsRequest.Config.value")
            if flexible {
                try reader.skipTaggedFields("CreateTopicsRequest.Config")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = CreateTopicsRequest.isFlexible(version)
            writer.string(name, compact: flexible)
            writer.string(value, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}

/// The response of API 19, versions 2 to 7, flexible since 5.
public struct CreateTopicsResponse: ResponseMessage {
    public static let apiKey = ApiKey.createTopics
    public static let versions: ClosedRange<Int16> = 2...7

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 5
    }

    /// How long the client should pause for its quota.
    public var throttleTimeMs: Int32 = 0
    public var topics: [Topic] = []

    public init(throttleTimeMs: Int32 = 0, topics: [Topic] = []) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = CreateTopicsResponse.isFlexible(version)
        throttleTimeMs = try reader.int32("CreateTopicsResponse.throttleTimeMs")
        topics = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 6, "CreateTopicsResponse.topics")
        if flexible {
            try reader.skipTaggedFields("CreateTopicsResponse")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = CreateTopicsResponse.isFlexible(version)
        writer.int32(throttleTimeMs)
        writer.array(topics, version: version, compact: flexible)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        public var name: String = ""
        /// From version 7.
        public var topicID: TopicID = .zero
        public var errorCode: ErrorCode = .none
        public var errorMessage: String? = nil
        /// Why configs are missing. From version 5.
        public var topicConfigErrorCode: ErrorCode = .none
        /// -1: the default of the broker, or as assigned. From version 5.
        public var numPartitions: Int32 = -1
        /// -1: the default of the broker, or as assigned. From version 5.
        public var replicationFactor: Int16 = -1
        /// From version 5.
        public var configs: [Config]? = nil

        public init(
            name: String = "",
            topicID: TopicID = .zero,
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil,
            topicConfigErrorCode: ErrorCode = .none,
            numPartitions: Int32 = -1,
            replicationFactor: Int16 = -1,
            configs: [Config]? = nil
        ) {
            self.name = name
            self.topicID = topicID
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.topicConfigErrorCode = topicConfigErrorCode
            self.numPartitions = numPartitions
            self.replicationFactor = replicationFactor
            self.configs = configs
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = CreateTopicsResponse.isFlexible(version)
            name = try reader.string(compact: flexible, "CreateTopicsResponse.Topic.name")
            if version >= 7 {
                topicID = try reader.topicID("CreateTopicsResponse.Topic.topicID")
            }
            errorCode = try reader.errorCode("CreateTopicsResponse.Topic.errorCode")
            errorMessage = try reader.nullableString(
                compact: flexible, "CreateTopicsResponse.Topic.errorMessage")
            if version >= 5 {
                numPartitions = try reader.int32("CreateTopicsResponse.Topic.numPartitions")
            }
            if version >= 5 {
                replicationFactor = try reader.int16("CreateTopicsResponse.Topic.replicationFactor")
            }
            if version >= 5 {
                configs = try reader.nullableArray(
                    of: Config.self, version: version, compact: true,
                    elementBytes: 6, "CreateTopicsResponse.Topic.configs")
            }
            if flexible {
                var tags = try reader.taggedFields("CreateTopicsResponse.Topic")
                while let tag = try tags.next(&reader) {
                    switch tag {
                    case 0 where version >= 5:
                        topicConfigErrorCode = try reader.errorCode(
                            "CreateTopicsResponse.Topic.topicConfigErrorCode")
                    default:
                        tags.skip(&reader)
                    }
                }
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = CreateTopicsResponse.isFlexible(version)
            writer.string(name, compact: flexible)
            if version >= 7 {
                writer.topicID(topicID)
            }
            writer.errorCode(errorCode)
            writer.string(errorMessage, compact: flexible)
            if version >= 5 {
                writer.int32(numPartitions)
            }
            if version >= 5 {
                writer.int16(replicationFactor)
            }
            if version >= 5 {
                writer.array(configs, version: version, compact: true)
            }
            if flexible {
                var tagCount: UInt32 = 0
                if version >= 5, topicConfigErrorCode != .none { tagCount += 1 }
                writer.unsignedVarint(tagCount)
                if version >= 5, topicConfigErrorCode != .none {
                    let start = writer.beginTaggedField(0)
                    writer.errorCode(topicConfigErrorCode)
                    writer.endTaggedField(from: start)
                }
            }
        }
    }

    public struct Config: WireStructure {
        public var name: String = ""
        public var value: String? = nil
        public var readOnly: Bool = false
        /// 1: topic, 4: static broker, 5: default.
        public var configSource: Int8 = -1
        public var isSensitive: Bool = false

        public init(
            name: String = "",
            value: String? = nil,
            readOnly: Bool = false,
            configSource: Int8 = -1,
            isSensitive: Bool = false
        ) {
            self.name = name
            self.value = value
            self.readOnly = readOnly
            self.configSource = configSource
            self.isSensitive = isSensitive
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            name = try reader.string(compact: true, "CreateTopicsResponse.Config.name")
            value = try reader.nullableString(compact: true, "CreateTopicsResponse.Config.value")
            readOnly = try reader.bool("CreateTopicsResponse.Config.readOnly")
            configSource = try reader.int8("CreateTopicsResponse.Config.configSource")
            isSensitive = try reader.bool("CreateTopicsResponse.Config.isSensitive")
            try reader.skipTaggedFields("CreateTopicsResponse.Config")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.string(name, compact: true)
            writer.string(value, compact: true)
            writer.bool(readOnly)
            writer.int8(configSource)
            writer.bool(isSensitive)
            writer.noTaggedFields()
        }
    }
}
