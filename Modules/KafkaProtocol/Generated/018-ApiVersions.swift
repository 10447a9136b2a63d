// Written by protocol-generator from 018-ApiVersions.message; edit that file instead.
// swift-format-ignore-file

import NIOCore
import Vocabulary

/// Tells which requests the broker understands, in which versions.
///
/// The request of API 18, versions 0 to 4, flexible since 3.
public struct ApiVersionsRequest: RequestMessage {
    public typealias Response = ApiVersionsResponse

    public static let apiKey = ApiKey.apiVersions
    public static let versions: ClosedRange<Int16> = 0...4

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 3
    }

    /// KIP-511. From version 3.
    public var clientSoftwareName: String = ""
    /// KIP-511. From version 3.
    public var clientSoftwareVersion: String = ""

    public init(clientSoftwareName: String = "", clientSoftwareVersion: String = "") {
        self.clientSoftwareName = clientSoftwareName
        self.clientSoftwareVersion = clientSoftwareVersion
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = ApiVersionsRequest.isFlexible(version)
        if version >= 3 {
            clientSoftwareName = try reader.string(
                compact: true, "ApiVersionsRequest.clientSoftwareName")
        }
        if version >= 3 {
            clientSoftwareVersion = try reader.string(
                compact: true, "ApiVersionsRequest.clientSoftwareVersion")
        }
        if flexible {
            try reader.skipTaggedFields("ApiVersionsRequest")
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = ApiVersionsRequest.isFlexible(version)
        if version >= 3 {
            writer.string(clientSoftwareName, compact: true)
        }
        if version >= 3 {
            writer.string(clientSoftwareVersion, compact: true)
        }
        if flexible {
            writer.noTaggedFields()
        }
    }
}

/// The response of API 18, versions 0 to 4, flexible since 3.
public struct ApiVersionsResponse: ResponseMessage {
    public static let apiKey = ApiKey.apiVersions
    public static let versions: ClosedRange<Int16> = 0...4

    public static func isFlexible(_ version: Int16) -> Bool {
        version >= 3
    }

    public var errorCode: ErrorCode = .none
    public var apiKeys: [ApiVersion] = []
    /// How long the client should pause for its quota. From version 1.
    public var throttleTimeMs: Int32 = 0
    /// KIP-584. From version 3.
    public var supportedFeatures: [SupportedFeature] = []
    /// -1: unknown. From version 3.
    public var finalizedFeaturesEpoch: Int64 = -1
    /// KIP-584. From version 3.
    public var finalizedFeatures: [FinalizedFeature] = []
    /// Never true without ZooKeeper. From version 3.
    public var zkMigrationReady: Bool = false

    public init(
        errorCode: ErrorCode = .none,
        apiKeys: [ApiVersion] = [],
        throttleTimeMs: Int32 = 0,
        supportedFeatures: [SupportedFeature] = [],
        finalizedFeaturesEpoch: Int64 = -1,
        finalizedFeatures: [FinalizedFeature] = [],
        zkMigrationReady: Bool = false
    ) {
        self.errorCode = errorCode
        self.apiKeys = apiKeys
        self.throttleTimeMs = throttleTimeMs
        self.supportedFeatures = supportedFeatures
        self.finalizedFeaturesEpoch = finalizedFeaturesEpoch
        self.finalizedFeatures = finalizedFeatures
        self.zkMigrationReady = zkMigrationReady
    }

