import Disk
import Records
import Vocabulary

/// What the cuts of a log mean for its next opening: which batches of a journal are void, and
/// which recovery points are older than the last cut.
///
/// Kept in a file of ours in the partition's folder once the log was cut, durable before the first
/// step of a cut, big-endian:
///
///     0   4  magic MRIN
///     4   2  version, 2
///     6   8  incarnation
///     14  8  the recovery point that takes the place of a stale one
///     22  8  the largest stale one; not above the one before where none is stale
///     30  4  CRC-32C of what comes before
///
/// Worked example, a log that was synced up to offset 90 when it was first cut, to offset 40:
/// `4D52494E 0002 0000000000000001 0000000000000028 000000000000005A DC6D882E`.
///
/// Version 1 ends behind the incarnation, with its checksum: no recovery point is stale.
package struct LogCuts: Sendable, Hashable {
    package static let name = "millrace-incarnation"
    private static let magic: UInt32 = 0x4D52_494E
    private static let version: UInt16 = 2
    private static let byteCount = 34
    private static let firstVersionByteCount = 18

    /// How often the log was cut.
    package private(set) var incarnation = LogIncarnation.first
    /// What was durable when the last cut began, and stays.
    package private(set) var durableEnd = Offset.zero
    /// A checkpoint from before the last cut says no more than this.
    package private(set) var staleEnd = Offset.zero

    init() {}

    init(incarnation: LogIncarnation) { self.incarnation = incarnation }

    /// What is true once a log is cut that was synced below `syncedEnd`; below `durableEnd` all
    /// of that stays.
    func cutting(_ syncedEnd: Offset, to durableEnd: Offset) -> LogCuts {
        var next = self
        next.incarnation = incarnation.next
        next.durableEnd = durableEnd
        // What an earlier cut made stale and was never written anew is still in the checkpoint.
        next.staleEnd = max(staleEnd, syncedEnd)
        return next
    }

    /// Below which offset everything was durable, where the checkpoint says `recoveryPoint`.
    ///
    /// The checkpoint is written a while after a cut, and records are appended meanwhile: one that
    /// says more than the cut left may be older than the cut. One that is newer and says as much
    /// cannot be told from it: then more is read than need be.
    package func believed(_ recoveryPoint: Offset) -> Offset {
        recoveryPoint > durableEnd && recoveryPoint <= staleEnd ? durableEnd : recoveryPoint
    }

    // MARK: - The file

    var encoded: [UInt8] {
        var writer = BigEndianWriter(capacity: Self.byteCount)
        writer.append(Self.magic)
        writer.append(Self.version)
        writer.append(incarnation.rawValue)
        writer.append(durableEnd.rawValue)
        writer.append(staleEnd.rawValue)
        writer.append(writer.bytes.withUnsafeBytes { crc32c($0) })
        return writer.bytes
    }

    /// - Throws: `.malformed`, `.newerVersion`.
    package init(parsing bytes: [UInt8], path: String) throws(SideFileError) {
        func fault(_ position: Int, _ expected: String, _ found: String) -> SideFileError {
            .malformed(
                MalformedFile(
                    path: path, place: "byte \(position)", expected: expected, found: found,
                    remedy: "restore the file; without it, batches that were cut off could return"))
        }
        guard bytes.count >= 6 else { throw fault(0, "\(Self.byteCount) bytes", "\(bytes.count)") }
        var reader = BigEndianReader(bytes)
        let magic: UInt32 = reader.next()
        guard magic == Self.magic else { throw fault(0, "the magic MRIN", "\(magic)") }
        let version: UInt16 = reader.next()
        guard version <= Self.version else {
            throw .newerVersion(path: path, found: Int(version), supported: Int(Self.version))
        }
        let count = version == 1 ? Self.firstVersionByteCount : Self.byteCount
        guard version > 0, bytes.count == count else {
            throw fault(4, "version 2 with \(Self.byteCount) bytes", "\(version), \(bytes.count)")
        }
        incarnation = LogIncarnation(reader.next())
        if version > 1 {
            durableEnd = Offset(reader.next())
            staleEnd = Offset(reader.next())
        }
        let stored: UInt32 = reader.next()
        let computed = bytes.dropLast(4).withUnsafeBytes { crc32c($0) }
        guard stored == computed else {
            throw fault(count - 4, "checksum \(computed)", "\(stored)")
        }
        guard durableEnd >= .zero, max(durableEnd, staleEnd) <= Offset.limit else {
            throw fault(14, "offsets", "\(durableEnd) and \(staleEnd)")
        }
    }

    /// Those of a log that was never cut where there is no file.
    static func read(on disk: any Disk, folder: String) throws(SideFileError) -> LogCuts {
        let path = "\(folder)/\(name)"
        guard let bytes = try disk.readSideFile(path, limit: 4_096) else { return LogCuts() }
        return try LogCuts(parsing: bytes, path: path)
    }

    func write(on disk: any Disk, folder: String) throws(SideFileError) {
        try disk.replaceSideFile("\(folder)/\(Self.name)", with: encoded)
    }
}
