import Disk
import LinuxDisk
import LogInspection

/// What a dump printed.
struct Dumped {
    private(set) var lines: [String] = []
    private(set) var damageCount = 0

    init(_ path: String, _ options: DumpOptions, on disk: (any Disk)? = nil) throws {
        let own = disk == nil ? try LinuxDisk(.inline) : nil
        defer { own?.close() }
        guard let used = disk ?? own else { preconditionFailure("there is a disk") }
        var lines: [String] = []
        var dump = LogDump(disk: used, options: options) { lines.append($0) }
        try dump.dump(path)
        damageCount = dump.damageCount
        self.lines = lines.flatMap { $0.split(separator: "\n").map(String.init) }
    }

    /// The lines of text, per file.
    var sections: [String: [String]] {
        var sections: [String: [String]] = [:]
        var file = ""
        for line in lines {
            if line.hasPrefix("Dumping ") {
                file = line.split(separator: "/").last.map(String.init) ?? ""
                sections[file] = []
            } else if !line.hasPrefix("Log starting offset") {
                sections[file]?.append(line)
            }
        }
        return sections
    }
}
