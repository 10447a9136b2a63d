import Disk
import Records
import SegmentStore
import Vocabulary

/// `millrace-metadata.snapshot` in the data folder: the state that the metadata log goes on from.
///
/// | bytes | field |
/// |---|---|
/// | 4 | magic, `MRMS` |
/// | 2 | version, 1 |
/// | 4 | CRC-32C of everything after it |
/// | 16 | generation: the topic id of the metadata log that follows the snapshot |
/// | 4 | number of records |
/// | 4, … | each record: its length, its bytes |
package struct MetadataSnapshot: Sendable, Equatable {
    package static let name = "millrace-metadata.snapshot"
    static let magic: UInt32 = 0x4D52_4D53
    static let version: UInt16 = 1
    static let checksumPosition = 6
    /// Room for some million topics.
    package static let byteLimit = 1 << 30

    package var generation: TopicID
    package var records: [MetadataRecord]

    var encoded: [UInt8] {
        var writer = FieldWriter()
        writer.append(Self.magic)
        writer.append(Self.version)
        writer.append(UInt32(0))
        writer.append(generation)
        writer.append(UInt32(records.count))
        for record in records {
            let bytes = record.encoded
            writer.append(UInt32(bytes.count))
            writer.append(raw: bytes)
        }
        writer.replace(at: Self.checksumPosition, with: Self.checksum(of: writer.bytes))
        return writer.bytes
    }

    init(generation: TopicID, records: [MetadataRecord]) {
        self.generation = generation
        self.records = records
    }

    /// - Throws: `.corruptRecord`, `.newerVersion`
    package init(decoding bytes: [UInt8], path: String) throws(MetadataError) {
        var reader = FieldReader(bytes)
        do {
            guard try reader.next(as: UInt32.self) == Self.magic else {
                throw MetadataError.corruptRecord(
                    path: path, place: "byte 0", reason: "the file does not begin with MRMS")
            }
            let version = try reader.next(as: UInt16.self)
            guard version <= Self.version else {
                throw MetadataError.newerVersion(
                    path: path, found: Int(version), supported: Int(Self.version))
            }
            guard version == Self.version else {
                throw RecordFormatError.unknownVersion(Int(version))
            }
            let stored = try reader.next(as: UInt32.self)
            let computed = Self.checksum(of: bytes)
            guard stored == computed else {
                throw MetadataError.corruptRecord(
                    path: path, place: "byte \(Self.checksumPosition)",
                    reason: "the checksum is \(stored), the contents have \(computed)")
            }
            generation = try reader.topicID()
            records = []
            for _ in 0..<(try reader.next(as: UInt32.self)) {
                let count = Int(try reader.next(as: UInt32.self))
                records.append(try MetadataRecord(decoding: try reader.raw(count)))
            }
            guard reader.remaining == 0 else {
                throw RecordFormatError.trailingBytes(reader.remaining)
            }
        } catch let error as MetadataError {
            throw error
        } catch let error as RecordFormatError {
            throw MetadataError(error, path: path, place: "byte \(reader.position)")
        } catch {
            preconditionFailure("decoding throws a metadata or a format error")
        }
    }

    private static func checksum(of bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes {
            crc32c(UnsafeRawBufferPointer(rebasing: $0[(checksumPosition + 4)...]))
        }
    }
}

extension MetadataError {
    init(_ error: RecordFormatError, path: String, place: String) {
        if case .newerVersion(let found) = error {
            self = .newerVersion(
                path: path, found: found, supported: Int(MetadataRecord.version))
        } else {
            self = .corruptRecord(path: path, place: place, reason: error.reason)
        }
    }
}
