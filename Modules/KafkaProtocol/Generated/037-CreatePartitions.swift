// Written by protocol-generator from 037-CreatePartitions.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Adds partitions to topics.
///
/// The request of API 37, versions 0 to 3, flexible since 2.
public struct CreatePartitionsRequest: RequestMessage {
    public typealias Response = CreatePartitionsResponse

    public static let apiKey = ApiKey.createPartitions
    public static let versions: ClosedRange<Int16> = 0...3

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 2
    }

    public var topics: [Topic] = []
    /// How long the broker may take.
    public var timeoutMs: Int32 = 0
    /// Check, change nothing.
    public var validateOnly: Bool = false

    public init(topics: [Topic] = [], timeoutMs: Int32 = 0, validateOnly: Bool = false) {
        self.topics = topics
        self.timeoutMs = timeoutMs
        self.validateOnly = validateOnly
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = CreatePartitionsRequest.isFlexible(version)
        topics = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 7, "CreatePartitionsRequest.topics")
        timeoutMs = try reader.int32("CreatePartitionsRequest.timeoutMs")
        validateOnly = try reader.bool("CreatePartitionsRequest.validateOnly")
        if flexible {
            try reader.skipTaggedFields("CreatePartitionsRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = CreatePartitionsRequest.isFlexible(version)
        writer.array(topics, version: version, compact: flexible)
        writer.int32(timeoutMs)
        writer.bool(validateOnly)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        public var name: String = ""
        /// Partitions afterwards.
        public var count: Int32 = 0
        /// Nil: the broker chooses.
        public var assignments: [Assignment]? = nil

        public init(name: String = "", count: Int32 = 0, assignments: [Assignment]? = nil) {
            self.name = name
            self.count = count
            self.assignments = assignments
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = CreatePartitionsRequest.isFlexible(version)
            name = try reader.string(compact: flexible, "CreatePartitionsRequest.Topic.name")
            count = try reader.int32("CreatePartitionsRequest.Topic.count")
            assignments = try reader.nullableArray(
                of: Assignment.self, version: version, compact: flexible,
                elementBytes: 2, "CreatePartitionsRequest.Topic.assignments")
            if flexible {
                try reader.skipTaggedFields("CreatePartitionsRequest.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = CreatePartitionsRequest.isFlexible(version)
            writer.string(name, compact: flexible)
            writer.int32(count)
            writer.array(assignments, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Assignment: WireStructure {
        public var brokerIDs: [Int32] = []

        public init(brokerIDs: [Int32] = []) {
            self.brokerIDs = brokerIDs
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = CreatePartitionsRequest.isFlexible(version)
            brokerIDs = try reader.array(
                compact: flexible, elementBytes: 4,
                "CreatePartitionsRequest.Assignment.brokerIDs"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.int32("CreatePartitionsRequest.Assignment.brokerIDs")
            }
            if flexible {
                try reader.skipTaggedFields("CreatePartitionsRequest.Assignment")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = CreatePartitionsRequest.isFlexible(version)
            writer.array(brokerIDs, compact: flexible) {
                $0.int32($1)
            }
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}

/// The response of API 37, versions 0 to 3, flexible since 2.
public struct CreatePartitionsResponse: ResponseMessage {
    public static let apiKey = ApiKey.createPartitions
    public static let versions: ClosedRange<Int16> = 0...3

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 2
    }

    /// How long the client should pause for its quota.
    public var throttleTimeMs: Int32 = 0
    public var results: [Topic] = []

    public init(throttleTimeMs: Int32 = 0, results: [Topic] = []) {
        self.throttleTimeMs = throttleTimeMs
        self.results = results
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = CreatePartitionsResponse.isFlexible(version)
        throttleTimeMs = try reader.int32("CreatePartitionsResponse.throttleTimeMs")
        results = try reader.array(
            of: Topic.self, version: version, compact: flexible,
            elementBytes: 5, "CreatePartitionsResponse.results")
        if flexible {
            try reader.skipTaggedFields("CreatePartitionsResponse")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = CreatePartitionsResponse.isFlexible(version)
        writer.int32(throttleTimeMs)
        writer.array(results, version: version, compact: flexible)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Topic: WireStructure {
        public var name: String = ""
        public var errorCode: ErrorCode = .none
        public var errorMessage: String? = nil

        public init(name: String = "", errorCode: ErrorCode = .none, errorMessage: String? = nil) {
            self.name = name
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = CreatePartitionsResponse.isFlexible(version)
            name = try reader.string(compact: flexible, "CreatePartitionsResponse.Topic.name")
            errorCode = try reader.errorCode("CreatePartitionsResponse.Topic.errorCode")
            errorMessage = try reader.nullableString(
                compact: flexible, "CreatePartitionsResponse.Topic.errorMessage")
            if flexible {
                try reader.skipTaggedFields("CreatePartitionsResponse.Topic")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = CreatePartitionsResponse.isFlexible(version)
            writer.string(name, compact: flexible)
            writer.errorCode(errorCode)
            writer.string(errorMessage, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}
