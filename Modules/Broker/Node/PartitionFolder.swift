import Disk
import SegmentStore
import Vocabulary

/// Tells whose a partition's folder is, without opening its log.
enum PartitionFolder {
    /// Whether `folder` belongs to the topic: it names the topic's id; or it names none and holds
    /// no records, as a creation that was cut short leaves it. Not if there is no such folder.
    ///
    /// - Throws: where that cannot be read; then nothing is known.
    static func belongs(
        _ folder: String, to topicID: TopicID, on disk: any Disk
    ) throws(SideFileError) -> Bool {
        if let id = try PartitionMetadataFile.read(on: disk, folder: folder) {
            return id == topicID
        }
        do throws(DiskError) {
            for entry in try disk.list(folder) where entry.name.hasSuffix(".log") {
                if try disk.byteCount(ofFile: "\(folder)/\(entry.name)") > 0 { return false }
            }
            return true
        } catch {
            if error.isMissing { return false }
            throw .disk(error)
        }
    }
}
