import Glibc

/// The process that keeps a data folder locked.
public struct LockHolder: Sendable, Hashable {
    /// The process's number in this process's pid namespace, pid_namespaces(7).
    public let pid: Int32
    /// The command's name as /proc tells it, proc(5); `nil` where it may not be read.
    public let command: String?

    public init(pid: Int32, command: String?) {
        self.pid = pid
        self.command = command
    }

    /// `nil` for a holder that this process cannot see: one in another pid namespace has the pid 0
    /// here, one behind an open-file-description lock has −1.
    init?(pid: Int32) {
        guard pid > 0 else { return nil }
        self.init(pid: pid, command: Self.command(of: pid))
    }

    static var ourselves: LockHolder? { LockHolder(pid: getpid()) }

    private static func command(of pid: Int32) -> String? {
        let file = open("/proc/\(pid)/comm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        var text = [UInt8](repeating: 0, count: 64)
        let count = read(file, &text, text.count)
        guard count > 0 else { return nil }
        let shown = text.prefix(count).filter { (0x20...0x7E).contains($0) }
        return String(decoding: shown, as: UTF8.self)
    }
}

extension LockHolder: CustomStringConvertible {
    public var description: String {
        "process \(pid)" + (command.map { " (\($0))" } ?? "")
    }
}
