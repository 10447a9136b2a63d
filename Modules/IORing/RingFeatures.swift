import CLinux

/// What this kernel's io_uring offers; see `IORing.probe()`.
public struct RingFeatures: Sendable, Hashable {
    /// Operations the kernel carries out.
    public let opcodes: Set<RingOpcode>
    /// Setup flags it accepts.
    public let setup: RingSetup
    /// Completions beyond the completion queue are kept, not dropped (IORING_FEAT_NODROP).
    public let keepsOverflow: Bool
    /// Worker threads share the credentials of the submitter (IORING_FEAT_NATIVE_WORKERS).
    public let hasNativeWorkers: Bool
}

/// Operations this module can submit; raw values are the kernel's numbers.
public enum RingOpcode: UInt8, Sendable, Hashable, CaseIterable {
    /// IORING_OP_NOP.
    case nothing = 0
    /// IORING_OP_WRITEV.
    case writeVectors = 2
    /// IORING_OP_FSYNC.
    case sync = 3
    /// IORING_OP_SYNC_FILE_RANGE.
    case syncFileRange = 8
    /// IORING_OP_ASYNC_CANCEL.
    case cancel = 14
    /// IORING_OP_FALLOCATE.
    case allocate = 17
    /// IORING_OP_READ.
    case read = 22
    /// IORING_OP_WRITE.
    case write = 23
    /// IORING_OP_FADVISE.
    case advise = 24
    /// IORING_OP_UNLINKAT (Linux 5.11).
    case removeFile = 36
}

/// Setup flags of io_uring_setup(2) that this module knows.
public struct RingSetup: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// An invalid entry of a batch does not stop the ones behind it (Linux 5.18).
    public static let submitAll = RingSetup(rawValue: UInt32(CLINUX_SETUP_SUBMIT_ALL))
    /// Completions are posted when the owner enters the kernel, without interrupting it, and the
    /// ring says when there are some to fetch (Linux 5.19).
    public static let cooperative = RingSetup(
        rawValue: UInt32(CLINUX_SETUP_COOP_TASKRUN | CLINUX_SETUP_TASKRUN_FLAG))
    /// One thread submits (Linux 6.0).
    public static let singleIssuer = RingSetup(rawValue: UInt32(CLINUX_SETUP_SINGLE_ISSUER))
    /// Completions are posted only when the owner asks for them (Linux 6.1); needs
    /// `singleIssuer`. Fit for a loop that waits in the ring itself.
    public static let deferred = RingSetup(rawValue: UInt32(CLINUX_SETUP_DEFER_TASKRUN))

    /// Measured best for a loop that watches the eventfd with epoll(7).
    public static let preferred: RingSetup = [.submitAll, .cooperative]
}

extension IORing {
    /// Throws where the kernel does not carry out some of `opcodes`.
    public func require(_ opcodes: Set<RingOpcode>) throws(IORingError) {
        let missing = opcodes.subtracting(self.opcodes)
        if !missing.isEmpty { throw .lacking(missing) }
    }

    /// Asks the kernel what its io_uring offers, by setting up small rings.
    ///
    /// A few system calls; any thread. Throws where io_uring cannot be used at all.
    public static func probe() throws(IORingError) -> RingFeatures {
        let ring = try Handle(entries: 2, completions: 4, setup: [])
        defer { ring.destroy() }
        var setup: RingSetup = []
        for candidate: RingSetup in [.submitAll, .cooperative, .singleIssuer] {
            if accepts(candidate) { setup.formUnion(candidate) }
        }
        if accepts([.singleIssuer, .deferred]) { setup.formUnion(.deferred) }
        let features = clinux_ring_features(ring.pointer)
        return RingFeatures(
            opcodes: ring.opcodes(),
            setup: setup,
            keepsOverflow: features & UInt32(CLINUX_FEATURE_NODROP) != 0,
            hasNativeWorkers: features & UInt32(CLINUX_FEATURE_NATIVE_WORKERS) != 0)
    }

    private static func accepts(_ setup: RingSetup) -> Bool {
        // A refusal is the answer here, not a failure.
        guard let ring = try? Handle(entries: 2, completions: 4, setup: setup) else { return false }
        ring.destroy()
        return true
    }
}
