// Written by protocol-generator from 003-Metadata.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Tells which brokers there are and who leads each partition.
///
/// The request of API 3, versions 0 to 13, flexible since 9.
public struct MetadataRequest: RequestMessage {
    public typealias Response = MetadataResponse

    public static let apiKey = ApiKey.metadata
    public static let versions: ClosedRange<Int16> = 0...13

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 9
    }

    /// Nil: all; version 0 says so by an empty list.
    public var topics: [Topic]? = nil
    /// Create topics that are missing. From version 4.
    public var allowAutoTopicCreation: Bool = true
    /// Fill in the bits of KIP-430. From version 8 up to version 10.
    public var includeClusterAuthorizedOperations: Bool = false
    /// Fill in the bits of KIP-430. From version 8.
    public var includeTopicAuthorizedOperations: Bool = false

    public init(
        topics: [Topic]? = nil,
        allowAutoTopicCreation: Bool = true,
        includeClusterAuthorizedOperations: Bool = false,
        includeTopicAuthorizedOperations: Bool = false
    ) {
        self.topics = topics
        self.allowAutoTopicCreation = allowAutoTopicCreation
        self.includeClusterAuthorizedOperations = includeClusterAuthorizedOperations
        self.includeTopicAuthorizedOperations = includeTopicAuthorizedOperations
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = MetadataRequest.isFlexible(version)
        if version >= 1 {
            topics = try reader.nullableArray(
                of: Topic.self, version: version, compact: flexible,
                elementBytes: 2, "MetadataRequest.topics")
        } else {
            topics = try reader.array(
                of: Topic.self, version: version, compact: flexible,
                elementBytes: 2, "MetadataRequest.topics")
        }
        if version >= 4 {
            allowAutoTopicCreation = try reader.bool("MetadataRequest.allowAutoTopicCreation")
        }
        if (8...10).contains(version) {
            includeClusterAuthorizedOperations = try reader.bool(
                "MetadataRequest.includeClusterAuthorizedOperations")
        }
        if version >= 8 {
            includeTopicAuthorizedOperations = try reader.bool(
                "MetadataRequest.includeTopicAuthorizedOperations")
        }
        if flexible {
            try reader.skipTaggedFields("MetadataRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = MetadataRequest.isFlexible(version)
        if version >= 1 {
            writer.array(topics, version: version, compact: flexible)
        } else {
            writer.array((topics ?? []), version: version, compact: flexible)
        }
        if version >= 4 {
            writer.bool(allowAutoTopicCreation)
        }
        if (8...10).contains(version) {
            writer.bool(includeClusterAuthorizedOperations)
        }
        if version >= 8 {
            writer.bool(includeTopicAuthorizedOperations)
        }
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        /// From version 10.
        public var topicID: TopicID = .zero
        public var name: String? = nil

        public init(topicID: TopicID = .zero, name: String? = nil) {
            self.topicID = topicID
            self.name = name
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = MetadataRequest.isFlexible(version)
            if version >= 10 {
                topicID = try reader.topicID("MetadataRequest.Topic.topicID")
            }
            if version >= 10 {
                name = try reader.nullableString(compact: flexible, "MetadataRequest.Topic.name")
            } else {
                name = try reader.string(compact: flexible, "MetadataRequest.Topic.name")
            }
            if flexible {
                try reader.skipTaggedFields("MetadataRequest.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = MetadataRequest.isFlexible(version)
            if version >= 10 {
                writer.topicID(topicID)
            }
            if version >= 10 {
                writer.string(name, compact: flexible)
            } else {
                writer.string((name ?? ""), compact: flexible)
            }
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}

/// The response of API 3, versions 0 to 13, flexible since 9.
public struct MetadataResponse: ResponseMessage {
    public static let apiKey = ApiKey.metadata
    public static let versions: ClosedRange<Int16> = 0...13

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 9
    }

    /// How long the client should pause for its quota. From version 3.
    public var throttleTimeMs: Int32 = 0
    public var brokers: [Broker] = []
    /// From version 2.
    public var clusterID: String? = nil
    /// -1: unknown. From version 1.
    public var controllerID: Int32 = -1
    public var topics: [Topic] = []
    /// Bits of KIP-430. From version 8 up to version 10.
    public var clusterAuthorizedOperations: Int32 = .min
    /// From version 13.
    public var errorCode: ErrorCode = .none

    public init(
        throttleTimeMs: Int32 = 0,
        brokers: [Broker] = [],
        clusterID: String? = nil,
        controllerID: Int32 = -1,
        topics: [Topic] = [],
        clusterAuthorizedOperations: Int32 = .min,
        errorCode: ErrorCode = .none
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.brokers = brokers
        self.clusterID = clusterID
        self.controllerID = controllerID
        self.topics = topics
        self.clusterAuthorizedOperations = clusterAuthorizedOperations
        self.errorCode = errorCode
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = MetadataResponse.isFlexible(version)
        if version >= 3 {
            throttleTimeMs = try reader.int32("MetadataResponse.throttleTimeMs")
        }
        brokers = try reader.array(
            of: Broker.self, version: version, compact: flexible,
            elementBytes: 10, "MetadataResponse.brokers")
        if version >= 2 {
            clusterID = try reader.nullableString(compact: flexible, "MetadataResponse.clusterID")
        }
        if version >= 1 {
            controllerID = try reader.int32("MetadataResponse.controllerID")
        }
        topics = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 8, "MetadataResponse.topics")
        if (8...10).contains(version) {
            clusterAuthorizedOperations = try reader.int32(
                "MetadataResponse.clusterAuthorizedOperations")
        }
        if version >= 13 {
            errorCode = try reader.errorCode("MetadataResponse.errorCode")
        }
        if flexible {
            try reader.skipTaggedFields("MetadataResponse")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = MetadataResponse.isFlexible(version)
        if version >= 3 {
            writer.int32(throttleTimeMs)
        }
        writer.array(brokers, version: version, compact: flexible)
        if version >= 2 {
            writer.string(clusterID, compact: flexible)
        }
        if version >= 1 {
            writer.int32(controllerID)
        }
        writer.array(topics, version: version, compact: flexible)
        if (8...10).contains(version) {
            writer.int32(clusterAuthorizedOperations)
        }
        if version >= 13 {
            writer.errorCode(errorCode)
        }
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Broker: WireStructure {
        public var nodeID: Int32 = 0
        public var host: String = ""
        public var port: Int32 = 0
        /// Nil: the broker has no rack. From version 1.
        public var rack: String? = nil

        public init(nodeID: Int32 = 0, host: String = "", port: Int32 = 0, rack: String? = nil) {
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.rack = rack
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = MetadataResponse.isFlexible(version)
            nodeID = try reader.int32("MetadataResponse.Broker.nodeID")
            host = try reader.string(compact: flexible, "MetadataResponse.Broker.host")
            port = try reader.int32("MetadataResponse.Broker.port")
            if version >= 1 {
                rack = try reader.nullableString(compact: flexible, "MetadataResponse.Broker.rack")
            }
            if flexible {
                try reader.skipTaggedFields("MetadataResponse.Broker")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = MetadataResponse.isFlexible(version)
            writer.int32(nodeID)
            writer.string(host, compact: flexible)
            writer.int32(port)
            if version >= 1 {
                writer.string(rack, compact: flexible)
            }
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Topic: WireStructure {
        public var errorCode: ErrorCode = .none
        /// Nil: unknown id.
        public var name: String? = nil
        /// From version 10.
        public var topicID: TopicID = .zero
        /// Belongs to the broker itself. From version 1.
        public var isInternal: Bool = false
        public var partitions: [Partition] = []
        /// Bits of KIP-430. From version 8.
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
            let flexible = MetadataResponse.isFlexible(version)
            errorCode = try reader.errorCode("MetadataResponse.Topic.errorCode")
            if version >= 12 {
                name = try reader.nullableString(compact: flexible, "MetadataResponse.Topic.name")
            } else {
                name = try reader.string(compact: flexible, "MetadataResponse.Topic.name")
            }
            if version >= 10 {
                topicID = try reader.topicID("MetadataResponse.Topic.topicID")
            }
            if version >= 1 {
                isInternal = try reader.bool("MetadataResponse.Topic.isInternal")
            }
            partitions = try reader.array(
                of: Partition.self, version: version, compact: flexible,
                elementBytes: 18, "MetadataResponse.Topic.partitions")
            if version >= 8 {
                topicAuthorizedOperations = try reader.int32(
                    "MetadataResponse.Topic.topicAuthorizedOperations")
            }
            if flexible {
                try reader.skipTaggedFields("MetadataResponse.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = MetadataResponse.isFlexible(version)
            writer.errorCode(errorCode)
            if version >= 12 {
                writer.string(name, compact: flexible)
            } else {
                writer.string((name ?? ""), compact: flexible)
            }
            if version >= 10 {
                writer.topicID(topicID)
            }
            if version >= 1 {
                writer.bool(isInternal)
            }
            writer.array(partitions, version: version, compact: flexible)
            if version >= 8 {
                writer.int32(topicAuthorizedOperations)
            }
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Partition: WireStructure {
        public var errorCode: ErrorCode = .none
        public var partitionIndex: Int32 = 0
        public var leaderID: Int32 = 0
        /// -1: unknown. From version 7.
        public var leaderEpoch: Int32 = -1
        /// All replicas, the preferred leader first.
        public var replicaNodes: [Int32] = []
        /// Replicas in sync.
        public var isrNodes: [Int32] = []
        /// Replicas that cannot be reached. From version 5.
        public var offlineReplicas: [Int32] = []

        public init(
            errorCode: ErrorCode = .none,
            partitionIndex: Int32 = 0,
            leaderID: Int32 = 0,
            leaderEpoch: Int32 = -1,
            replicaNodes: [Int32] = [],
            isrNodes: [Int32] = [],
            offlineReplicas: [Int32] = []
        ) {
            self.errorCode = errorCode
            self.partitionIndex = partitionIndex
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
            self.replicaNodes = replicaNodes
            self.isrNodes = isrNodes
            self.offlineReplicas = offlineReplicas
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = MetadataResponse.isFlexible(version)
            errorCode = try reader.errorCode("MetadataResponse.Partition.errorCode")
            partitionIndex = try reader.int32("MetadataResponse.Partition.partitionIndex")
            leaderID = try reader.int32("MetadataResponse.Partition.leaderID")
            if version >= 7 {
                leaderEpoch = try reader.int32("MetadataResponse.Partition.leaderEpoch")
            }
            replicaNodes = try reader.array(
                compact: flexible, elementBytes: 4,
                "MetadataResponse.Partition.replicaNodes"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.int32("MetadataResponse.Partition.replicaNodes")
            }
            isrNodes = try reader.array(
                compact: flexible, elementBytes: 4,
                "MetadataResponse.Partition.isrNodes"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.int32("MetadataResponse.Partition.isrNodes")
            }
            if version >= 5 {
                offlineReplicas = try reader.array(
                    compact: flexible, elementBytes: 4,
                    "MetadataResponse.Partition.offlineReplicas"
                ) {
                    (reader: inout WireReader) throws(ProtocolError) in
                    try reader.int32("MetadataResponse.Partition.offlineReplicas")
                }
            }
            if flexible {
                try reader.skipTaggedFields("MetadataResponse.Partition")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = MetadataResponse.isFlexible(version)
            writer.errorCode(errorCode)
            writer.int32(partitionIndex)
            writer.int32(leaderID)
            if version >= 7 {
                writer.int32(leaderEpoch)
            }
            writer.array(replicaNodes, compact: flexible) {
                $0.int32($1)
            }
            writer.array(isrNodes, compact: flexible) {
                $0.int32($1)
            }
            if version >= 5 {
                writer.array(offlineReplicas, compact: flexible) {
                    $0.int32($1)
                }
            }
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}
