import Disk
import Records
import Vocabulary

/// How journal files are laid out; see docs/formats/journal.md, whose example a test decodes.
///
/// A file is a header block and then writes, one after the other, each padded to whole blocks. A
/// write is kept whole or not at all: one checksum covers it. Integers are big-endian.
///
///     file header              a write                    an entry of a write
///      0  8  magic MRJOURNL     0  4  magic MRJW           0 16  topic id
///      8  2  version            4  4  bytes, not padded   16  4  partition
///     10  2  zeros              8  8  stamp               20  4  bytes of the batch
///     12  4  block size        16  8  sequence            24  8  incarnation of the log
///     16  8  bytes of the file 24  8  settled sequence    32  8  base offset
///     24  8  journal id        32  4  entries             40     the batch
///     32  8  generation        36  4  CRC-32C of the rest
///     40  4  CRC-32C of 0..40  40     entries
package enum JournalFormat {
    package static let fileMagic: UInt64 = 0x4D52_4A4F_5552_4E4C
    package static let writeMagic: UInt32 = 0x4D52_4A57
    package static let version: UInt16 = 2
    package static let blockByteCount = 4_096
    package static let fileHeadByteCount = 44
    package static let writeHeadByteCount = 40
    package static let entryHeadByteCount = 40
    /// No write is larger.
    static let writeByteLimit = 4 << 20
    static let namePrefix = "journal-"

    /// No partition's folder has such a name: what follows its last dash would be a number.
    static func name(shard: Int, number: Int) -> String { "\(namePrefix)\(shard).\(number)" }

    /// `journal-<shard>.<number>`
    package static func isName(_ name: String) -> Bool {
        guard name.hasPrefix(namePrefix) else { return false }
        let parts = name.dropFirst(namePrefix.count).split(
            separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy(\.isDecimalNumber)
    }

    /// What tells a file's writes from all other bytes: the file's earlier laps, and records that a
    /// producer made to look like a write, wherever they come to lie. It is as secret as the
    /// journal's id, which leaves the machine with no answer.
    package static func stamp(journalID: UInt64, generation: UInt64) -> UInt64 {
        journalID &+ generation
    }

    /// Of all bytes of a write but those of the checksum itself.
    package static func checksum(ofWrite bytes: UnsafeRawBufferPointer) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(UnsafeRawBufferPointer(rebasing: bytes[..<36]))
        checksum.update(UnsafeRawBufferPointer(rebasing: bytes[40...]))
        return checksum.value
    }

    package static func padded(_ byteCount: Int) -> Int {
        (byteCount + blockByteCount - 1) / blockByteCount * blockByteCount
    }
}

/// The first block of a journal file.
struct JournalFileHeader: Equatable {
    var fileByteCount: Int
    /// The same for all files of one run of one store; random, so that nobody can guess it.
    var journalID: UInt64
    /// Counts how often files of the journal were taken into use: writes of an older generation
    /// are what is left of an earlier use, and void.
    var generation: UInt64

    var stamp: UInt64 { JournalFormat.stamp(journalID: journalID, generation: generation) }

    var encoded: [UInt8] {
        var writer = BigEndianWriter(capacity: JournalFormat.blockByteCount)
        writer.append(JournalFormat.fileMagic)
        writer.append(JournalFormat.version)
        writer.append(UInt16(0))
        writer.append(UInt32(JournalFormat.blockByteCount))
        writer.append(UInt64(fileByteCount))
        writer.append(journalID)
        writer.append(generation)
        writer.append(writer.bytes.withUnsafeBytes { crc32c($0) })
        return writer.bytes
    }
}

/// The head of one write.
struct JournalWriteHeader: Equatable {
    /// Head and entries.
    var byteCount: Int
    /// Its file's, and no other's.
    var stamp: UInt64
    /// One more than that of the write before it, in whichever file that is.
    var sequence: UInt64
    /// This write and all before it were known to be durable when this one was made.
    var settled: UInt64
    var entryCount: Int

    /// Writes the head to the start of `bytes`, with the checksum of all of them.
    func seal(_ bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count == byteCount, "a write is sealed whole")
        bytes.store(JournalFormat.writeMagic, at: 0)
        bytes.store(UInt32(byteCount), at: 4)
        bytes.store(stamp, at: 8)
        bytes.store(sequence, at: 16)
        bytes.store(settled, at: 24)
        bytes.store(UInt32(entryCount), at: 32)
        bytes.store(JournalFormat.checksum(ofWrite: UnsafeRawBufferPointer(bytes)), at: 36)
    }
}

extension UnsafeMutableRawBufferPointer {
    func store(_ number: some FixedWidthInteger, at position: Int) {
        storeBytes(of: number.bigEndian, toByteOffset: position, as: type(of: number).self)
    }
}

extension UnsafeRawBufferPointer {
    func number<Number: FixedWidthInteger>(at position: Int) -> Number {
        Number(bigEndian: loadUnaligned(fromByteOffset: position, as: Number.self))
    }
}
