import Disk
import LinuxDisk
import Logging
import SegmentStore
import Vocabulary

/// A data folder that is in use: locked against other brokers, its clean mark taken away until the
/// broker stops in order.
struct DataFolderGuard: Sendable {
    let path: String
    /// The last run ended in order.
    let wasClean: Bool
    private let lock: FolderLock

    /// - Throws: `.locked`, naming the process that holds the folder; `.disk`.
    init(path: String, on disk: any Disk) throws(SideFileError) {
        self.path = path
        lock = try FolderLock(folder: path)
        wasClean = try CleanShutdownMark.read(on: disk, folder: path) != nil
        // Durably, before the first write: from now on a crash is seen as one.
        try CleanShutdownMark.remove(on: disk, folder: path)
    }

    /// Writes what the logs are like, for the next start; an old manifest never stays in its place.
    /// Returns whether that is so.
    func leave(_ manifest: Manifest, logger: Logger) -> Bool {
        do {
            let disk = try LinuxDisk(.inline)
            defer { disk.close() }
            do throws(SideFileError) {
                try manifest.write(on: disk, folder: path)
            } catch {
                logger.warning(
                    "the manifest could not be written: the next start looks into each log",
                    metadata: ["reason": "\(error)"])
                try Manifest.remove(on: disk, folder: path)
            }
            return true
        } catch {
            logger.error(
                "the manifest could not be replaced: the next start recovers",
                metadata: ["reason": "\(error)"])
            return false
        }
    }

    /// Leaves the mark if everything was closed in order, and gives the folder free.
    func release(isClean: Bool, logger: Logger) {
        defer { lock.release() }
        guard isClean else {
            logger.warning(
                "the data folder is left without its clean mark: the next start recovers")
            return
        }
        do {
            let disk = try LinuxDisk(.inline)
            defer { disk.close() }
            try CleanShutdownMark(brokerEpoch: nil).write(on: disk, folder: path)
        } catch {
            logger.error(
                "the clean mark could not be written: the next start recovers",
                metadata: ["reason": "\(error)"])
        }
    }
}
