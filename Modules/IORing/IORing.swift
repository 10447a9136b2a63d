import CLinux
import Glibc

/// Submits operations to the kernel in batches and hands back completions: io_uring(7).
///
/// `enqueue` collects, `submit` gives the batch to the kernel in one system call, `drain` hands
/// over what has finished. An event loop watches `eventDescriptor`; a thread of its own may
/// `wait` instead. A ring belongs to one thread at a time: it locks nothing. The kernel cancels
/// what a thread has in flight when that thread ends, so let the thread outlive its operations.
///
/// ```swift
/// let ring = try IORing()
/// ring.enqueue(.write(descriptor, at: 0, [bytes]), userData: 1, keeping: owner)
/// ring.enqueue(.sync(other, dataOnly: true), userData: 2, keeping: nil)
/// while ring.inFlight > 0 {
///     ring.wait()
///     ring.drain { completion in print(completion.userData, completion.result) }
/// }
/// ```
public final class IORing {
    /// Becomes readable when completions arrive, eventfd(2). Whoever watches it reads its 8 bytes
    /// (or calls `acknowledgeEvent`) *before* draining, so that no wake-up is lost. It stays the
    /// ring's: do not close it.
    public let eventDescriptor: Int32
    /// Operations this kernel carries out.
    public let opcodes: Set<RingOpcode>
    /// Setup flags in effect, after the fallbacks that older kernels need.
    public let setup: RingSetup
    /// Operations enqueued whose completion has not been drained.
    public private(set) var inFlight = 0

    private let handle: Handle
    /// Never more in the kernel than the completion queue holds: it cannot overflow.
    private let kernelLimit: Int
    private var inKernel = 0
    /// Operations beyond that limit, oldest first, from `backlogStart` on.
    private var backlog: [clinux_entry] = []
    private var backlogStart = 0
    private var slots: [RingSlot] = []
    private var freeSlots: [Int] = []
    private let arrived: UnsafeMutablePointer<clinux_completion>
    private var isDraining = false
    private var isClosed = false

    /// Sets up a ring for batches of `capacity` operations, rounded up to a power of two; four
    /// times as many may be in the kernel, and more wait in a backlog.
    ///
    /// Flags of `setup` that the kernel does not know are left out. Throws where io_uring cannot
    /// be used; the error says what to do.
    public init(capacity: Int = 256, setup: RingSetup = .preferred) throws(IORingError) {
        precondition((1...16_384).contains(capacity), "a ring has 1 to 16,384 entries")
        let handle = try Handle(
            entries: UInt32(capacity), completions: UInt32(capacity) * 4, wanted: setup)
        let event = clinux_eventfd()
        guard event >= 0 else {
            handle.destroy()
            throw IORingError(call: "eventfd", code: -event)
        }
        let registered = clinux_ring_register_eventfd(handle.pointer, event)
        guard registered == 0 else {
            Glibc.close(event)
            handle.destroy()
            throw IORingError(call: "io_uring_register_eventfd", code: -registered)
        }
        self.handle = handle
        self.eventDescriptor = event
        self.opcodes = handle.opcodes()
        self.setup = RingSetup(rawValue: clinux_ring_flags(handle.pointer))
            .intersection([.submitAll, .cooperative, .singleIssuer, .deferred])
        self.kernelLimit = Int(clinux_ring_completion_capacity(handle.pointer))
        self.arrived = .allocate(capacity: Self.takenAtOnce)
    }

    deinit {
        close()
        arrived.deallocate()
    }

    /// Adds an operation to the batch. `owner` is kept alive until its completion is drained.
    ///
    /// Costs no system call unless the submission queue is full: then the queue is submitted.
    public func enqueue(_ operation: RingOperation, userData: UInt64, keeping owner: AnyObject?) {
        precondition(!isClosed, "operations go to an open ring")
        let index = takeSlot()
        slots[index].userData = userData
        slots[index].owner = owner
        let entry = operation.entry(userData: UInt64(index), slot: &slots[index])
        inFlight += 1
        backlog.append(entry)
        if backlog.count - backlogStart > 1 || !fillQueue() { submit() }
    }

    /// Gives everything enqueued to the kernel, as far as it has room; the rest follows when
    /// completions are drained. One system call for up to `capacity` operations.
    public func submit() {
        while true {
            fillQueue()
            guard clinux_ring_pending(handle.pointer) > 0 else { return }
            let result = clinux_ring_submit(handle.pointer)
            if result == -EINTR { continue }
            guard result > 0 else {
                refused(result)
                return
            }
        }
    }

