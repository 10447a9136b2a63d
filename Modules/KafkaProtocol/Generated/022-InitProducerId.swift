// Written by protocol-generator from 022-InitProducerId.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Gives a producer its id and epoch (KIP-98).
///
/// The request of API 22, versions 0 to 5, flexible since 2.
public struct InitProducerIdRequest: RequestMessage {
    public typealias Response = InitProducerIdResponse

    public static let apiKey = ApiKey.initProducerId
    public static let versions: ClosedRange<Int16> = 0...5

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 2
    }

    /// Names a transactional producer.
    public var transactionalID: String? = nil
    /// Abort transactions that are idle for longer.
    public var transactionTimeoutMs: Int32 = 0
    /// -1: none. From version 3.
    public var producerID: Int64 = -1
    /// -1: none. From version 3.
    public var producerEpoch: Int16 = -1

    public init(
        transactionalID: String? = nil,
        transactionTimeoutMs: Int32 = 0,
        producerID: Int64 = -1,
        producerEpoch: Int16 = -1
    ) {
        self.transactionalID = transactionalID
        self.transactionTimeoutMs = transactionTimeoutMs
        self.producerID = producerID
        self.producerEpoch = producerEpoch
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = InitProducerIdRequest.isFlexible(version)
        transactionalID = try reader.nullableString(
            compact: flexible, "InitProducerIdRequest.transactionalID")
        transactionTimeoutMs = try reader.int32("InitProducerIdRequest.transactionTimeoutMs")
        if version >= 3 {
            producerID = try reader.int64("InitProducerIdRequest.producerID")
        }
        if version >= 3 {
            producerEpoch = try reader.int16("InitProducerIdRequest.producerEpoch")
        }
        if flexible {
            try reader.skipTaggedFields("InitProducerIdRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = InitProducerIdRequest.isFlexible(version)
        writer.string(transactionalID, compact: flexible)
        writer.int32(transactionTimeoutMs)
        if version >= 3 {
            writer.int64(producerID)
        }
        if version >= 3 {
            writer.int16(producerEpoch)
        }
        if flexible {
            writer.noTaggedFields()
        }
    }
}

/// The response of API 22, versions 0 to 5, flexible since 2.
public struct InitProducerIdResponse: ResponseMessage {
    public static let apiKey = ApiKey.initProducerId
    public static let versions: ClosedRange<Int16> = 0...5

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 2
    }

    /// How long the client should pause for its quota.
    public var throttleTimeMs: Int32 = 0
    public var errorCode: ErrorCode = .none
    /// -1: none.
    public var producerID: Int64 = -1
    /// -1: none.
    public var producerEpoch: Int16 = 0

    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        producerID: Int64 = -1,
        producerEpoch: Int16 = 0
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.producerID = producerID
        self.producerEpoch = producerEpoch
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = InitProducerIdResponse.isFlexible(version)
        throttleTimeMs = try reader.int32("InitProducerIdResponse.throttleTimeMs")
        errorCode = try reader.errorCode("InitProducerIdResponse.errorCode")
        producerID = try reader.int64("InitProducerIdResponse.producerID")
        producerEpoch = try reader.int16("InitProducerIdResponse.producerEpoch")
        if flexible {
            try reader.skipTaggedFields("InitProducerIdResponse")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = InitProducerIdResponse.isFlexible(version)
        writer.int32(throttleTimeMs)
        writer.errorCode(errorCode)
        writer.int64(producerID)
        writer.int16(producerEpoch)
        if flexible {
            writer.noTaggedFields()
        }
    }
}
