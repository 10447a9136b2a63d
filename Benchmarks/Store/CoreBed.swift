import Disk
import EmbeddedStore
import Glibc
import LinuxDisk

/// A store and a log as the broker has them, in a folder of their own.
struct CoreBed {
    let log: Log
    private let folder: ScratchFolder
    private let store: Store

    init() throws {
        folder = ScratchFolder()
        let disk = try LinuxDisk(.inline)
        store = Store(disk: disk)
        var settings = LogSettings()
        settings.durability = .os
        log = try store.createLog(
            folder: "\(folder.path)/events-0", topicID: TopicID(high: 1, low: 1),
            settings: settings, leaderEpoch: .zero, now: .now())
    }

    func append(_ header: BatchHeader, _ bytes: [OwnedBytes]) throws {
        try log.append(header, bytes: bytes, leaderEpoch: .zero, now: Timestamp(1))
        store.commit()
    }

    func close() {
        store.close(now: .now())
        folder.remove()
    }
}

/// A folder for the time of a benchmark.
struct ScratchFolder {
    let path: String

    init() {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/millrace-benchmark-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("mkdtemp: errno \(errno)") }
        path = String(cString: made)
    }

    func remove() { Self.remove(path) }

    private static func remove(_ path: String) {
        guard let folder = opendir(path) else {
            unlink(path)
            return
        }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { remove("\(path)/\(name)") }
        }
        closedir(folder)
        rmdir(path)
    }
}
