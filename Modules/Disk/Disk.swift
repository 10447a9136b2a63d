import Vocabulary

/// Where files live: the kernel's file systems, or a simulated disk that can lose power.
///
/// Operations are values. `perform` carries one out before it returns; `submit` starts several and
/// hands each one's `Completion` to a later `drain`. Whether a submitted operation goes through a
/// ring or is done on the spot is the disk's business, measured per kind and size.
///
/// A disk belongs to one thread: every call comes from it.
public protocol Disk: AnyObject {
    /// Carries out one operation and returns when it is finished.
    ///
    /// Use it where waiting is right: while opening and recovering, and for a write that is known
    /// to go to resident pages. A `.write` performed here blocks while the kernel throttles.
    func perform(_ operation: Operation) throws(DiskError) -> Outcome

    /// Starts operations; the batch costs one system call at the most.
    ///
    /// Operations of one batch may be carried out in any order and at the same time. The bytes of
    /// a write and the buffer of a read must stay untouched until its completion is drained.
    func submit(_ submissions: [Submission])

    /// Hands over the completions that have arrived, oldest first; returns how many.
    ///
    /// Never waits. `body` may call `submit`; it must not call `drain`, which is our bug and traps.
    @discardableResult
    func drain(_ body: (Completion) -> Void) -> Int

    /// Waits until at least one completion can be drained; returns at once if nothing is in flight.
    func wait()

    /// The number of submitted operations whose completion has not been drained.
    var inFlight: Int { get }

    /// A descriptor that becomes readable when completions arrive, for an event loop to watch;
    /// `nil` where the disk has none (the simulated one completes inside `wait` and `drain`).
    /// Whoever watches it reads its 8 bytes, eventfd(2), before draining: `drain` does not.
    var completionDescriptor: Int32? { get }

    /// The kernel's descriptor behind an open file, for `sendfile`; `nil` on a simulated disk.
    /// It is valid until the file is closed and must not be closed by the caller.
    func descriptor(of file: FileID) -> Int32?
}

/// Names one open file of one disk. Opening a path twice gives two.
public struct FileID: Quantity {
    public let rawValue: Int32

    public init(_ rawValue: Int32) { self.rawValue = rawValue }
}

/// Ties a completion to the submission it belongs to; chosen by the submitter.
public struct Ticket: Quantity {
    public let rawValue: UInt64

    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// One operation to start.
public struct Submission: Sendable {
    /// Comes back with the completion; the disk does not look at it.
    public let ticket: Ticket
    /// Kept until the completion is drained, with the bytes and buffers it names.
    public let operation: Operation

    public init(ticket: Ticket, operation: Operation) {
        self.ticket = ticket
        self.operation = operation
    }
}

/// What became of a submitted operation.
public struct Completion: Sendable {
    /// The submission's.
    public let ticket: Ticket
    /// What the operation found, or why it failed.
    public let result: Result<Outcome, DiskError>

    public init(ticket: Ticket, result: Result<Outcome, DiskError>) {
        self.ticket = ticket
        self.result = result
    }
}
