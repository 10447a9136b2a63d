import CLinux
import Glibc

/// Why a ring cannot be had, with what to do about it.
public enum IORingError: Error, Sendable, Hashable {
    /// EPERM or EACCES. `disabledSetting` is the value of the sysctl kernel.io_uring_disabled:
    /// 1 or 2 means that it forbids io_uring; 0 or `nil` (absent) that a seccomp filter or a
    /// security module does, as container runtimes install them.
    case notPermitted(disabledSetting: Int?)
    /// ENOSYS: a kernel without io_uring, or a seccomp filter that pretends so.
    case notAvailable
    /// ENOMEM: over the locked-memory limit (kernels before 5.12 count rings there) or no memory.
    case outOfMemory(lockedMemoryLimit: UInt64)
    /// EMFILE or ENFILE.
    case tooManyOpenFiles
    /// An old kernel does not carry out these operations.
    case lacking(Set<RingOpcode>)
    /// The kernel refused `call` with another errno.
    case refused(call: String, code: Int32)

    init(call: String, code: Int32) {
        switch code {
        case EPERM, EACCES: self = .notPermitted(disabledSetting: Self.readDisabledSetting())
        case ENOSYS: self = .notAvailable
        case ENOMEM: self = .outOfMemory(lockedMemoryLimit: clinux_locked_memory_limit())
        case EMFILE, ENFILE: self = .tooManyOpenFiles
        default: self = .refused(call: call, code: code)
        }
    }

    private static func readDisabledSetting() -> Int? {
        let descriptor = open("/proc/sys/kernel/io_uring_disabled", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var digit: UInt8 = 0
        guard read(descriptor, &digit, 1) == 1, (0x30...0x39).contains(digit) else { return nil }
        return Int(digit - 0x30)
    }
}

extension IORingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notPermitted(let setting?) where setting > 0:
            """
            io_uring is not permitted: the sysctl kernel.io_uring_disabled is \(setting); \
            set it to 0 (sysctl -w kernel.io_uring_disabled=0)
            """
        case .notPermitted:
            """
            io_uring is not permitted: most likely the container's seccomp profile forbids \
            io_uring_setup, io_uring_enter and io_uring_register; allow them in the profile \
            (docker run --security-opt seccomp=PROFILE.json)
            """
        case .notAvailable:
            """
            io_uring is not available: the kernel has none (it needs Linux 5.6 or later) or a \
            container's seccomp profile hides it; use a newer kernel or allow io_uring_setup, \
            io_uring_enter and io_uring_register
            """
        case .outOfMemory(let limit):
            """
            no memory for an io_uring: the limit of locked memory is \(limit) bytes; raise it \
            (ulimit -l, LimitMEMLOCK= in systemd) or free memory
            """
        case .tooManyOpenFiles:
            "no descriptor for an io_uring: raise the limit of open files (ulimit -n)"
        case .lacking(let opcodes):
            """
            the kernel's io_uring is too old: it lacks \
            \(opcodes.map { "\($0)" }.sorted().joined(separator: ", ")); use Linux 5.6 or later
            """
        case .refused(let call, let code):
            "\(call) was refused by the kernel: errno \(code)"
        }
    }
}
