import Disk
import Vocabulary

/// `partition.metadata`: the identity of the topic that a partition's folder belongs to (KIP-516).
///
/// ```
/// version: 0
/// topic_id: kD2oe2-pSAuWZyp_k4fbgA
/// ```
/// There is no end of line after the id.
public enum PartitionMetadataFile {
    /// The file's name in the partition's folder, Kafka's.
    public static let name = "partition.metadata"
    static let byteLimit = 4_096

    /// The topic id in `folder`; `nil` where there is no such file, or an empty one that a crash
    /// left while the folder was made.
    ///
    /// Versions above 0 are accepted, as by Kafka, for the sake of downgrades.
    /// - Throws: `.malformed`, `.tooLarge`, `.disk`. Costs one open, read and close.
    public static func read(
        on disk: any Disk, folder: String
    ) throws(SideFileError) -> TopicID? {
        let path = "\(folder)/\(name)"
        guard let bytes = try disk.readSideFileOrBlank(path, limit: byteLimit), !bytes.isEmpty
        else { return nil }
        return try parse(bytes, path: path)
    }

    /// Writes the file anew, durably.
    public static func write(
        _ topicID: TopicID, on disk: any Disk, folder: String
    ) throws(SideFileError) {
        try disk.replaceSideFile("\(folder)/\(name)", with: encode(topicID))
    }

    /// The file's contents, in the form above.
    public static func encode(_ topicID: TopicID) -> [UInt8] {
        Array("version: 0\ntopic_id: \(topicID)".utf8)
    }

    /// Reads the form above, with any version from 0 on.
    ///
    /// - Parameter path: where the bytes are from, for errors.
    /// - Throws: `.malformed` naming the line, also for the id that stands for "none".
    public static func parse(_ bytes: [UInt8], path: String) throws(SideFileError) -> TopicID {
        var lines = TextLines(
            bytes, path: path,
            remedy: "restore the file from another replica or a backup of the folder")
        let versionLine = lines.next()
        let version = versionLine.map(TextLines.words(of:)) ?? []
        guard version.count == 2, let number: Int = TextLines.number(version[1]), number >= 0 else {
            throw lines.fault(expected: "`version: 0`", found: versionLine)
        }
        let idLine = lines.next()
        let words = idLine.map(TextLines.words(of:)) ?? []
        guard words.count == 2, let id = TopicID(String(decoding: words[1], as: UTF8.self)),
            id != .zero
        else {
            throw lines.fault(expected: "`topic_id: ` and 22 characters of Base64", found: idLine)
        }
        return id
    }
}
