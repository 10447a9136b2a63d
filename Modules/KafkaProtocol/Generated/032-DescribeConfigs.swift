// Written by protocol-generator from 032-DescribeConfigs.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Tells the configuration of topics and brokers.
///
/// The request of API 32, versions 1 to 4, flexible since 4.
public struct DescribeConfigsRequest: RequestMessage {
    public typealias Response = DescribeConfigsResponse

    public static let apiKey = ApiKey.describeConfigs
    public static let versions: ClosedRange<Int16> = 1...4

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 4
    }

    public var resources: [Resource] = []
    public var includeSynonyms: Bool = false
    /// From version 3.
    public var includeDocumentation: Bool = false

    public init(
        resources: [Resource] = [],
        includeSynonyms: Bool = false,
        includeDocumentation: Bool = false
    ) {
        self.resources = resources
        self.includeSynonyms = includeSynonyms
        self.includeDocumentation = includeDocumentation
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = DescribeConfigsRequest.isFlexible(version)
        resources = try reader.array(
            of: Resource.self, version: version, compact: flexible,
            elementBytes: 4, "DescribeConfigsRequest.resources")
        includeSynonyms = try reader.bool("DescribeConfigsRequest.includeSynonyms")
        if version >= 3 {
            includeDocumentation = try reader.bool("DescribeConfigsRequest.includeDocumentation")
        }
        if flexible {
            try reader.skipTaggedFields("DescribeConfigsRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = DescribeConfigsRequest.isFlexible(version)
        writer.array(resources, version: version, compact: flexible)
        writer.bool(includeSynonyms)
        if version >= 3 {
            writer.bool(includeDocumentation)
        }
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Resource: WireStructure {
        /// 2: topic, 4: broker, 8: broker logger.
        public var resourceType: Int8 = 0
        public var resourceName: String = ""
        /// Nil: every key.
        public var configurationKeys: [String]? = nil

        public init(
            resourceType: Int8 = 0,
            resourceName: String = "",
            configurationKeys: [String]? = nil
        ) {
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.configurationKeys = configurationKeys
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = DescribeConfigsRequest.isFlexible(version)
            resourceType = try reader.int8("DescribeConfigsRequest.Resource.resourceType")
            resourceName = try reader.string(
                compact: flexible, "DescribeConfigsRequest.Resource.resourceName")
            configurationKeys = try reader.nullableArray(
                compact: flexible, elementBytes: 1,
                "DescribeConfigsRequest.Resource.configurationKeys"
            ) {
                (reader: inout WireReader) throws(ProtocolError) in
                try reader.string(
                    compact: flexible, "DescribeConfigsRequest.Resource.configurationKeys")
            }
            if flexible {
                try reader.skipTaggedFields("DescribeConfigsRequest.Resource")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = DescribeConfigsRequest.isFlexible(version)
            writer.int8(resourceType)
            writer.string(resourceName, compact: flexible)
            writer.array(configurationKeys, compact: flexible) {
                $0.string($1, compact: flexible)
            }
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}

/// The response of API 32, versions 1 to 4, flexible since 4.
public struct DescribeConfigsResponse: ResponseMessage {
    public static let apiKey = ApiKey.describeConfigs
    public static let versions: ClosedRange<Int16> = 1...4

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 4
    }

    /// How long the client should pause for its quota.
    public var throttleTimeMs: Int32 = 0
    public var results: [Result] = []

    public init(throttleTimeMs: Int32 = 0, results: [Result] = []) {
        self.throttleTimeMs = throttleTimeMs
        self.results = results
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = DescribeConfigsResponse.isFlexible(version)
        throttleTimeMs = try reader.int32("DescribeConfigsResponse.throttleTimeMs")
        results = try reader.array(
            of: Result.self, version: version, compact: flexible,
            elementBytes: 7, "DescribeConfigsResponse.results")
        if flexible {
            try reader.skipTaggedFields("DescribeConfigsResponse")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = DescribeConfigsResponse.isFlexible(version)
        writer.int32(throttleTimeMs)
        writer.array(results, version: version, compact: flexible)
        if flexible {
            writer.noTaggedFields()
        }
    }

    public struct Result: WireStructure {
        public var errorCode: ErrorCode = .none
        public var errorMessage: String? = nil
        /// 2: topic, 4: broker, 8: broker logger.
        public var resourceType: Int8 = 0
        public var resourceName: String = ""
        public var configs: [Config] = []

        public init(
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil,
            resourceType: Int8 = 0,
            resourceName: String = "",
            configs: [Config] = []
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.configs = configs
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = DescribeConfigsResponse.isFlexible(version)
            errorCode = try reader.errorCode("DescribeConfigsResponse.Result.errorCode")
            errorMessage = try reader.nullableString(
                compact: flexible, "DescribeConfigsResponse.Result.errorMessage")
            resourceType = try reader.int8("DescribeConfigsResponse.Result.resourceType")
            resourceName = try reader.string(
                compact: flexible, "DescribeConfigsResponse.Result.resourceName")
            configs = try reader.array(
                of: Config.self, version: version, compact: flexible,
                elementBytes: 9, "DescribeConfigsResponse.Result.configs")
            if flexible {
                try reader.skipTaggedFields("DescribeConfigsResponse.Result")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = DescribeConfigsResponse.isFlexible(version)
            writer.errorCode(errorCode)
            writer.string(errorMessage, compact: flexible)
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
        public var value: String? = nil
        public var readOnly: Bool = false
        /// 1: topic, 4: static broker, 5: default.
        public var configSource: Int8 = -1
        public var isSensitive: Bool = false
        public var synonyms: [Synonym] = []
        /// Numbered from 1: BOOLEAN, STRING, INT (KIP-569). From version 3.
        public var configType: Int8 = 0
        /// From version 3.
        public var documentation: String? = nil

        public init(
            name: String = "",
            value: String? = nil,
            readOnly: Bool = false,
            configSource: Int8 = -1,
            isSensitive: Bool = false,
            synonyms: [Synonym] = [],
            configType: Int8 = 0,
            documentation: String? = nil
        ) {
            self.name = name
            self.value = value
            self.readOnly = readOnly
            self.configSource = configSource
            self.isSensitive = isSensitive
            self.synonyms = synonyms
            self.configType = configType
            self.documentation = documentation
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = DescribeConfigsResponse.isFlexible(version)
            name = try reader.string(compact: flexible, "DescribeConfigsResponse.Config.name")
            value = try reader.nullableString(
                compact: flexible, "DescribeConfigsResponse.Config.value")
            readOnly = try reader.bool("DescribeConfigsResponse.Config.readOnly")
            configSource = try reader.int8("DescribeConfigsResponse.Config.configSource")
            isSensitive = try reader.bool("DescribeConfigsResponse.Config.isSensitive")
            synonyms = try reader.array(
                of: Synonym.self, version: version, compact: flexible,
                elementBytes: 4, "DescribeConfigsResponse.Config.synonyms")
            if version >= 3 {
                configType = try reader.int8("DescribeConfigsResponse.Config.configType")
            }
            if version >= 3 {
                documentation = try reader.nullableString(
                    compact: flexible, "DescribeConfigsResponse.Config.documentation")
            }
            if flexible {
                try reader.skipTaggedFields("DescribeConfigsResponse.Config")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = DescribeConfigsResponse.isFlexible(version)
            writer.string(name, compact: flexible)
            writer.string(value, compact: flexible)
            writer.bool(readOnly)
            writer.int8(configSource)
            writer.bool(isSensitive)
            writer.array(synonyms, version: version, compact: flexible)
            if version >= 3 {
                writer.int8(configType)
            }
            if version >= 3 {
                writer.string(documentation, compact: flexible)
            }
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct Synonym: WireStructure {
        public var name: String = ""
        public var value: String? = nil
        /// As configSource.
        public var source: Int8 = 0

        public init(name: String = "", value: String? = nil, source: Int8 = 0) {
            self.name = name
            self.value = value
            self.source = source
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = DescribeConfigsResponse.isFlexible(version)
            name = try reader.string(compact: flexible, "DescribeConfigsResponse.Synonym.name")
            value = try reader.nullableString(
                compact: flexible, "DescribeConfigsResponse.Synonym.value")
            source = try reader.int8("DescribeConfigsResponse.Synonym.source")
            if flexible {
                try reader.skipTaggedFields("DescribeConfigsResponse.Synonym")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = DescribeConfigsResponse.isFlexible(version)
            writer.string(name, compact: flexible)
            writer.string(value, compact: flexible)
            writer.int8(source)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }
}
