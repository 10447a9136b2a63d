import Disk
import LinuxDisk

/// The disks that must all behave alike.
enum Subject: String, CaseIterable, Codable, Sendable {
    case ring
    case inline

    /// A disk, and the path of an empty folder on it; keep the value while using them.
    func make() throws -> Bench {
        switch self {
        case .ring:
            let folder = TemporaryFolder()
            return Bench(disk: try LinuxDisk(.ring(capacity: 8)), folder: folder.path, keep: folder)
        case .inline:
            let folder = TemporaryFolder()
            return Bench(disk: try LinuxDisk(.inline), folder: folder.path, keep: folder)
        }
    }
}

struct Bench {
    let disk: any Disk
    let folder: String
    let keep: AnyObject?

    func path(_ name: String) -> String { folder + "/" + name }
}
