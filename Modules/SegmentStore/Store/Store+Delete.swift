import Disk
import Vocabulary

extension Store {
    static let deletionSuffix = "-delete"

    /// Deletes a log for good: its folder gets the name `<name>.<uuid>-delete`, durably, before
    /// this returns, so that a log of the same name may be created at once; the files go in the
    /// background. Regions still being sent keep their file readable.
    ///
    /// - Parameter uuid: 32 hexadecimal digits that make the name unique; random by default.
    public func deleteLog(
        _ log: Log, uuid: String = Store.randomUUID()
    ) throws(StoreError) {
        settle(log)
        close(log)
        try deleteFolder(log.folder, of: log.topicPartition, uuid: uuid)
    }

    /// Deletes the folder of a log that is not open, as `deleteLog` does.
    public func deleteFolder(
        _ folder: String, of name: TopicPartition, uuid: String = Store.randomUUID()
    ) throws(StoreError) {
        // Kafka's `logDeleteDirName`: the topic's part is cut where the name gets too long.
        let ending = "-\(name.partition).\(uuid)\(Self.deletionSuffix)"
        let topic = name.topic.utf8.prefix(max(0, 255 - ending.utf8.count))
        let parent = parent(of: folder)
        let doomed = "\(parent)/\(String(decoding: topic, as: UTF8.self))\(ending)"
        try onDisk { () throws(DiskError) in
            _ = try disk.perform(.rename(from: folder, to: doomed))
            _ = try disk.perform(.syncFolder(path: parent))
        }
        try removeFolder(doomed)
    }

    /// Finishes the deletions that an earlier run had begun in a data folder; returns the names
    /// of the folders that go.
    @discardableResult
    public func finishDeletions(in dataFolder: String) throws(StoreError) -> [String] {
        let entries = try onDisk { () throws(DiskError) in try disk.list(dataFolder) }
        let doomed = entries.filter { $0.isFolder && Self.isDeletionName($0.name) }.map(\.name)
        if !doomed.isEmpty {
            // The process may have ended between the renaming and its sync: a power cut could bring
            // the old name back, with some of its files gone.
            try onDisk { () throws(DiskError) in
                _ = try disk.perform(.syncFolder(path: dataFolder))
            }
        }
        for name in doomed { try removeFolder("\(dataFolder)/\(name)") }
        return doomed
    }

    /// Whether a folder's name says that it is being deleted.
    public static func isDeletionName(_ name: String) -> Bool {
        guard name.hasSuffix(deletionSuffix) else { return false }
        let rest = name.dropLast(deletionSuffix.count)
        guard let dot = rest.lastIndex(of: ".") else { return false }
        let digits = rest[rest.index(after: dot)...].utf8
        return digits.count == 32
            && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// 32 random hexadecimal digits.
    public static func randomUUID() -> String {
        let digits = [UInt8]("0123456789abcdef".utf8)
        let text = (0..<32).map { _ in digits[Int.random(in: 0..<16)] }
        return String(decoding: text, as: UTF8.self)
    }

    /// Starts the removal of a folder's files; the folder goes with the last of them.
    private func removeFolder(_ path: String) throws(StoreError) {
        let names = try onDisk { () throws(DiskError) in try disk.list(path) }
            .filter { !$0.isFolder }.map(\.name)
        let removal = FolderRemoval(folder: path, parent: parent(of: path), left: names.count)
        for name in names {
            submit(.removeFile(path: "\(path)/\(name)"), as: .remove(removal))
        }
        if names.isEmpty { removal.removeFolder(store: self) }
        flushSubmissions()
    }

    /// Stops a log without writing anything more.
    func close(_ log: Log) {
        log.isClosed = true
        log.onProgress = nil
        log.onCutBack = nil
        dirtyBytes -= log.dirtyByteCount
        for segment in log.segments { forget(segment) }
        remove(log)
        // A log of the same name may be made: its folder is left alone from here on.
        retention.forget(log)
        flushSubmissions()
    }
}

/// A folder whose files are being removed.
final class FolderRemoval {
    private let folder: String
    private let parent: String
    private var left: Int

    init(folder: String, parent: String, left: Int) {
        self.folder = folder
        self.parent = parent
        self.left = left
    }

    /// One file is gone, or could not be removed: the next start tries again.
    func finished(_ error: DiskError?, store: Store) {
        left -= 1
        if left == 0 { removeFolder(store: store) }
    }

    func removeFolder(store: Store) {
        // The folder's name tells every later start to go on with it.
        _ = try? store.disk.perform(.removeFolder(path: folder))
        _ = try? store.disk.perform(.syncFolder(path: parent))
    }
}
