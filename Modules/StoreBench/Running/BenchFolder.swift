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
    /// Whether files may be written past the page cache (O_DIRECT).
    private(set) var takesDirectWrites = true
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
                """
                \(settings.folder) is in memory (tmpfs): syncs cost nothing and no device is \
                measured
                """)
        }
        takesDirectWrites = Self.takesDirectWrites("\(path)/direct")
        if !takesDirectWrites {
            notices.append(
                """
                \(settings.folder) takes no O_DIRECT: the limit past the page cache is left out
                """)
        }
    }

    /// Writes a block past the page cache: some file systems refuse that only then, open(2).
    private static func takesDirectWrites(_ path: String) -> Bool {
        // Refused: then it does not take them, for whatever reason.
        guard let file = try? RawFile(path, flags: O_RDWR | O_CREAT | RawFile.direct)
        else { return false }
        defer { unlink(path) }
        let block = DiskBuffer(count: 4_096)
        return pwrite(file.descriptor, block.base, block.count, 0) == block.count
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

    /// Folders of measurements whose process is gone. Our own number was that of another: in
    /// containers it is the same again and again.
    private func removeLeftovers(in folder: String) {
        for entry in (try? disk.list(folder)) ?? [] where entry.isFolder {
            guard entry.name.hasPrefix(Self.prefix),
                let number = Int32(entry.name.dropFirst(Self.prefix.count)), number > 0,
                number == getpid() || (kill(number, 0) != 0 && errno == ESRCH)
            else { continue }
            remove("\(folder)/\(entry.name)")
        }
    }
}
