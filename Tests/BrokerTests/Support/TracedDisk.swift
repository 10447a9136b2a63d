import Disk
import Glibc
import Synchronization
import Vocabulary

/// Passes everything on to another disk and notes what was written and synced when, to hold
/// acknowledgements against it. It knows nothing of the store's own bookkeeping.
final class TracedDisk: Disk {
    /// An operation that succeeded; the times count beginnings, ends and answers alike.
    struct Done {
        let operation: Operation
        let path: String
        let began: Int
        let ended: Int
    }

    let inner: any Disk
    private(set) var done: [Done] = []
    private var time = 0
    private var paths: [FileID: String] = [:]
    private var begun: [Ticket: (operation: Operation, path: String, time: Int)] = [:]

    init(_ inner: any Disk) { self.inner = inner }

    /// The next moment.
    func tick() -> Int {
        time += 1
        return time
    }

    /// Whether a sync that was over at `moment` covers the bytes that hold `mark`: a durable write
    /// of them, or a sync of their file that began when they were written.
    func isDurable(_ mark: [UInt8], at moment: Int) -> Bool {
        done.contains { write in
            guard write.ended < moment else { return false }
            switch write.operation {
            case .writeDurably(_, _, let bytes):
                return bytes.contains(mark)
            case .write(_, _, let bytes):
                guard bytes.contains(mark) else { return false }
                return done.contains { sync in
                    guard case .sync = sync.operation else { return false }
                    return sync.path == write.path && sync.began > write.ended
                        && sync.ended < moment
                }
            default:
                return false
            }
        }
    }

    func perform(_ operation: Operation) throws(DiskError) -> Outcome {
        let path = operation.file.flatMap { paths[$0] } ?? ""
        let began = tick()
        let outcome = try inner.perform(operation)
        if case .opened(let file) = outcome, case .open(let path, _) = operation {
            paths[file] = path
        }
        note(operation, path, began: began)
        return outcome
    }

    func submit(_ submissions: [Submission]) {
        for submission in submissions {
            let path = submission.operation.file.flatMap { paths[$0] } ?? ""
            begun[submission.ticket] = (submission.operation, path, tick())
        }
        inner.submit(submissions)
    }

    func drain(_ body: (Completion) -> Void) -> Int {
        inner.drain { completion in
            if let (operation, path, time) = begun.removeValue(forKey: completion.ticket) {
                switch completion.result {
                case .success(.opened(let file)):
                    if case .open(let path, _) = operation { paths[file] = path }
                    note(operation, path, began: time)
                case .success: note(operation, path, began: time)
                case .failure: break
                }
            }
            body(completion)
        }
    }

    func wait() { inner.wait() }

    var inFlight: Int { inner.inFlight }
    var completionDescriptor: Int32? { inner.completionDescriptor }
    func descriptor(of file: FileID) -> Int32? { inner.descriptor(of: file) }

    /// Keeps what matters, with the bytes as they are now: they may be reused afterwards.
    private func note(_ operation: Operation, _ path: String, began: Int) {
        let kept: Operation
        switch operation {
        case .write(let file, let position, let bytes):
            kept = .write(file, at: position, bytes: bytes.map { OwnedBytes($0.copied()) })
        case .writeDurably(let file, let position, let bytes):
            kept = .writeDurably(file, at: position, bytes: bytes.map { OwnedBytes($0.copied()) })
        case .sync: kept = operation
        default: return
        }
        done.append(Done(operation: kept, path: path, began: began, ended: tick()))
    }
}

extension [OwnedBytes] {
    fileprivate func contains(_ mark: [UInt8]) -> Bool {
        let joined = flatMap { $0.copied() }
        return joined.withUnsafeBytes { bytes in
            // By the C library: these are megabytes, looked through once for each answer.
            guard var rest = bytes.baseAddress else { return false }
            let end = rest + bytes.count
            while end - rest >= mark.count,
                let found = memchr(rest, Int32(mark[0]), end - rest - mark.count + 1)
            {
                if memcmp(found, mark, mark.count) == 0 { return true }
                rest = UnsafeRawPointer(found) + 1
            }
            return false
        }
    }
}
