import Disk
import Glibc
import IORing
import Vocabulary

/// One operation in the ring: what it is, how far it got, what to tell its submitter.
struct Flight {
    enum Target {
        case file(FileID)
        /// A folder opened for its sync; closed with the flight.
        case folder(Int32)
        case path
    }

    let ticket: Ticket
    let target: Target
    let name: String
    let path: String
    private(set) var operation: RingOperation
    private var contents: Contents

    /// What is moved, for operations that may be cut short and go on.
    private enum Contents {
        case none
        case write(Writing)
        case read(Int32, at: FilePosition, into: DiskBuffer, done: Int)
    }

    private struct Writing {
        let descriptor: Int32
        let position: FilePosition
        let bytes: [OwnedBytes]
        let total: Int
        let isDurable: Bool
        var done = 0

        init?(
            _ descriptor: Int32, at position: FilePosition, _ bytes: [OwnedBytes],
            isDurable: Bool
        ) {
            total = bytes.reduce(0) { $0 + $1.count }
            guard total > 0 else { return nil }
            self.descriptor = descriptor
            self.position = position
            self.bytes = bytes
            self.isDurable = isDurable
        }

        var operation: RingOperation {
            let start = UInt64((position + done).rawValue)
            let pieces = bytes.pieces(from: done)
            return isDurable
                ? .writeDurably(descriptor, at: start, pieces)
                : .write(descriptor, at: start, pieces)
        }
    }

    /// What stands in a slot that is free.
    static var none: Flight {
        Flight(ticket: Ticket(0), target: .path, name: "", path: "", operation: .nothing)
    }

    var file: FileID? {
        guard case .file(let file) = target else { return nil }
        return file
    }

    private init(
        ticket: Ticket, target: Target, name: String, path: String, operation: RingOperation,
        contents: Contents = .none
    ) {
        self.ticket = ticket
        self.target = target
        self.name = name
        self.path = path
        self.operation = operation
        self.contents = contents
    }

    /// The flight of an operation that the ring carries out; `nil` for those done on the spot.
    static func begin(_ submission: Submission, files: FileTable, ring: IORing) -> Flight? {
        let asked = submission.operation
        func flight(_ target: Target, _ path: String, _ form: (RingOperation, Contents)) -> Flight {
            Flight(
                ticket: submission.ticket, target: target, name: asked.name, path: path,
                operation: form.0, contents: form.1)
        }
        if let file = asked.file {
            let entry = files[file]
            precondition(entry.closing == nil, "operations go to an open file")
            return ringForm(of: asked, on: entry.descriptor).map {
                flight(.file(file), entry.path, $0)
            }
        }
        switch asked {
        case .removeFile(let path) where ring.opcodes.contains(.removeFile):
            return flight(.path, path, (.removeFile(path: path), .none))
        case .syncFolder(let path):
            // A folder that cannot be opened fails on the spot, by the same call.
            guard let descriptor = try? openFolder(path) else { return nil }
            return flight(.folder(descriptor), path, (.sync(descriptor, dataOnly: false), .none))
        default:
            return nil
        }
    }

    private static func ringForm(
        of operation: Operation, on descriptor: Int32
    ) -> (RingOperation, Contents)? {
        switch operation {
        case .write(_, let position, let bytes):
            return Writing(descriptor, at: position, bytes, isDurable: false)
                .map { ($0.operation, .write($0)) }
        case .writeDurably(_, let position, let bytes):
            return Writing(descriptor, at: position, bytes, isDurable: true)
                .map { ($0.operation, .write($0)) }
        case .read(_, let position, let buffer):
            return (
                .read(descriptor, at: UInt64(position.rawValue), into: buffer.memory),
                .read(descriptor, at: position, into: buffer, done: 0)
            )
        case .sync(_, let scope):
            return (.sync(descriptor, dataOnly: scope == .data), .none)
        case .startWriteBack(_, let position, let count):
            // The ring counts in 32 bits, and 0 would mean "to the end".
            guard let count = UInt32(exactly: count), count > 0 else { return nil }
            return (
                .startWriteBack(descriptor, at: UInt64(position.rawValue), count: count), .none
            )
        case .dropFromCache(_, let position, let count):
            guard let count = UInt32(exactly: count), count > 0 else { return nil }
            return (
                .advise(descriptor, at: UInt64(position.rawValue), count: count, .dontNeed), .none
            )
        case .allocate(_, let position, let count, let keepSize):
            return (
                .allocate(
                    descriptor, at: UInt64(position.rawValue), count: UInt64(count),
                    keepSize: keepSize), .none
            )
        default:
            return nil
        }
    }

    /// Takes the kernel's result in; `nil` where the operation goes on with `operation`.
    mutating func advance(_ result: Int32) -> Result<Outcome, DiskError>? {
        // Interrupted or out of room for now: nothing was moved, the same again.
        if result == -EINTR || result == -EAGAIN { return nil }
        guard result >= 0 else {
            return .failure(DiskError(operation: name, path: path, code: -result))
        }
        switch contents {
        case .none:
            return .success(.done)
        case .write(var writing):
            guard result > 0 else {
                return .failure(
                    DiskError(operation: name, path: path, code: DiskError.inputOutput))
            }
            writing.done += Int(result)
            guard writing.done < writing.total else { return .success(.done) }
            contents = .write(writing)
            operation = writing.operation
        case .read(let descriptor, let position, let buffer, var done):
            done += Int(result)
            guard result > 0 && done < buffer.count else { return .success(.bytes(done)) }
            contents = .read(descriptor, at: position, into: buffer, done: done)
            operation = .read(
                descriptor, at: UInt64((position + done).rawValue),
                into: UnsafeMutableRawBufferPointer(rebasing: buffer.memory[done...]))
        }
        return nil
    }
}
