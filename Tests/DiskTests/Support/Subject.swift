import Disk
import LinuxDisk
import Simulation

/// The disks that must all behave alike.
enum Subject: String, CaseIterable, Codable, Sendable {
    case ring
    case inline
    case simulated
    case simulatedInOrder

    /// A disk and an empty folder on it: a temporary one, or for a process that will not live to
    /// remove it, the one at `path`.
    func make(at path: String? = nil) throws -> Bench {
        switch self {
        case .ring, .inline:
            let folder = path == nil ? TemporaryFolder() : nil
            let disk = try LinuxDisk(self == .ring ? .ring(capacity: 8) : .inline)
            return Bench(disk: disk, folder: folder?.path ?? path ?? "", keep: folder)
        case .simulated, .simulatedInOrder:
            let disk = SimulatedDisk(
                seed: 1, settings: .init(reorders: self == .simulated, traces: false))
            _ = try disk.perform(.createFolder(path: "/data"))
            return Bench(disk: disk, folder: "/data", keep: nil)
        }
    }
}

struct Bench {
    let disk: any Disk
    let folder: String
    /// Keeps the folder there while the disk is in use.
    let keep: AnyObject?

    func path(_ name: String) -> String { folder + "/" + name }
}
