import Disk
import SegmentStore
import Vocabulary

/// Whose data a folder holds, as `meta.properties` says; decided when the broker starts.
public enum ClusterIdentity {
    /// Reads `meta.properties`, or makes it for a new folder.
    ///
    /// A file of version 0, or one that lacks an id, is completed in version 1.
    /// - Parameter configured: the broker's `node.id` where the operator set it. A new folder
    ///   takes `configured`, or 1.
    /// - Throws: `.otherIdentity` if the folder belongs to another node than configured.
    public static func establish(
        in folder: String, configured: BrokerID?, on disk: any Disk,
        makeID: () -> TopicID = TopicID.random
    ) throws(MetadataError) -> MetaProperties {
        do throws(SideFileError) {
            let found = try MetaProperties.read(on: disk, folder: folder)
            if let found, let node = found.nodeID, let configured, node != configured {
                throw .malformed(
                    MalformedFile(
                        path: "\(folder)/\(MetaProperties.name)", place: "node.id",
                        expected: "the configured node.id \(configured)", found: "\(node)",
                        remedy:
                            "set node.id=\(node), or choose the data folder of node \(configured)"))
            }
            if let found, found.isComplete { return found }
            let node = configured ?? BrokerID(1)
            let whole =
                found?.completed(
                    clusterID: makeID().description, nodeID: node, directoryID: makeID())
                ?? MetaProperties(
                    clusterID: makeID().description, nodeID: node, directoryID: makeID())
            try whole.write(on: disk, folder: folder)
            return whole
        } catch {
            throw .sideFile(error)
        }
    }
}
