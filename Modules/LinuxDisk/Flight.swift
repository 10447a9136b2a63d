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
        case write(Int32, at: FilePosition, bytes: [OwnedBytes], total: Int, done: Int)
        case read(Int32, at: FilePosition, into: DiskBuffer, done: Int)
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
        func flight(
            _ file: FileID, _ make: (Int32) -> RingOperation, _ contents: (Int32) -> Contents
        ) -> Flight {
            let entry = files[file]
            precondition(entry.closing == nil, "operations go to an open file")
            return Flight(
                ticket: submission.ticket, target: .file(file), name: submission.operation.name,
                path: entry.path, operation: make(entry.descriptor),
                contents: contents(entry.descriptor))
        }
        switch submission.operation {
        case .write(let file, let position, let bytes):
            let total = bytes.reduce(0) { $0 + $1.count }
            guard total > 0 else { return nil }
            return flight(file) { .write($0, at: UInt64(position.rawValue), bytes.pieces(from: 0)) }
                _: { .write($0, at: position, bytes: bytes, total: total, done: 0) }
        case .read(let file, let position, let buffer):
            return flight(file) { .read($0, at: UInt64(position.rawValue), into: buffer.writable) }
                _: { .read($0, at: position, into: buffer, done: 0) }
        case .sync(let file, let scope):
            return flight(file) { .sync($0, dataOnly: scope == .data) } _: { _ in .none }
        case .startWriteBack(let file, let position, let count):
            guard let short = UInt32(exactly: count), short > 0 else { return nil }
            return flight(file) {
                .startWriteBack($0, at: UInt64(position.rawValue), count: short)
            } _: { _ in .none }
        case .dropFromCache(let file, let position, let count):
            guard let short = UInt32(exactly: count), short > 0 else { return nil }
            return flight(file) {
                .advise($0, at: UInt64(position.rawValue), count: short, .dontNeed)
            } _: { _ in .none }
        case .allocate(let file, let position, let count, let keepSize):
            return flight(file) {
                .allocate(
                    $0, at: UInt64(position.rawValue), count: UInt64(count), keepSize: keepSize)
            } _: { _ in .none }
        case .removeFile(let path) where ring.opcodes.contains(.removeFile):
            return Flight(
                ticket: submission.ticket, target: .path, name: submission.operation.name,
                path: path, operation: .removeFile(path: path))
        case .syncFolder(let path):
            // A folder that cannot be opened fails on the spot, by the same call.
            guard let descriptor = try? openFolder(path) else { return nil }
            return Flight(
                ticket: submission.ticket, target: .folder(descriptor),
                name: submission.operation.name, path: path,
                operation: .sync(descriptor, dataOnly: false))
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
        case .write(let descriptor, let position, let bytes, let total, var done):
            guard result > 0 else {
                return .failure(
                    DiskError(operation: name, path: path, code: DiskError.inputOutput))
            }
            done += Int(result)
            guard done < total else { return .success(.done) }
            contents = .write(descriptor, at: position, bytes: bytes, total: total, done: done)
            operation = .write(
                descriptor, at: UInt64((position + done).rawValue), bytes.pieces(from: done))
        case .read(let descriptor, let position, let buffer, var done):
            done += Int(result)
            guard result > 0 && done < buffer.count else { return .success(.bytes(done)) }
            contents = .read(descriptor, at: position, into: buffer, done: done)
            operation = .read(
                descriptor, at: UInt64((position + done).rawValue),
                into: UnsafeMutableRawBufferPointer(rebasing: buffer.writable[done...]))
        }
        return nil
    }
}

extension DiskBuffer {
    var writable: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base, count: count)
    }
}
