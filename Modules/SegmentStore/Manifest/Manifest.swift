import Disk
import Records
import Vocabulary

/// `millrace.manifest`: what the logs of a data folder were like when it was last looked at as a
/// whole, so that the next start need not look into each folder.
///
/// A hint. It is believed of a log only while its recovery point agrees and, after a crash, only
/// if the log is not among the `ChangedLogs` of the same generation; what it says is compared with
/// the files when the log is opened. Losing it costs time.
///
/// Numbers are big-endian, texts are UTF-8 behind a length of two bytes:
///
///      0   4  magic, `4D524C4D` (`MRLM`)
///      4   2  version, 1
///      6   4  CRC-32C of everything after it
///     10  16  generation, a random id
///     26   4  number of logs
///     30      the logs, each: topic: text, partition: 4, topic id: 16, log start offset: 8,
///             log end: 8, leader epoch: 4, base offset of the last segment: 8, its bytes: 8
///
/// One log, `hi-3`, of offsets 5 to 8, in a segment of 345 bytes that begins at 5:
///
///     4D524C4D 0001 E9145797 00000000000000000000000000000007 00000001
///     0002 6869 00000003 0102030405060708090A0B0C0D0E0F10
///     0000000000000005 0000000000000009 00000002 0000000000000005 0000000000000159
public struct Manifest: Sendable, Hashable {
    /// The file's name in the data folder.
    public static let name = "millrace.manifest"
    static let magic: UInt32 = 0x4D52_4C4D
    static let version = 1
    /// Far above what the largest number of logs needs.
    static let byteLimit = 512 << 20

    /// Tells the changes that were noted since from those since another manifest.
    public var generation: TopicID
    /// One for each log that could be told of; the others are looked into at the next start.
    public var logs: [LogOutline]

    public init(generation: TopicID, logs: [LogOutline]) {
        self.generation = generation
        self.logs = logs
    }

    /// The manifest in `folder`; `nil` where there is none.
    ///
    /// - Throws: `malformed`, `tooLarge`: do without it. `newerVersion`: the folder belongs to a
    ///   later version of this program. `disk`.
    public static func read(
        on disk: any Disk, folder: String
    ) throws(SideFileError) -> Manifest? {
        let path = "\(folder)/\(name)"
        guard let bytes = try disk.readSideFile(path, limit: byteLimit) else { return nil }
        return try Manifest(decoding: bytes, path: path)
    }

    /// Writes the file anew, durably.
    public func write(on disk: any Disk, folder: String) throws(SideFileError) {
        try disk.replaceSideFile("\(folder)/\(Self.name)", with: encoded)
    }

    /// Takes the file away, durably; nothing happens where there is none.
    public static func remove(on disk: any Disk, folder: String) throws(SideFileError) {
        try disk.removeSideFile(name, in: folder)
    }
}
