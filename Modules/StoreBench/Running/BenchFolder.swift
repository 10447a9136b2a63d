import Disk
import Glibc
import IORing
import LinuxDisk
import Vocabulary

/// The folder that a measurement makes and removes.
///
/// Its name holds the process's number: what a killed measurement left is recognised by that and
/// removed by the next one.
final class BenchFolder {
    static let prefix = "millrace-bench-"

    let path: String
    /// What the user should know of the place, such as that it is in memory.
    private(set) var notices: [String] = []
    private let disk: LinuxDisk

    init(_ settings: BenchSettings) throws(BenchError) {
        do throws(IORingError) {
            disk = try LinuxDisk(.inline)
        } catch {
            throw .ring(error)
        }
        path = "\(settings.folder)/\(Self.prefix)\(getpid())"
        removeLeftovers(in: settings.folder)
        let free: Int
        do throws(DiskError) {
            free = try disk.freeSpace(at: settings.folder)
        } catch {
            throw .disk(error)
        }
        guard free - settings.reservedBytes >= settings.diskBytes else {
            throw .noSpace(
                folder: settings.folder, needed: settings.diskBytes, free: free,
                reserved: settings.reservedBytes)
        }
        do throws(DiskError) {
            _ = try disk.perform(.createFolder(path: path))
        } catch {
            throw .disk(error)
        }
        if FileSystem(holding: path).isInMemory {
            notices.append(
                "\(settings.folder) is in memory (tmpfs): syncs cost nothing and no device is measured"
            )
        }
    }

    /// Makes a folder in it.
    func makeFolder(_ name: String) throws(BenchError) -> String {
        let folder = "\(path)/\(name)"
        do throws(DiskError) {
            _ = try disk.perform(.createFolder(path: folder))
        } catch {
            throw .disk(error)
        }
        return folder
    }

    /// Removes a folder with all that is in it; what is gone already is no matter.
    func remove(_ folder: String) {
        for entry in (try? disk.list(folder)) ?? [] {
            let inner = "\(folder)/\(entry.name)"
            if entry.isFolder { remove(inner) } else { _ = unlink(inner) }
        }
        _ = rmdir(folder)
    }

    func removeAll() { remove(path) }

    /// Folders of measurements whose process is gone.
    private func removeLeftovers(in folder: String) {
        for entry in (try? disk.list(folder)) ?? [] where entry.isFolder {
            guard entry.name.hasPrefix(Self.prefix),
                let number = Int32(entry.name.dropFirst(Self.prefix.count)), number > 0,
                kill(number, 0) != 0, errno == ESRCH
            else { continue }
            remove("\(folder)/\(entry.name)")
        }
    }
}
