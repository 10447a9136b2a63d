// Written by protocol-generator from 044-IncrementalAlterConfigs.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Changes single settings of topics and brokers (KIP-339).
///
/// The request of API 44, versions 0 to 1, flexible since 1.
public struct IncrementalAlterConfigsRequest: RequestMessage {
    public typealias Response = IncrementalAlterConfigsResponse

    public static let apiKey = ApiKey.incrementalAlterConfigs
    public static let versions: ClosedRange<Int16> = 0...1

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 1
    }

    public var resources: [Resource] = []
    /// Check, change nothing.
    public var validateOnly: Bool = false

    public init(resources: [Resource] = [], validateOnly: Bool = false) {
        self.resources = resources
        self.validateOnly = validateOnly
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = IncrementalAlterConfigsRequest.isFlexible(version)
        resources = try reader.array(
            of: Resource.self, version: version, compact: flexible,
            elementBytes: 4, "IncrementalAlterConfigsRequest.resources")
        validateOnly = try reader.bool("IncrementalAlterConfigsRequest.validateOnly")
        if flexible {
            try reader.skipTaggedFields("IncrementalAlterConfigsRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = IncrementalAlterConfigsRequest.isFlexible(version)
        writer.array(resources, version: version, compact: flexible)
        writer.bool(validateOnly)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Resource: WireStructure {
        /// 2: topic, 4: broker, 8: broker logger.
        public var resourceType: Int8 = 0
        /// A broker's may be empty: the default of all.
        public var resourceName: String = ""
        public var configs: [Config] = []

        public init(resourceType: Int8 = 0, resourceName: String = "", configs: [Config] = []) {
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.configs = configs
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = IncrementalAlterConfigsRequest.isFlexible(version)
            resourceType = try reader.int8("IncrementalAlterConfigsRequest.Resource.resourceType")
            resourceName = try reader.string(
                compact: flexible, "IncrementalAlterConfigsRequest.Resource.resourceName")
            configs = try reader.array(
                of: Config.self, version: version, compact: flexible,
                elementBytes: 4, "IncrementalAlterConfigsRequest.Resource.configs")
            if flexible {
                try reader.skipTaggedFields("IncrementalAlterConfigsRequest.Resource")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = IncrementalAlterConfigsRequest.isFlexible(version)
            writer.int8(resourceType)
            writer.string(resourceName, compact: flexible)
            writer.array(configs, version: version, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Config: WireStructure {
        public var name: String = ""
        /// 0: set, 1: delete, 2: append, 3: subtract.
        public var configOperation: Int8 = 0
        public var value: String? = nil

        public init(name: String = "", configOperation: Int8 = 0, value: String? = nil) {
            self.name = name
            self.configOperation = configOperation
            self.value = value
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = IncrementalAlterConfigsRequest.isFlexible(version)
            name = try reader.string(
                compact: flexible, "IncrementalAlterConfigsRequest.Config.name")
            configOperation = try reader.int8(
                "IncrementalAlterConfigsRequest.Config.configOperation")
            value = try reader.nullableString(
                compact: flexible, "IncrementalAlterConfigsRequest.Config.value")
            if flexible {
                try reader.skipTaggedFields("IncrementalAlterConfigsRequest.Config")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = IncrementalAlterConfigsRequest.isFlexible(version)
            writer.string(name, compact: flexible)
            writer.int8(configOperation)
            writer.string(value, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}

/// The response of API 44, versions 0 to 1, flexible since 1.
public struct IncrementalAlterConfigsResponse: ResponseMessage {
    public static let apiKey = ApiKey.incrementalAlterConfigs
    public static let versions: ClosedRange<Int16> = 0...1

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 1
    }

    /// How long the client should pause for its quota.
    public var throttleTimeMs: Int32 = 0
    public var responses: [Resource] = []

    public init(throttleTimeMs: Int32 = 0, responses: [Resource] = []) {
        self.throttleTimeMs = throttleTimeMs
        self.responses = responses
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = IncrementalAlterConfigsResponse.isFlexible(version)
        throttleTimeMs = try reader.int32("IncrementalAlterConfigsResponse.throttleTimeMs")
        responses = try reader.array(
            of: Resource.self, version: version, compact: flexible,
            elementBytes: 6, "IncrementalAlterConfigsResponse.responses")
        if flexible {
            try reader.skipTaggedFields("IncrementalAlterConfigsResponse")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = IncrementalAlterConfigsResponse.isFlexible(version)
        writer.int32(throttleTimeMs)
        writer.array(responses, version: version, compact: flexible)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Resource: WireStructure {
        public var errorCode: ErrorCode = .none
        public var errorMessage: String? = nil
        /// As asked.
        public var resourceType: Int8 = 0
        public var resourceName: String = ""

        public init(
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil,
            resourceType: Int8 = 0,
            resourceName: String = ""
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.resourceType = resourceType
            self.resourceName = resourceName
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = IncrementalAlterConfigsResponse.isFlexible(version)
            errorCode = try reader.errorCode("IncrementalAlterConfigsResponse.Resource.errorCode")
            errorMessage = try reader.nullableString(
                compact: flexible, "IncrementalAlterConfigsResponse.Resource.errorMessage")
            resourceType = try reader.int8("IncrementalAlterConfigsResponse.Resource.resourceType")
            resourceName = try reader.string(
                compact: flexible, "IncrementalAlterConfigsResponse.Resource.resourceName")
            if flexible {
                try reader.skipTaggedFields("IncrementalAlterConfigsResponse.Resource")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = IncrementalAlterConfigsResponse.isFlexible(version)
            writer.errorCode(errorCode)
            writer.string(errorMessage, compact: flexible)
            writer.int8(resourceType)
            writer.string(resourceName, compact: flexible)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}
