// Written by protocol-generator from 020-DeleteTopics.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Deletes topics.
///
/// The request of API 20, versions 1 to 6, flexible since 4.
public struct DeleteTopicsRequest: RequestMessage {
    public typealias Response = DeleteTopicsResponse

    public static let apiKey = ApiKey.deleteTopics
    public static let versions: ClosedRange<Int16> = 1...6

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 4
    }

    /// From version 6.
    public var topics: [Topic] = []
    /// Up to version 5.
    public var topicNames: [String] = []
    /// How long the broker may take.
    public var timeoutMs: Int32 = 0

    public init(topics: [Topic] = [], topicNames: [String] = [], timeoutMs: Int32 = 0) {
        self.topics = topics
        self.topicNames = topicNames
        self.timeoutMs = timeoutMs
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = DeleteTopicsRequest.isFlexible(version)
        if version >= 6 {
            topics = try reader.array(
                of: Topic.self, version: version, compact: true,
                elementBytes: 18, "DeleteTopicsRequest.topics")
        }
        if version <= 5 {
            topicNames = try reader.array(
                compact: flexible, elementBytes: 1,
                "DeleteTopicsRequest.topicNames"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.string(compact: flexible, "DeleteTopicsRequest.topicNames")
            }
        }
        timeoutMs = try reader.int32("DeleteTopicsRequest.timeoutMs")
        if flexible {
            try reader.skipTaggedFields("DeleteTopicsRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = DeleteTopicsRequest.isFlexible(version)
        if version >= 6 {
            writer.array(topics, version: version, compact: true)
        }
        if version <= 5 {
            writer.array(topicNames, compact: flexible) {
                $0.string($1, compact: flexible)
            }
        }
        writer.int32(timeoutMs)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        public var name: String? = nil
        public var topicID: TopicID = .zero

        public init(name: String? = nil, topicID: TopicID = .zero) {
            self.name = name
            self.topicID = topicID
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            name = try reader.nullableString(compact: true, "DeleteTopicsRequest.Topic.name")
            topicID = try reader.topicID("DeleteTopicsRequest.Topic.topicID")
            try reader.skipTaggedFields("DeleteTopicsRequest.Topic")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.string(name, compact: true)
            writer.topicID(topicID)
            writer.noTaggedFields()
        }
    }
}

/// The response of API 20, versions 1 to 6, flexible since 4.
public struct DeleteTopicsResponse: ResponseMessage {
    public static let apiKey = ApiKey.deleteTopics
    public static let versions: ClosedRange<Int16> = 1...6

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 4
    }

    /// How long the client should pause for its quota.
    public var throttleTimeMs: Int32 = 0
    public var responses: [Topic] = []

    public init(throttleTimeMs: Int32 = 0, responses: [Topic] = []) {
        self.throttleTimeMs = throttleTimeMs
        self.responses = responses
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = DeleteTopicsResponse.isFlexible(version)
        throttleTimeMs = try reader.int32("DeleteTopicsResponse.throttleTimeMs")
        responses = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 4, "DeleteTopicsResponse.responses")
        if flexible {
            try reader.skipTaggedFields("DeleteTopicsResponse")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = DeleteTopicsResponse.isFlexible(version)
        writer.int32(throttleTimeMs)
        writer.array(responses, version: version, compact: flexible)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        /// Nil: unknown id.
        public var name: String? = nil
        /// From version 6.
        public var topicID: TopicID = .zero
        public var errorCode: ErrorCode = .none
        /// From version 5.
        public var errorMessage: String? = nil

        public init(
            name: String? = nil,
            topicID: TopicID = .zero,
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil
        ) {
            self.name = name
            self.topicID = topicID
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = DeleteTopicsResponse.isFlexible(version)
            if version >= 6 {
                name = try reader.nullableString(
                    compact: flexible, "DeleteTopicsResponse.Topic.name")
            } else {
                name = try reader.string(compact: flexible, "DeleteTopicsResponse.Topic.name")
            }
            if version >= 6 {
                topicID = try reader.topicID("DeleteTopicsResponse.Topic.topicID")
            }
            errorCode = try reader.errorCode("DeleteTopicsResponse.Topic.errorCode")
            if version >= 5 {
                errorMessage = try reader.nullableString(
                    compact: true, "DeleteTopicsResponse.Topic.errorMessage")
            }
            if flexible {
                try reader.skipTaggedFields("DeleteTopicsResponse.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = DeleteTopicsResponse.isFlexible(version)
            if version >= 6 {
                writer.string(name, compact: flexible)
            } else {
                writer.string((name ?? ""), compact: flexible)
            }
            if version >= 6 {
                writer.topicID(topicID)
            }
            writer.errorCode(errorCode)
            if version >= 5 {
                writer.string(errorMessage, compact: true)
            }
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}
