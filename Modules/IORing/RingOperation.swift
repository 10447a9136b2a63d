import CLinux
import Glibc

/// One operation for the kernel. Memory it names stays valid and, as the operation demands,
/// untouched until its completion is drained; `IORing.enqueue` can keep its owner alive.
public enum RingOperation {
    /// Completes with 0, for tests and measurements of the ring itself.
    case nothing
    /// Reads from a descriptor at a byte position, pread(2); fewer bytes than there is room for may
    /// come.
    case read(Int32, at: UInt64, into: UnsafeMutableRawBufferPointer)
    /// Writes the pieces one after the other; at most 1,024 (IOV_MAX). The ring keeps the list of
    /// pieces itself, not the bytes.
    case write(Int32, at: UInt64, [UnsafeRawBufferPointer])
    /// The same with RWF_DSYNC, pwritev2(2): completes when these bytes are durable.
    case writeDurably(Int32, at: UInt64, [UnsafeRawBufferPointer])
    /// fdatasync(2) or fsync(2).
    case sync(Int32, dataOnly: Bool)
    /// sync_file_range(2) with SYNC_FILE_RANGE_WRITE.
    case startWriteBack(Int32, at: UInt64, count: UInt32)
    /// posix_fadvise(2).
    case advise(Int32, at: UInt64, count: UInt32, FileAdvice)
    /// fallocate(2).
    case allocate(Int32, at: UInt64, count: UInt64, keepSize: Bool)
    /// unlink(2).
    case removeFile(path: String)
}

/// What is told of a range of a file, posix_fadvise(2); raw values are the kernel's.
public enum FileAdvice: UInt32, Sendable {
    /// POSIX_FADV_RANDOM: no read-ahead, for the whole file.
    case random = 1
    /// POSIX_FADV_WILLNEED: starts reading the range in.
    case willNeed = 3
    /// POSIX_FADV_DONTNEED: the range's clean pages may go.
    case dontNeed = 4
}

/// What the kernel said of one operation.
public struct RingCompletion: Sendable {
    /// The number given to `enqueue`.
    public let userData: UInt64
    /// Bytes moved or 0; a negated errno on failure.
    public let result: Int32
}

/// What an operation in flight needs besides the caller's memory.
struct RingSlot {
    var userData: UInt64 = 0
    var vectors: UnsafeMutablePointer<iovec>?
    var path: UnsafeMutablePointer<CChar>?
    var owner: AnyObject?

    mutating func release() {
        vectors?.deallocate()
        vectors = nil
        free(path)
        path = nil
        owner = nil
    }
}

extension RingOperation {
    /// The kernel's form of it; memory for lists and paths goes into `slot`.
    func entry(userData: UInt64, slot: inout RingSlot) -> clinux_entry {
        var entry = clinux_entry()
        entry.user_data = userData
        entry.descriptor = -1
        switch self {
        case .nothing:
            entry.opcode = RingOpcode.nothing.rawValue
        case .read(let descriptor, let position, let buffer):
            entry.opcode = RingOpcode.read.rawValue
            entry.descriptor = descriptor
            entry.offset = position
            entry.address = address(buffer.baseAddress)
            entry.length = UInt32(min(buffer.count, Self.longestTransfer))
        case .write(let descriptor, let position, let pieces):
            entry.descriptor = descriptor
            entry.offset = position
            fill(&entry, with: pieces, slot: &slot)
        case .writeDurably(let descriptor, let position, let pieces):
            entry.descriptor = descriptor
            entry.offset = position
            entry.operation_flags = UInt32(CLINUX_RWF_DSYNC)
            fill(&entry, with: pieces, slot: &slot)
        case .sync(let descriptor, let dataOnly):
            entry.opcode = RingOpcode.sync.rawValue
            entry.descriptor = descriptor
            entry.operation_flags = dataOnly ? UInt32(CLINUX_FSYNC_DATASYNC) : 0
        case .startWriteBack(let descriptor, let position, let count):
            entry.opcode = RingOpcode.syncFileRange.rawValue
            entry.descriptor = descriptor
            entry.offset = position
            entry.length = count
            entry.operation_flags = UInt32(CLINUX_SYNC_RANGE_WRITE)
        case .advise(let descriptor, let position, let count, let advice):
            entry.opcode = RingOpcode.advise.rawValue
            entry.descriptor = descriptor
            entry.offset = position
            entry.length = count
            entry.operation_flags = advice.rawValue
        case .allocate(let descriptor, let position, let count, let keepSize):
            entry.opcode = RingOpcode.allocate.rawValue
            entry.descriptor = descriptor
            entry.offset = position
            entry.address = count
            entry.length = keepSize ? UInt32(CLINUX_FALLOCATE_KEEP_SIZE) : 0
        case .removeFile(let path):
            entry.opcode = RingOpcode.removeFile.rawValue
            entry.descriptor = AT_FDCWD
            slot.path = strdup(path)
            entry.address = address(UnsafeRawPointer(slot.path))
        }
        return entry
    }

    private func fill(
        _ entry: inout clinux_entry, with pieces: [UnsafeRawBufferPointer], slot: inout RingSlot
    ) {
        precondition(pieces.count <= 1_024, "a write has at most 1,024 pieces")
        if pieces.count == 1 {
            entry.opcode = RingOpcode.write.rawValue
            entry.address = address(pieces[0].baseAddress)
            entry.length = UInt32(min(pieces[0].count, Self.longestTransfer))
            return
        }
        let vectors = UnsafeMutablePointer<iovec>.allocate(capacity: max(1, pieces.count))
        for (index, piece) in pieces.enumerated() {
            vectors[index] = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: piece.baseAddress),
                iov_len: piece.count)
        }
        slot.vectors = vectors
        entry.opcode = RingOpcode.writeVectors.rawValue
        entry.address = address(UnsafeRawPointer(vectors))
        entry.length = UInt32(pieces.count)
    }

    private func address(_ pointer: UnsafeRawPointer?) -> UInt64 {
        UInt64(UInt(bitPattern: pointer))
    }

    private func address(_ pointer: UnsafeMutableRawPointer?) -> UInt64 {
        UInt64(UInt(bitPattern: pointer))
    }

    /// read(2) and write(2) move at most this many bytes at a time.
    private static let longestTransfer = 0x7fff_f000
}
