// Written by protocol-generator from 010-FindCoordinator.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Finds the broker that coordinates a group, a transaction or a share partition.
///
/// The request of API 10, versions 0 to 6, flexible since 3.
public struct FindCoordinatorRequest: RequestMessage {
    public typealias Response = FindCoordinatorResponse

    public static let apiKey = ApiKey.findCoordinator
    public static let versions: ClosedRange<Int16> = 0...6

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 3
    }

    /// Up to version 3.
    public var key: String = ""
    /// 0: group, 1: transaction, 2: share partition. From version 1.
    public var keyType: Int8 = 0
    /// From version 4.
    public var coordinatorKeys: [String] = []

    public init(key: String = "", keyType: Int8 = 0, coordinatorKeys: [String] = []) {
        self.key = key
        self.keyType = keyType
        self.coordinatorKeys = coordinatorKeys
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = FindCoordinatorRequest.isFlexible(version)
        if version <= 3 {
            key = try reader.string(compact: flexible, "FindCoordinatorRequest.key")
        }
        if version >= 1 {
            keyType = try reader.int8("FindCoordinatorRequest.keyType")
        }
        if version >= 4 {
            coordinatorKeys = try reader.array(
                compact: true, elementBytes: 1,
                "FindCoordinatorRequest.coordinatorKeys"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.string(compact: true, "FindCoordinatorRequest.coordinatorKeys")
            }
        }
        if flexible {
            try reader.skipTaggedFields("FindCoordinatorRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = FindCoordinatorRequest.isFlexible(version)
        if version <= 3 {
            writer.string(key, compact: flexible)
        }
        if version >= 1 {
            writer.int8(keyType)
        }
        if version >= 4 {
            writer.array(coordinatorKeys, compact: true) {
                $0.string($1, compact: true)
            }
        }
        if flexible {
            writer.noTaggedFields()
        }
    }
}

/// The response of API 10, versions 0 to 6, flexible since 3.
public struct FindCoordinatorResponse: ResponseMessage {
    public static let apiKey = ApiKey.findCoordinator
    public static let versions: ClosedRange<Int16> = 0...6

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 3
    }

    /// How long the client should pause for its quota. From version 1.
    public var throttleTimeMs: Int32 = 0
    /// Up to version 3.
    public var errorCode: ErrorCode = .none
    /// From version 1 up to version 3.
    public var errorMessage: String? = nil
    /// Up to version 3.
    public var nodeID: Int32 = 0
    /// Up to version 3.
    public var host: String = ""
    /// Up to version 3.
    public var port: Int32 = 0
    /// From version 4.
    public var coordinators: [Coordinator] = []

    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        errorMessage: String? = nil,
        nodeID: Int32 = 0,
        host: String = "",
        port: Int32 = 0,
        coordinators: [Coordinator] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.nodeID = nodeID
        self.host = host
        self.port = port
        self.coordinators = coordinators
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = FindCoordinatorResponse.isFlexible(version)
        if version >= 1 {
            throttleTimeMs = try reader.int32("FindCoordinatorResponse.throttleTimeMs")
        }
        if version <= 3 {
            errorCode = try reader.errorCode("FindCoordinatorResponse.errorCode")
        }
        if (1...3).contains(version) {
            errorMessage = try reader.nullableString(
                compact: flexible, "FindCoordinatorResponse.errorMessage")
        }
        if version <= 3 {
            nodeID = try reader.int32("FindCoordinatorResponse.nodeID")
        }
        if version <= 3 {
            host = try reader.string(compact: flexible, "FindCoordinatorResponse.host")
        }
        if version <= 3 {
            port = try reader.int32("FindCoordinatorResponse.port")
        }
        if version >= 4 {
            coordinators = try reader.array(
                of: Coordinator.self, version: version, compact: true,
                elementBytes: 14, "FindCoordinatorResponse.coordinators")
        }
        if flexible {
            try reader.skipTaggedFields("FindCoordinatorResponse")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = FindCoordinatorResponse.isFlexible(version)
        if version >= 1 {
            writer.int32(throttleTimeMs)
        }
        if version <= 3 {
            writer.errorCode(errorCode)
        }
        if (1...3).contains(version) {
            writer.string(errorMessage, compact: flexible)
        }
        if version <= 3 {
            writer.int32(nodeID)
        }
        if version <= 3 {
            writer.string(host, compact: flexible)
        }
        if version <= 3 {
            writer.int32(port)
        }
        if version >= 4 {
            writer.array(coordinators, version: version, compact: true)
        }
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Coordinator: WireStructure {
        public var key: String = ""
        public var nodeID: Int32 = 0
        public var host: String = ""
        public var port: Int32 = 0
        public var errorCode: ErrorCode = .none
        public var errorMessage: String? = nil

        public init(
            key: String = "",
            nodeID: Int32 = 0,
            host: String = "",
            port: Int32 = 0,
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil
        ) {
            self.key = key
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            key = try reader.string(compact: true, "FindCoordinatorResponse.Coordinator.key")
            nodeID = try reader.int32("FindCoordinatorResponse.Coordinator.nodeID")
            host = try reader.string(compact: true, "FindCoordinatorResponse.Coordinator.host")
            port = try reader.int32("FindCoordinatorResponse.Coordinator.port")
            errorCode = try reader.errorCode("FindCoordinatorResponse.Coordinator.errorCode")
            errorMessage = try reader.nullableString(
                compact: true, "FindCoordinatorResponse.Coordinator.errorMessage")
            try reader.skipTaggedFields("FindCoordinatorResponse.Coordinator")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.string(key, compact: true)
            writer.int32(nodeID)
            writer.string(host, compact: true)
            writer.int32(port)
            writer.errorCode(errorCode)
            writer.string(errorMessage, compact: true)
            writer.noTaggedFields()
        }
    }
}
