import Disk
import Records
import Vocabulary

extension Store {
    /// Opens the log in `folder`, whoever wrote it last.
    ///
    /// After a clean shutdown only the end of the last segment and its indexes are read. Otherwise
    /// every batch from the recovery point on is checked, a torn tail is cut, indexes are made
    /// anew and everything is made durable before the log is handed out. Waits for the device.
    /// - Parameter replaying: what the journals hold of the log (see `JournalReplay`), written
    ///   again where its segments lack it.
    /// - Returns: the log; one that has failed already where the store's journal has.
    /// - Throws: `corrupt` if what was durable once is damaged: nothing was changed then.
    public func openLog(
        folder: String, settings: LogSettings, hint: OpenHint, now: Timestamp,
        replaying journaled: JournaledBatches = .none
    ) throws(StoreError) -> Log {
        defer { giveBackScanBuffer() }
        var opening = LogOpening(
            store: self, folder: folder, settings: settings, hint: hint, journaled: journaled,
            now: now)
        do throws(StoreError) {
            let log = try opening.open()
            add(log)
            return log
        } catch {
            opening.letGo()
            throw error
        }
    }

    /// Makes the entry of a folder durable that was found after a crash, with all that stand
    /// beside it: once is enough, since a log that is made later is made durable with its folder.
    func syncParent(of folder: String) throws(StoreError) {
        let parent = parent(of: folder)
        guard !syncedFolders.contains(parent) else { return }
        _ = try onDisk { () throws(DiskError) in try disk.perform(.syncFolder(path: parent)) }
        syncedFolders.insert(parent)
    }
}

extension Disk {
    /// Opens a file and tells its size; what cannot be sized is closed again.
    func openWithSize(_ path: String, _ mode: OpenMode) throws(DiskError) -> (FileID, Int) {
        let file = try open(path, mode)
        do throws(DiskError) {
            return (file, try size(of: file))
        } catch {
            _ = try? close(file)  // the first failure is the one to report
            throw error
        }
    }
}
