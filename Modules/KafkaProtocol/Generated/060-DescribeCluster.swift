// Written by protocol-generator from 060-DescribeCluster.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Tells the identity of the cluster and its brokers (KIP-700).
///
/// The request of API 60, versions 0 to 2, flexible since 0.
public struct DescribeClusterRequest: RequestMessage {
    public typealias Response = DescribeClusterResponse

    public static let apiKey = ApiKey.describeCluster
    public static let versions: ClosedRange<Int16> = 0...2

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 0
    }

    /// Fill in the bits of KIP-430.
    public var includeClusterAuthorizedOperations: Bool = false
    /// 1: brokers, 2: controllers (KIP-919). From version 1.
    public var endpointType: Int8 = 1
    /// KIP-1073. From version 2.
    public var includeFencedBrokers: Bool = false

    public init(
        includeClusterAuthorizedOperations: Bool = false,
        endpointType: Int8 = 1,
        includeFencedBrokers: Bool = false
    ) {
        self.includeClusterAuthorizedOperations = includeClusterAuthorizedOperations
        self.endpointType = endpointType
        self.includeFencedBrokers = includeFencedBrokers
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        includeClusterAuthorizedOperations = try reader.bool(
            "DescribeClusterRequest.includeClusterAuthorizedOperations")
        if version >= 1 {
            endpointType = try reader.int8("DescribeClusterRequest.endpointType")
        }
        if version >= 2 {
            includeFencedBrokers = try reader.bool("DescribeClusterRequest.includeFencedBrokers")
        }
        try reader.skipTaggedFields("DescribeClusterRequest")
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        writer.bool(includeClusterAuthorizedOperations)
        if version >= 1 {
            writer.int8(endpointType)
        }
        if version >= 2 {
            writer.bool(includeFencedBrokers)
        }
        writer.noTaggedFields()
    }
}

/// The response of API 60, versions 0 to 2, flexible since 0.
public struct DescribeClusterResponse: ResponseMessage {
    public static let apiKey = ApiKey.describeCluster
    public static let versions: ClosedRange<Int16> = 0...2

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 0
    }

    /// How long the client should pause for its quota.
    public var throttleTimeMs: Int32 = 0
    public var errorCode: ErrorCode = .none
    public var errorMessage: String? = nil
    /// 1: brokers, 2: controllers (KIP-919). From version 1.
    public var endpointType: Int8 = 1
    public var clusterID: String = ""
    /// -1: unknown.
    public var controllerID: Int32 = -1
    public var brokers: [Broker] = []
    /// Bits of KIP-430.
    public var clusterAuthorizedOperations: Int32 = .min

    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        errorMessage: String? = nil,
        endpointType: Int8 = 1,
        clusterID: String = "",
        controllerID: Int32 = -1,
        brokers: [Broker] = [],
        clusterAuthorizedOperations: Int32 = .min
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.endpointType = endpointType
        self.clusterID = clusterID
        self.controllerID = controllerID
        self.brokers = brokers
        self.clusterAuthorizedOperations = clusterAuthorizedOperations
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        throttleTimeMs = try reader.int32("DescribeClusterResponse.throttleTimeMs")
        errorCode = try reader.errorCode("DescribeClusterResponse.errorCode")
        errorMessage = try reader.nullableString(
            compact: true, "DescribeClusterResponse.errorMessage")
        if version >= 1 {
            endpointType = try reader.int8("DescribeClusterResponse.endpointType")
        }
        clusterID = try reader.string(compact: true, "DescribeClusterResponse.clusterID")
        controllerID = try reader.int32("DescribeClusterResponse.controllerID")
        brokers = try reader.array(
            of: Broker.self, version: version, compact: true,
            elementBytes: 11, "DescribeClusterResponse.brokers")
        clusterAuthorizedOperations = try reader.int32(
            "DescribeClusterResponse.clusterAuthorizedOperations")
        try reader.skipTaggedFields("DescribeClusterResponse")
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(throttleTimeMs)
        writer.errorCode(errorCode)
        writer.string(errorMessage, compact: true)
        if version >= 1 {
            writer.int8(endpointType)
        }
        writer.string(clusterID, compact: true)
        writer.int32(controllerID)
        writer.array(brokers, version: version, compact: true)
        writer.int32(clusterAuthorizedOperations)
        writer.noTaggedFields()
    }

    public struct Broker: WireStructure {
        public var brokerID: Int32 = 0
        public var host: String = ""
        public var port: Int32 = 0
        /// Nil: the broker has no rack.
        public var rack: String? = nil
        /// KIP-1073. From version 2.
        public var isFenced: Bool = false

        public init(
            brokerID: Int32 = 0,
            host: String = "",
            port: Int32 = 0,
            rack: String? = nil,
            isFenced: Bool = false
        ) {
            self.brokerID = brokerID
            self.host = host
            self.port = port
            self.rack = rack
            self.isFenced = isFenced
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            brokerID = try reader.int32("DescribeClusterResponse.Broker.brokerID")
            host = try reader.string(compact: true, "DescribeClusterResponse.Broker.host")
            port = try reader.int32("DescribeClusterResponse.Broker.port")
            rack = try reader.nullableString(compact: true, "DescribeClusterResponse.Broker.rack")
            if version >= 2 {
                isFenced = try reader.bool("DescribeClusterResponse.Broker.isFenced")
            }
            try reader.skipTaggedFields("DescribeClusterResponse.Broker")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.int32(brokerID)
            writer.string(host, compact: true)
            writer.int32(port)
            writer.string(rack, compact: true)
            if version >= 2 {
                writer.bool(isFenced)
            }
            writer.noTaggedFields()
        }
    }
}