    /// Hands over what has finished, oldest first; returns how many. Never waits.
    ///
    /// `body` may enqueue and submit. It must not drain, wait or close, which traps.
    @discardableResult
    public func drain(_ body: (RingCompletion) -> Void) -> Int {
        precondition(!isDraining, "a ring is not drained from within a completion")
        guard inFlight > 0 else { return 0 }
        isDraining = true
        defer { isDraining = false }
        var total = 0
        while true {
            let count = Int(
                clinux_ring_take(handle.pointer, arrived, UInt32(Self.takenAtOnce)))
            inKernel -= count
            for index in 0..<count {
                let completion = arrived[index]
                let slot = Int(completion.user_data)
                let userData = slots[slot].userData
                releaseSlot(slot)
                body(RingCompletion(userData: userData, result: completion.result))
            }
            total += count
            if count < Self.takenAtOnce { break }
        }
        if hasUnsubmitted { submit() }
        return total
    }

    /// Submits, then waits until a completion can be drained; returns at once if nothing is in
    /// flight.
    public func wait() {
        precondition(!isDraining, "a ring is not waited for from within a completion")
        guard inFlight > 0 else { return }
        while clinux_ring_ready(handle.pointer) == 0 {
            fillQueue()
            let result = clinux_ring_submit_and_wait(handle.pointer)
            if result == -EAGAIN || result == -EBUSY { sched_yield() }
        }
    }

    /// Makes `eventDescriptor` readable, for completions that come from elsewhere.
    public func signal() {
        var one: UInt64 = 1
        // EAGAIN means that the counter is at its maximum: readable already.
        _ = write(eventDescriptor, &one, 8)
    }

    /// Reads the event descriptor, so that it becomes unreadable until the next completion.
    public func acknowledgeEvent() {
        var count: UInt64 = 0
        // EAGAIN means that there is nothing to acknowledge.
        _ = read(eventDescriptor, &count, 8)
    }

    /// Cancels what has not started, waits for the rest, and frees the ring. Completions that
    /// were not drained are lost: `wait` and `drain` until `inFlight` is 0 to have them all.
    public func close() {
        precondition(!isDraining, "a ring is not closed from within a completion")
        guard !isClosed else { return }
        isClosed = true
        for entry in backlog[backlogStart...] { releaseSlot(Int(entry.user_data)) }
        backlog.removeAll()
        backlogStart = 0
        cancelAll()
        while inKernel > 0 {
            _ = clinux_ring_submit_and_wait(handle.pointer)
            discardArrived()
        }
        handle.destroy()
        Glibc.close(eventDescriptor)
    }

    // MARK: Queues

    private static let takenAtOnce = 64
    private static let cancelMark = UInt64.max

    private var hasUnsubmitted: Bool {
        backlogStart < backlog.count || clinux_ring_pending(handle.pointer) > 0
    }

    /// Moves the backlog into the submission queue; false where some of it is left.
    @discardableResult
    private func fillQueue() -> Bool {
        while backlogStart < backlog.count {
            guard inKernel < kernelLimit,
                clinux_ring_push(handle.pointer, &backlog[backlogStart])
            else {
                compactBacklog()
                return false
            }
            backlogStart += 1
            inKernel += 1
        }
        backlog.removeAll(keepingCapacity: true)
        backlogStart = 0
        return true
    }

    private func compactBacklog() {
        guard backlogStart >= 1_024, backlogStart * 2 >= backlog.count else { return }
        backlog.removeSubrange(..<backlogStart)
        backlogStart = 0
    }

    private func refused(_ result: Int32) {
        // The entries stay in the queue and are tried again at the next drain or submit. Where
        // nothing else would cause one, the descriptor does.
        precondition(
            result == 0 || result == -EAGAIN || result == -EBUSY,
            "the kernel takes well-formed entries, or lacks room for them now")
        signal()
    }

    private func takeSlot() -> Int {
        if let index = freeSlots.popLast() { return index }
        slots.append(RingSlot())
        return slots.count - 1
    }

    private func releaseSlot(_ index: Int) {
        slots[index].release()
        freeSlots.append(index)
        inFlight -= 1
    }

    // MARK: Shutdown

    private func cancelAll() {
        let free = Set(freeSlots)
        for index in slots.indices where !free.contains(index) {
            var entry = clinux_entry()
            entry.opcode = RingOpcode.cancel.rawValue
            entry.descriptor = -1
            entry.address = UInt64(index)
            entry.user_data = Self.cancelMark
            while !clinux_ring_push(handle.pointer, &entry) {
                _ = clinux_ring_submit(handle.pointer)
                discardArrived()
            }
            inKernel += 1
        }
    }

    private func discardArrived() {
        while true {
            let count = Int(
                clinux_ring_take(handle.pointer, arrived, UInt32(Self.takenAtOnce)))
            inKernel -= count
            for index in 0..<count where arrived[index].user_data != Self.cancelMark {
                releaseSlot(Int(arrived[index].user_data))
            }
            if count == 0 { return }
        }
    }
}
