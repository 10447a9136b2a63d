import Disk
import Records
import Vocabulary

/// Counts how often a log was cut back: journaled batches of an earlier incarnation are void.
///
/// Kept in a file of ours in the partition's folder once it is not 0, big-endian:
///
///     0  4  magic MRIN       4  2  version, 1       6  8  incarnation
///     14 4  CRC-32C of what comes before
///
/// Worked example, the second incarnation: `4D52494E 0001 0000000000000001 80BEF6E6`.
package struct LogIncarnation: Quantity {
    package static let name = "millrace-incarnation"
    private static let magic: UInt32 = 0x4D52_494E
    private static let version: UInt16 = 1
    private static let byteCount = 18
    static let first = LogIncarnation(0)

    package let rawValue: UInt64

    package init(_ rawValue: UInt64) { self.rawValue = rawValue }

    var next: LogIncarnation { LogIncarnation(rawValue + 1) }

    var encoded: [UInt8] {
        var writer = BigEndianWriter(capacity: Self.byteCount)
        writer.append(Self.magic)
        writer.append(Self.version)
        writer.append(rawValue)
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
        guard bytes.count == Self.byteCount, version == Self.version else {
            throw fault(4, "version 1 with \(Self.byteCount) bytes", "\(version), \(bytes.count)")
        }
        rawValue = reader.next()
        let stored: UInt32 = reader.next()
        let computed = bytes.withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[..<14])) }
        guard stored == computed else { throw fault(14, "checksum \(computed)", "\(stored)") }
    }

    static func read(on disk: any Disk, folder: String) throws(SideFileError) -> LogIncarnation {
        let path = "\(folder)/\(name)"
        guard let bytes = try disk.readSideFile(path, limit: 4_096) else { return .first }
        return try LogIncarnation(parsing: bytes, path: path)
    }

    func write(on disk: any Disk, folder: String) throws(SideFileError) {
        try disk.replaceSideFile("\(folder)/\(Self.name)", with: encoded)
    }
}
