import Disk
import Vocabulary

/// `meta.properties`: which cluster and broker a data folder belongs to (KIP-631, KIP-858).
///
/// ```
/// node.id=1
/// directory.id=Z_TNZYcheO5g4fv8UUeBGg
/// version=1
/// cluster.id=MkU3OEVBNTcwNTJENDM2Qg
/// ```
/// Version 0, from clusters that used ZooKeeper, has `broker.id` in the place of `node.id`. Keys
/// unknown to us are kept.
public struct MetaProperties: Sendable, Hashable {
    /// The file's name in the data folder, Kafka's.
    public static let name = "meta.properties"
    static let byteLimit = 64 << 10
    /// Kafka makes ids of 22 characters but takes any text.
    static let clusterIDByteLimit = 1_024

    private var properties: JavaProperties
    /// `nil` only in version 0.
    public private(set) var clusterID: String?
    /// `nil` only in version 0.
    public private(set) var nodeID: BrokerID?
    /// The identity of this folder among the broker's; files before Kafka 3.7 have none.
    public private(set) var directoryID: TopicID?

    /// The contents for a folder of our own, in version 1.
    public init(clusterID: String, nodeID: BrokerID, directoryID: TopicID) {
        self.clusterID = clusterID
        self.nodeID = nodeID
        self.directoryID = directoryID
        properties = JavaProperties()
        properties["node.id"] = "\(nodeID)"
        properties["directory.id"] = "\(directoryID)"
        properties["version"] = "1"
        properties["cluster.id"] = clusterID
    }

    /// Whether the file names all that version 1 asks for.
    public var isComplete: Bool { properties["version"] == "1" && directoryID != nil }

    /// The same in version 1, with the ids that were missing. Other keys are kept.
    public func completed(
        clusterID: String, nodeID: BrokerID, directoryID: TopicID
    ) -> MetaProperties {
        var whole = self
        whole.clusterID = self.clusterID ?? clusterID
        whole.nodeID = self.nodeID ?? nodeID
        whole.directoryID = self.directoryID ?? directoryID
        whole.properties["broker.id"] = nil
        whole.properties["node.id"] = whole.nodeID?.description
        whole.properties["cluster.id"] = whole.clusterID
        whole.properties["directory.id"] = whole.directoryID?.description
        whole.properties["version"] = "1"
        return whole
    }

    /// The file in `folder`; `nil` where there is none.
    public static func read(
        on disk: any Disk, folder: String
    ) throws(SideFileError) -> MetaProperties? {
        let path = "\(folder)/\(name)"
        guard let bytes = try disk.readSideFile(path, limit: byteLimit) else { return nil }
        return try MetaProperties(parsing: bytes, path: path)
    }

    /// Writes the file anew, durably.
    public func write(on disk: any Disk, folder: String) throws(SideFileError) {
        try disk.replaceSideFile("\(folder)/\(Self.name)", with: encoded)
    }

    /// The file's contents, keys that are unknown here and the comments at its head included.
    public var encoded: [UInt8] { properties.encoded }

    /// - Throws: `.malformed` naming the key, `.newerVersion`.
    public init(parsing bytes: [UInt8], path: String) throws(SideFileError) {
        let properties = try JavaProperties(parsing: bytes, path: path)
        func fault(_ key: String, _ expected: String) -> SideFileError {
            .malformed(
                MalformedFile(
                    path: path, place: "key \(key)", expected: expected,
                    found: properties[key].map { "`\($0.prefix(60))`" } ?? "no such key",
                    remedy: "correct it, or restore the file from a backup"))
        }
        guard let version = Int(properties["version"] ?? "0"), version >= 0 else {
            throw fault("version", "0 or 1")
        }
        guard version <= 1 else { throw .newerVersion(path: path, found: version, supported: 1) }

        let nodeKey = version == 0 ? "broker.id" : "node.id"
        nodeID = properties[nodeKey].flatMap { Int32($0) }.map { BrokerID($0) }
        if let nodeID, nodeID.rawValue < 0 { throw fault(nodeKey, "a number from 0") }
        if nodeID == nil, version > 0 || properties[nodeKey] != nil {
            throw fault(nodeKey, "a number from 0")
        }
        clusterID = properties["cluster.id"].flatMap { $0.isEmpty ? nil : $0 }
        if version > 0, clusterID == nil { throw fault("cluster.id", "a cluster's id") }
        if let clusterID, clusterID.utf8.count > Self.clusterIDByteLimit {
            throw fault("cluster.id", "at most \(Self.clusterIDByteLimit) bytes")
        }
        if let text = properties["directory.id"] {
            guard let id = TopicID(text) else {
                throw fault("directory.id", "22 characters of Base64")
            }
            directoryID = id
        }
        self.properties = properties
    }
}
