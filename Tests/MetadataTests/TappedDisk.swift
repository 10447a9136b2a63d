import Disk
import Simulation
import Vocabulary

/// A simulated disk that tells after every operation, so that a test can cut the power there.
final class TappedDisk: Disk {
    let base: SimulatedDisk
    var onOperation: (() -> Void)?

    init(_ base: SimulatedDisk) { self.base = base }

    func perform(_ operation: Operation) throws(DiskError) -> Outcome {
        defer { onOperation?() }
        return try base.perform(operation)
    }

    func submit(_ submissions: [Submission]) {
        base.submit(submissions)
        onOperation?()
    }

    func drain(_ body: (Completion) -> Void) -> Int { base.drain(body) }

    func wait() {
        base.wait()
        onOperation?()
    }

    var inFlight: Int { base.inFlight }
    var completionDescriptor: Int32? { nil }

    func descriptor(of file: FileID) -> Int32? { nil }
}
