import CLinux
import Disk
import Glibc
import IORing
import Vocabulary

/// The kernel's file systems: submitted reads, writes and syncs go through an io_uring, everything
/// else is a plain system call on the spot.
///
/// `perform` never touches the ring. Of what is submitted, contents, syncs and removals are
/// asynchronous; opening, closing, renaming and the like take microseconds and are done inside
/// `submit`, with the completion kept for the next `drain`.
public final class LinuxDisk: Disk {
    /// How submitted operations are carried out.
    public enum Mode: Sendable, Hashable {
        /// By an io_uring for batches of `capacity` operations; more than that are submitted in
        /// several system calls.
        case ring(capacity: Int)
        /// On the spot, inside `submit`, for systems that forbid io_uring: every sync stalls the
        /// calling thread.
        case inline
    }

    let ring: IORing?
    var files = FileTable()
    var flights: [Flight] = []
    var freeFlights: [Int] = []
    /// Completions of what was done inside `submit`.
    private var ready: [Completion] = []
    private var flying = 0
    private var waitingCloses = 0
    private let eventDescriptor: Int32
    private var isDraining = false
    private var isClosed = false

    /// Throws where io_uring cannot be used; the error says what to do. `.inline` is the way out.
    public init(_ mode: Mode = .ring(capacity: 256)) throws(IORingError) {
        switch mode {
        case .ring(let capacity):
            let ring = try IORing(capacity: capacity)
            try ring.require([
                .read, .write, .writeVectors, .sync, .syncFileRange, .advise, .allocate, .cancel,
            ])
            self.ring = ring
            eventDescriptor = ring.eventDescriptor
        case .inline:
            ring = nil
            eventDescriptor = clinux_eventfd()
            guard eventDescriptor >= 0 else {
                throw IORingError.refused(call: "eventfd", code: -eventDescriptor)
            }
        }
    }

    deinit { close() }

    /// Operations in the ring, closes that wait for them, and what is ready to be drained.
    public var inFlight: Int { flying + waitingCloses + ready.count }

    /// Whoever watches it reads its 8 bytes before draining (or calls `acknowledgeEvent`).
    public var completionDescriptor: Int32? { eventDescriptor }

    /// An array look-up; the file must be open.
    public func descriptor(of file: FileID) -> Int32? { files[file].descriptor }

    /// Makes plain system calls on the calling thread, which waits as long as the device takes.
    /// Traps on a closed disk.
    public func perform(_ operation: Operation) throws(DiskError) -> Outcome {
        precondition(!isClosed, "operations go to an open disk")
        return try carryOut(operation)
    }

    /// Fills the ring and enters the kernel once for each `capacity` operations; carries out on the
    /// spot what does not go through the ring. Traps on a closed disk.
    public func submit(_ submissions: [Submission]) {
        precondition(!isClosed, "operations go to an open disk")
        let hadReady = !ready.isEmpty
        for submission in submissions { start(submission) }
        ring?.submit()
        if !hadReady && !ready.isEmpty { signal() }
    }

    /// Hands over first what was carried out on the spot, then what the ring has completed.
    @discardableResult
    public func drain(_ body: (Completion) -> Void) -> Int {
        precondition(!isDraining, "a disk is not drained from within a completion")
        isDraining = true
        defer { isDraining = false }
        let done = ready
        ready = []
        for completion in done { body(completion) }
        var count = done.count
        ring?.drain { arrived in
            guard let completion = landed(arrived) else { return }
            count += 1
            body(completion)
        }
        // Short writes that go on, and whatever `body` submitted meanwhile.
        ring?.submit()
        return count
    }

    /// Sleeps in io_uring_enter(2). A write that the kernel cut short goes on meanwhile.
    public func wait() {
        precondition(!isDraining, "a disk is not waited for from within a completion")
        while ready.isEmpty && flying > 0 {
            ring?.wait()
            // A short write may go on instead of completing.
            ring?.drain { arrived in
                if let completion = landed(arrived) { ready.append(completion) }
            }
        }
    }

    /// Reads the completion descriptor, so that it becomes unreadable until the next completion.
    public func acknowledgeEvent() {
        var count: UInt64 = 0
        // EAGAIN means that there is nothing to acknowledge.
        _ = Glibc.read(eventDescriptor, &count, 8)
    }

    /// Waits for what is in flight, then closes every file and the ring. Completions that were
    /// not drained are lost. The disk takes nothing more.
    public func close() {
        precondition(!isDraining, "a disk is not closed from within a completion")
        guard !isClosed else { return }
        isClosed = true
        while flying > 0 {
            ring?.wait()
            ring?.drain { _ = landed($0) }
        }
        for descriptor in files.descriptors { _ = Glibc.close(descriptor) }
        if let ring { ring.close() } else { _ = Glibc.close(eventDescriptor) }
    }

    // MARK: Submitting

    private func start(_ submission: Submission) {
        if let ring, let flight = Flight.begin(submission, files: files, ring: ring) {
            if let file = flight.file { files[file].inFlight += 1 }
            flying += 1
            let index = takeFlight(flight)
            enqueue(index, on: ring)
            return
        }
        if case .close(let file) = submission.operation, files[file].inFlight > 0 {
            files[file].closing = .completing(submission.ticket)
            waitingCloses += 1
            return
        }
        let result: Result<Outcome, DiskError>
        do throws(DiskError) {
            result = .success(try carryOut(submission.operation))
        } catch {
            result = .failure(error)
        }
        ready.append(Completion(ticket: submission.ticket, result: result))
    }

    private func enqueue(_ index: Int, on ring: IORing) {
        // The flight itself keeps bytes, buffer and descriptor alive.
        ring.enqueue(flights[index].operation, userData: UInt64(index), keeping: nil)
    }

    private func takeFlight(_ flight: Flight) -> Int {
        if let index = freeFlights.popLast() {
            flights[index] = flight
            return index
        }
        flights.append(flight)
        return flights.count - 1
    }

    // MARK: Completing

    /// The completion, or `nil` where the operation goes on.
    private func landed(_ arrived: RingCompletion) -> Completion? {
        let index = Int(arrived.userData)
        guard let result = flights[index].advance(arrived.result) else {
            if let ring { enqueue(index, on: ring) }
            return nil
        }
        let flight = flights[index]
        flights[index] = .none
        freeFlights.append(index)
        flying -= 1
        if case .folder(let descriptor) = flight.target { _ = Glibc.close(descriptor) }
        if let file = flight.file { release(file) }
        return Completion(ticket: flight.ticket, result: result)
    }

    private func release(_ file: FileID) {
        files[file].inFlight -= 1
        guard files[file].inFlight == 0, let closing = files[file].closing else { return }
        let result = closeNow(file)
        if case .completing(let ticket) = closing {
            waitingCloses -= 1
            if ready.isEmpty { signal() }
            ready.append(Completion(ticket: ticket, result: result))
        }
    }

    private func signal() {
        var one: UInt64 = 1
        // EAGAIN means that the counter is at its maximum: readable already.
        _ = Glibc.write(eventDescriptor, &one, 8)
    }
}
