import Disk
import Simulation
import Vocabulary

/// Passes everything on to a simulated disk and calls a hook after each operation: the moments at
/// which a crash is tried.
final class WatchedDisk: Disk {
    let inner: SimulatedDisk
    private(set) var operationCount = 0
    var afterOperation: (() -> Void)?
    /// Gets one line for each operation.
    var trace: ((String) -> Void)?

    init(_ inner: SimulatedDisk) { self.inner = inner }

    func perform(_ operation: Operation) throws(DiskError) -> Outcome {
        defer { passed() }
        trace?("    \(operation.summary)")
        do throws(DiskError) {
            return try inner.perform(operation)
        } catch {
            trace?("      \(error)")
            throw error
        }
    }

    func submit(_ submissions: [Submission]) {
        for submission in submissions {
            trace?("    submit \(submission.operation.summary)")
            inner.submit([submission])
            passed()
        }
    }

    func drain(_ body: (Completion) -> Void) -> Int { inner.drain(body) }

    func wait() {
        inner.wait()
        passed()
    }

    var inFlight: Int { inner.inFlight }
    var completionDescriptor: Int32? { nil }
    func descriptor(of file: FileID) -> Int32? { nil }

    private func passed() {
        operationCount += 1
        afterOperation?()
    }
}

extension Operation {
    /// The operation in one short line, for traces.
    var summary: String {
        switch self {
        case .open(let path, let mode): "open \(path) \(mode)"
        case .rename(let from, let to): "rename \(from) \(to)"
        case .removeFile(let path), .createFolder(let path), .removeFolder(let path),
            .list(let path), .syncFolder(let path), .freeSpace(let path):
            "\(name) \(path)"
        case .write(let file, let position, let bytes):
            "write #\(file) \(position) +\(bytes.reduce(0) { $0 + $1.count })"
        case .truncate(let file, let end): "truncate #\(file) \(end)"
        default: file.map { "\(name) #\($0)" } ?? name
        }
    }
}
