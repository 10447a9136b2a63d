import Disk
import Simulation
import Vocabulary

/// Passes everything on to a simulated disk and calls a hook after each operation.
final class CrashingDisk: Disk {
    let inner: SimulatedDisk
    var afterOperation: () -> Void = {}

    init(_ inner: SimulatedDisk) { self.inner = inner }

    func perform(_ operation: Operation) throws(DiskError) -> Outcome {
        defer { afterOperation() }
        return try inner.perform(operation)
    }

    func submit(_ submissions: [Submission]) {
        for submission in submissions {
            inner.submit([submission])
            afterOperation()
        }
    }

    func drain(_ body: (Completion) -> Void) -> Int { inner.drain(body) }

    func wait() {
        inner.wait()
        afterOperation()
    }

    var inFlight: Int { inner.inFlight }
    var completionDescriptor: Int32? { nil }
    func descriptor(of file: FileID) -> Int32? { nil }
}