    public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
        let flexible = ApiVersionsResponse.isFlexible(version)
        errorCode = try reader.errorCode("ApiVersionsResponse.errorCode")
        apiKeys = try reader.array(
            of: ApiVersion.self, version: version, compact: flexible,
            elementBytes: 6, "ApiVersionsResponse.apiKeys")
        if version >= 1 {
            throttleTimeMs = try reader.int32("ApiVersionsResponse.throttleTimeMs")
        }
        if flexible {
            var tags = try reader.taggedFields("ApiVersionsResponse")
            while let tag = try tags.next(&reader) {
                switch tag {
                case 0 where version >= 3:
                    supportedFeatures = try reader.array(
                        of: SupportedFeature.self, version: version, compact: true,
                        elementBytes: 6, "ApiVersionsResponse.supportedFeatures")
                case 1 where version >= 3:
                    finalizedFeaturesEpoch = try reader.int64(
                        "ApiVersionsResponse.finalizedFeaturesEpoch")
                case 2 where version >= 3:
                    finalizedFeatures = try reader.array(
                        of: FinalizedFeature.self, version: version, compact: true,
                        elementBytes: 6, "ApiVersionsResponse.finalizedFeatures")
                case 3 where version >= 3:
                    zkMigrationReady = try reader.bool("ApiVersionsResponse.zkMigrationReady")
                default:
                    tags.skip(&reader)
                }
            }
        }
    }

    public func write(to writer: inout WireWriter, version: Int16) {
        let flexible = ApiVersionsResponse.isFlexible(version)
        writer.errorCode(errorCode)
        writer.array(apiKeys, version: version, compact: flexible)
        if version >= 1 {
            writer.int32(throttleTimeMs)
        }
        if flexible {
            var tagCount: UInt32 = 0
            if version >= 3, !supportedFeatures.isEmpty { tagCount += 1 }
            if version >= 3, finalizedFeaturesEpoch != -1 { tagCount += 1 }
            if version >= 3, !finalizedFeatures.isEmpty { tagCount += 1 }
            if version >= 3, zkMigrationReady { tagCount += 1 }
            writer.unsignedVarint(tagCount)
            if version >= 3, !supportedFeatures.isEmpty {
                let start = writer.beginTaggedField(0)
                writer.array(supportedFeatures, version: version, compact: true)
                writer.endTaggedField(from: start)
            }
            if version >= 3, finalizedFeaturesEpoch != -1 {
                let start = writer.beginTaggedField(1)
                writer.int64(finalizedFeaturesEpoch)
                writer.endTaggedField(from: start)
            }
            if version >= 3, !finalizedFeatures.isEmpty {
                let start = writer.beginTaggedField(2)
                writer.array(finalizedFeatures, version: version, compact: true)
                writer.endTaggedField(from: start)
            }
            if version >= 3, zkMigrationReady {
                let start = writer.beginTaggedField(3)
                writer.bool(zkMigrationReady)
                writer.endTaggedField(from: start)
            }
        }
    }

    public struct ApiVersion: WireStructure {
        public var apiKey: Int16 = 0
        /// Inclusive.
        public var minVersion: Int16 = 0
        /// Inclusive.
        public var maxVersion: Int16 = 0

        public init(apiKey: Int16 = 0, minVersion: Int16 = 0, maxVersion: Int16 = 0) {
            self.apiKey = apiKey
            self.minVersion = minVersion
            self.maxVersion = maxVersion
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            let flexible = ApiVersionsResponse.isFlexible(version)
            apiKey = try reader.int16("ApiVersionsResponse.ApiVersion.apiKey")
            minVersion = try reader.int16("ApiVersionsResponse.ApiVersion.minVersion")
            maxVersion = try reader.int16("ApiVersionsResponse.ApiVersion.maxVersion")
            if flexible {
                try reader.skipTaggedFields("ApiVersionsResponse.ApiVersion")
            }
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            let flexible = ApiVersionsResponse.isFlexible(version)
            writer.int16(apiKey)
            writer.int16(minVersion)
            writer.int16(maxVersion)
            if flexible {
                writer.noTaggedFields()
            }
        }
    }

    public struct SupportedFeature: WireStructure {
        public var name: String = ""
        /// Inclusive.
        public var minVersion: Int16 = 0
        /// Inclusive.
        public var maxVersion: Int16 = 0

        public init(name: String = "", minVersion: Int16 = 0, maxVersion: Int16 = 0) {
            self.name = name
            self.minVersion = minVersion
            self.maxVersion = maxVersion
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            name = try reader.string(compact: true, "ApiVersionsResponse.SupportedFeature.name")
            minVersion = try reader.int16("ApiVersionsResponse.SupportedFeature.minVersion")
            maxVersion = try reader.int16("ApiVersionsResponse.SupportedFeature.maxVersion")
            try reader.skipTaggedFields("ApiVersionsResponse.SupportedFeature")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.string(name, compact: true)
            writer.int16(minVersion)
            writer.int16(maxVersion)
            writer.noTaggedFields()
        }
    }

    public struct FinalizedFeature: WireStructure {
        public var name: String = ""
        public var maxVersionLevel: Int16 = 0
        public var minVersionLevel: Int16 = 0

        public init(name: String = "", maxVersionLevel: Int16 = 0, minVersionLevel: Int16 = 0) {
            self.name = name
            self.maxVersionLevel = maxVersionLevel
            self.minVersionLevel = minVersionLevel
        }

        public init(from reader: inout WireReader, version: Int16) throws(ProtocolError) {
            name = try reader.string(compact: true, "ApiVersionsResponse.FinalizedFeature.name")
            maxVersionLevel = try reader.int16(
                "ApiVersionsResponse.FinalizedFeature.maxVersionLevel")
            minVersionLevel = try reader.int16(
                "ApiVersionsResponse.FinalizedFeature.minVersionLevel")
            try reader.skipTaggedFields("ApiVersionsResponse.FinalizedFeature")
        }

        public func write(to writer: inout WireWriter, version: Int16) {
            writer.string(name, compact: true)
            writer.int16(maxVersionLevel)
            writer.int16(minVersionLevel)
            writer.noTaggedFields()
        }
    }
}
