import Disk
import Vocabulary

/// An open file: what it names stays the same when its path is renamed or removed.
struct SimulatedOpenFile {
    let file: SimulatedFile
    let path: String
    let isWritable: Bool
    /// Opened past the page cache: positions, counts and memory are aligned.
    var isDirect = false
}

/// One operation with what it meant when it was handed over.
final class SimulatedWork {
    let operation: Operation
    let path: String
    let range: Range<FilePosition>?
    let open: SimulatedOpenFile?
    /// A sync covers the changes made before it started, and no others.
    let covered: Int
    /// What a read found, until it lands in the caller's buffer.
    var bytesRead: ArraySlice<UInt8>?

    init(_ operation: Operation, on disk: SimulatedDisk) {
        self.operation = operation
        if let id = operation.file {
            guard let open = disk.openFiles[id] else {
                preconditionFailure("operations go to an open file")
            }
            self.open = open
            path = open.path
            covered = open.file.changeCount
        } else {
            open = nil
            path = operation.namedPath
            if case .syncFolder(let path) = operation {
                covered = (try? disk.tree.folder(at: path))?.changeCount ?? 0
            } else {
                covered = 0
            }
        }
        range = operation.range
    }

    /// The same work on a copy of the disk.
    init(copying other: SimulatedWork, by copier: inout SimulatedTreeCopier) {
        operation = other.operation
        path = other.path
        range = other.range
        covered = other.covered
        open = other.open.map {
            SimulatedOpenFile(
                file: copier.copy($0.file), path: $0.path, isWritable: $0.isWritable,
                isDirect: $0.isDirect)
        }
    }
}

/// A submitted operation on its way.
final class SimulatedFlight {
    let ticket: Ticket
    let work: SimulatedWork
    var result: Result<Outcome, DiskError> = .success(.done)
    private let before: [UInt8]

    private static let poison: UInt8 = 0xA5

    init(ticket: Ticket, work: SimulatedWork) {
        self.ticket = ticket
        self.work = work
        switch work.operation {
        case .write(_, _, let bytes), .writeDurably(_, _, let bytes):
            before = bytes.flatMap { $0.copied() }
        case .read(_, _, let buffer):
            before = []
            buffer.fill(with: ArraySlice(repeating: Self.poison, count: buffer.count))
        default:
            before = []
        }
    }

    var failed: Bool {
        if case .failure = result { true } else { false }
    }

    /// Gives the caller's memory back: untouched, as was agreed.
    func land() {
        switch work.operation {
        case .write(_, _, let bytes), .writeDurably(_, _, let bytes):
            precondition(
                bytes.flatMap { $0.copied() } == before,
                "the bytes of a write stay as they are until its completion is drained")
        case .read(_, _, let buffer):
            precondition(
                buffer.bytes.allSatisfy { $0 == Self.poison },
                "the buffer of a read is left alone until its completion is drained")
            if let bytes = work.bytesRead { buffer.fill(with: bytes) }
        default:
            break
        }
    }
}

extension DiskBuffer {
    func fill(with bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress, !source.isEmpty else { return }
            base.copyMemory(from: start, byteCount: source.count)
        }
    }
}

extension Operation {
    var namedPath: String {
        switch self {
        case .open(let path, _), .rename(let path, _), .removeFile(let path),
            .createFolder(let path), .removeFolder(let path), .list(let path),
            .syncFolder(let path), .freeSpace(let path):
            path
        default: ""
        }
    }

    var range: Range<FilePosition>? {
        switch self {
        case .write(_, let start, let bytes), .writeDurably(_, let start, let bytes):
            start..<start + bytes.reduce(0) { $0 + $1.count }
        case .read(_, let start, let buffer), .readResident(_, let start, let buffer):
            start..<start + buffer.count
        case .startWriteBack(_, let start, let count), .dropFromCache(_, let start, let count),
            .allocate(_, let start, let count, _):
            start..<start + count
        default: nil
        }
    }
}
