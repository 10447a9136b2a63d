import Glibc

/// The file system and the device that hold a path.
struct FileSystem: Sendable {
    /// Its type as /proc/self/mountinfo names it, such as `ext4`.
    private(set) var type = "unknown"
    private(set) var mount = "/"
    /// Bytes written to the device since it was started: /sys/dev/block/…/stat.
    private let statPath: String

    init(holding path: String) {
        var status = stat()
        let device = stat(path, &status) == 0 ? UInt64(status.st_dev) : 0
        let (major, minor) = (Self.major(device), Self.minor(device))
        statPath = "/sys/dev/block/\(major):\(minor)/stat"
        for line in SystemText.lines(of: "/proc/self/mountinfo") {
            let words = line.split(separator: " ")
            guard words.count > 4, words[2] == "\(major):\(minor)",
                let dash = words.firstIndex(of: "-"), dash + 1 < words.count
            else { continue }
            type = String(words[dash + 1])
            mount = String(words[4])
        }
    }

    var isInMemory: Bool { type == "tmpfs" || type == "ramfs" }

    /// Bytes that reached the device, from whomever; `nil` where the system does not say.
    var bytesWritten: Int? {
        let words = SystemText.lines(of: statPath).first?.split(separator: " ") ?? []
        // The seventh field counts sectors of 512 bytes.
        return words.count > 6 ? Int(words[6]).map { $0 * 512 } : nil
    }

    /// Bytes that reached the device since it had written `before`.
    func bytesWritten(since before: Int?) -> Int? {
        guard let before, let after = bytesWritten else { return nil }
        return after - before
    }

    /// The encoding of dev_t, makedev(3).
    private static func major(_ device: UInt64) -> UInt64 {
        (device >> 8 & 0xFFF) | (device >> 32 & ~0xFFF)
    }

    private static func minor(_ device: UInt64) -> UInt64 {
        (device & 0xFF) | (device >> 12 & ~0xFF)
    }
}

/// Small files of /proc and /sys.
enum SystemText {
    static func lines(of path: String) -> [String] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { _ = close(file) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(file, &chunk, chunk.count)
            guard count > 0 else { break }
            text += chunk[..<count]
        }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
