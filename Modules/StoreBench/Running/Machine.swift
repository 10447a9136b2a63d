import Glibc

/// Where it was measured.
public struct Machine: Sendable, Equatable {
    /// The release, as /proc/sys/kernel/osrelease has it.
    public internal(set) var kernel = ""
    /// The first `model name` of /proc/cpuinfo.
    public internal(set) var processor = ""
    /// Processors that are online.
    public internal(set) var cores = 0
    /// Memory of the whole machine.
    public internal(set) var memoryBytes = 0
    /// Type and mount point of the one measured on, such as `ext4 at /`.
    public internal(set) var fileSystem = ""
    /// Seconds since 1970.
    public internal(set) var time = 0
    /// The averages over 1, 5 and 15 minutes before it began, proc(5).
    public internal(set) var loadAverage = ""

    init(folder: String) {
        kernel = SystemText.lines(of: "/proc/sys/kernel/osrelease").first ?? "unknown"
        processor =
            SystemText.lines(of: "/proc/cpuinfo").first { $0.hasPrefix("model name") }
            .flatMap { $0.split(separator: ":").last }
            .map { String($0.drop { $0 == " " }) } ?? "unknown"
        cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        memoryBytes = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
        let system = FileSystem(holding: folder)
        fileSystem = "\(system.type) at \(system.mount)"
        self.time = Glibc.time(nil)
        loadAverage =
            SystemText.lines(of: "/proc/loadavg").first?.split(separator: " ").prefix(3)
            .joined(separator: " ") ?? ""
    }

    /// One line.
    public var text: String {
        """
        \(processor), \(cores) cores, \(ByteWords.of(memoryBytes)) memory, Linux \(kernel), \
        \(fileSystem), load \(loadAverage)
        """
    }
}
