import Disk
import Glibc
import Vocabulary

/// A disk in memory that can lose power, fail and run out of space, all by a seed.
///
/// It begins with an empty root folder. What was not synced is at the mercy of `crash`: written
/// sectors, lengths and folder entries are kept, lost or torn. Submitted operations take effect
/// and complete late and in another order. A caller that touches the bytes of a write or the
/// buffer of a read in flight traps. The same seed and the same calls give the same outcome.
///
/// Belongs to one thread, like every disk.
public final class SimulatedDisk: Disk {
    /// As they were given; `capacity` is the one that counts from then on.
    public let settings: SimulatedDiskSettings
    /// Everything that happened, oldest first; empty unless `settings.traces`.
    public internal(set) var trace: [DiskTraceEntry] = []
    /// Bytes that fit, at first as in `settings`; space returns when it grows.
    public var capacity: Int?

    /// Pages of 4 KiB that a `.readResident` does not find; see `forgetPages`.
    var coldPages: [ObjectIdentifier: Set<Int>] = [:]
    /// Whether a folder's sync failed: its entries look right and are not on the device, which no
    /// program can mend. File systems end their service then; only a power cut shows what is there.
    public internal(set) var folderSyncHasFailed = false
    /// Whether a file's sync failed: what it covered is lost, and some programs see it still.
    public internal(set) var syncHasFailed = false

    var random: SeededRandom
    var tree: SimulatedTree
    var openFiles: [FileID: SimulatedOpenFile] = [:]
    private var nextFile: Int32 = 1
    private var faults: [DiskFault] = []
    /// Submitted and not effective yet.
    var pending: [SimulatedFlight] = []
    /// Effective, not to be drained yet.
    private var finished: [SimulatedFlight] = []
    /// To be handed over by the next drain.
    private var arrived: [SimulatedFlight] = []
    private var isDraining = false

    /// An empty disk; the same seed makes the same disk again.
    public convenience init(seed: UInt64, settings: SimulatedDiskSettings = .init()) {
        self.init(
            random: SeededRandom(seed: seed), settings: settings, capacity: settings.capacity,
            tree: SimulatedTree())
    }

    init(
        random: SeededRandom, settings: SimulatedDiskSettings, capacity: Int?, tree: SimulatedTree
    ) {
        self.random = random
        self.settings = settings
        self.capacity = capacity
        self.tree = tree
    }

    // MARK: Disk

    /// Submitted operations that were not drained, whether they took effect or not.
    public var inFlight: Int { pending.count + finished.count + arrived.count }

    /// `nil`: operations go on inside `drain` and `wait`, nothing wakes a loop.
    public var completionDescriptor: Int32? { nil }

    /// `nil`: there is no file that the kernel knows.
    public func descriptor(of file: FileID) -> Int32? { nil }

    /// Takes effect at once, before whatever is pending, and completes without a drain.
    public func perform(_ operation: Operation) throws(DiskError) -> Outcome {
        let work = SimulatedWork(operation, on: self)
        let result = carryOut(work)
        if case .close(let file) = operation { openFiles[file] = nil }
        switch operation {
        case .read(_, _, let buffer), .readResident(_, _, let buffer):
            if let bytes = work.bytesRead { buffer.fill(with: bytes) }
        default: break
        }
        return try result.get()
    }

    /// Notes the operations; they take effect in later calls of `drain` and `wait`, or here unless
    /// `settings.reorders`.
    public func submit(_ submissions: [Submission]) {
        for submission in submissions {
            let work = SimulatedWork(submission.operation, on: self)
            if case .close(let file) = submission.operation { openFiles[file] = nil }
            pending.append(SimulatedFlight(ticket: submission.ticket, work: work))
            record(.submitted, work, failed: false)
        }
        guard !settings.reorders else { return }
        while !pending.isEmpty { takeEffect(0) }
        arrived += finished
        finished = []
    }

    /// Lets some of what is pending take effect, then hands over some of what has: perhaps nothing.
    @discardableResult
    public func drain(_ body: (Completion) -> Void) -> Int {
        precondition(!isDraining, "a disk is not drained from within a completion")
        isDraining = true
        defer { isDraining = false }
        advance()
        let now = arrived
        arrived = []
        for flight in now {
            flight.land()
            record(.completed, flight.work, failed: flight.failed)
            body(Completion(ticket: flight.ticket, result: flight.result))
        }
        return now.count
    }

    /// Lets operations take effect until one can be drained.
    public func wait() {
        precondition(!isDraining, "a disk is not waited for from within a completion")
        guard arrived.isEmpty, inFlight > 0 else { return }
        advance()
        guard arrived.isEmpty else { return }
        if finished.isEmpty { takeEffect(Int.random(in: 0..<pending.count, using: &random)) }
        arrived.append(finished.remove(at: Int.random(in: 0..<finished.count, using: &random)))
    }

    // MARK: Failures to come

    /// Makes one operation fail; see `DiskFault`. Several wait side by side.
    public func inject(_ fault: DiskFault) { faults.append(fault) }

    /// Takes back the failures that have not come yet.
    public func withdrawFaults() { faults = [] }

    /// Flips a bit of a file, also on the device, as a failing medium does.
    public func flip(bit: Int, at position: FilePosition, of path: String) {
        guard case .file(let file)? = try? tree.node(at: path) else {
            preconditionFailure("a bit is flipped in a file that exists")
        }
        file.flip(bit: bit, at: Int(position.rawValue))
    }

    func fault(for work: SimulatedWork) -> Int32? {
        let name = work.operation.name
        guard let index = faults.firstIndex(where: { $0.matches(name, work.path) }) else {
            return nil
        }
        guard faults[index].skipping == 0 else {
            faults[index].skipping -= 1
            return nil
        }
        return faults.remove(at: index).code
    }

    func add(_ open: SimulatedOpenFile) -> FileID {
        defer { nextFile += 1 }
        openFiles[FileID(nextFile)] = open
        return FileID(nextFile)
    }

    // MARK: Time

    /// Lets some of what is pending take effect, and some of what has finished arrive.
    private func advance() {
        var index = 0
        while index < pending.count {
            if random.chance(oneIn: 2) {
                // A later one may overtake the one whose turn it is.
                takeEffect(Int.random(in: index..<pending.count, using: &random))
            } else {
                index += 1
            }
        }
        finished.shuffle(using: &random)
        let count = Int.random(in: 0...finished.count, using: &random)
        arrived += finished.prefix(count)
        finished.removeFirst(count)
    }

    private func takeEffect(_ index: Int) {
        let flight = pending.remove(at: index)
        flight.result = carryOut(flight.work)
        finished.append(flight)
    }
}
