import Disk
import Vocabulary

extension Store {
    /// Makes an empty log: its folder, `partition.metadata`, the leader epoch and the first
    /// segment, all durable when it returns, the folder's own entry included. Waits for the
    /// device.
    ///
    /// A folder that is there already is taken over if it holds no records and no other topic's
    /// id, as a crash during an earlier attempt leaves it. What a failure leaves is removed, so
    /// that nobody takes it for a log.
    /// - Throws: `unexpectedFolder` if the folder is in use; `disk`, `outOfSpace`; `failed` once the
    ///   journal has.
    public func createLog(
        folder: String, topicID: TopicID, settings: LogSettings, leaderEpoch: LeaderEpoch,
        now: Timestamp
    ) throws(StoreError) -> Log {
        // Nobody wants a log that takes nothing.
        if let error = journal?.failure { throw .failed(path: folder, cause: error) }
        try checkSpace(at: parent(of: folder), now: now)
        if isSpaceShort, !settings.usesReservedSpace { throw .outOfSpace(path: folder) }
        do throws(DiskError) {
            _ = try disk.perform(.createFolder(path: folder))
        } catch {
            guard error.code == DiskError.exists else { throw StoreError(error) }
            try ensureEmpty(folder, topicID: topicID)
        }
        do throws(StoreError) {
            return try fill(
                folder, topicID: topicID, settings: settings, leaderEpoch: leaderEpoch, now: now)
        } catch {
            removeUnfinished(folder)
            throw error
        }
    }

    /// Makes the files of an empty log in a folder that holds nothing of worth.
    private func fill(
        _ folder: String, topicID: TopicID, settings: LogSettings, leaderEpoch: LeaderEpoch,
        now: Timestamp
    ) throws(StoreError) -> Log {
        var epochs = LeaderEpochCache()
        epochs.assign(leaderEpoch, at: .zero)
        try writeFile(
            "\(folder)/\(PartitionMetadataFile.name)", PartitionMetadataFile.encode(topicID))
        try writeFile(
            "\(folder)/\(LeaderEpochCheckpoint.name)", LeaderEpochCheckpoint.encode(epochs))
        let segment = try makeSegment(at: .zero, in: folder, now: now)
        do throws(StoreError) {
            try onDisk { () throws(DiskError) in
                _ = try disk.perform(.syncFolder(path: parent(of: folder)))
            }
        } catch {
            forget(segment)
            throw error
        }
        let log = Log(
            store: self, folder: folder, topicID: topicID, settings: settings,
            segments: [segment], logStartOffset: .zero, logEnd: .zero, epochs: epochs,
            producers: ProducerStates())
        log.hasChanged = true
        add(log)
        return log
    }

    /// Takes away what a failed creation made. Why it failed is what the caller hears of; what
    /// stays because even this fails is recognised by the topic id or by holding no records.
    private func removeUnfinished(_ folder: String) {
        for entry in (try? disk.list(folder)) ?? [] where !entry.isFolder {
            _ = try? disk.perform(.removeFile(path: "\(folder)/\(entry.name)"))
        }
        _ = try? disk.perform(.removeFolder(path: folder))
        _ = try? disk.perform(.syncFolder(path: parent(of: folder)))
    }

    /// Makes the files of a new segment and their entries in the folder durable.
    func makeSegment(at base: Offset, in folder: String, now: Timestamp) throws(StoreError)
        -> Segment
    {
        let segment = Segment(baseOffset: base, folder: folder, store: self)
        segment.created = now
        segment.indexes = SegmentIndexes(base: base)
        let id = try onDisk { () throws(DiskError) in
            for kind in [SegmentName.Kind.index, .timeindex] {
                try disk.withFile(segment.path(kind), .readWriteOrCreate) {
                    file throws(DiskError) in
                    _ = try disk.perform(.truncate(file, to: .zero))
                }
            }
            let id = try disk.open(segment.path(.log), .readWriteOrCreate)
            do throws(DiskError) {
                _ = try disk.perform(.truncate(id, to: .zero))
                _ = try disk.perform(.syncFolder(path: folder))
            } catch {
                // The first failure is the one to report, as one of the folder: whether the file
                // stays is in doubt, and it would lie amid the batches of a log that goes on.
                _ = try? disk.close(id)
                _ = try? disk.perform(.removeFile(path: segment.path(.log)))
                throw DiskError(operation: "syncFolder", path: folder, code: error.code)
            }
            return id
        }
        segment.adopt(id, byteCount: 0)
        return segment
    }

    private func ensureEmpty(_ folder: String, topicID: TopicID) throws(StoreError) {
        let found = try onSideFiles { () throws(SideFileError) in
            try PartitionMetadataFile.read(on: disk, folder: folder)
        }
        if let found, found != topicID {
            throw .unexpectedFolder(path: folder, reason: "it belongs to topic id \(found)")
        }
        for entry in try onDisk({ () throws(DiskError) in try disk.list(folder) }) {
            guard let name = SegmentName.parse(entry.name), name.kind == .log else { continue }
            let size = try onDisk { () throws(DiskError) in
                try disk.byteCount(ofFile: "\(folder)/\(entry.name)")
            }
            guard size == 0, name.base == .zero else {
                throw .unexpectedFolder(
                    path: folder, reason: "it holds records already, in \(entry.name)")
            }
        }
    }

    /// Writes a small file whole and syncs it; the folder is synced later.
    private func writeFile(_ path: String, _ bytes: [UInt8]) throws(StoreError) {
        try onDisk { () throws(DiskError) in
            try disk.withFile(path, .readWriteOrCreate) { file throws(DiskError) in
                _ = try disk.perform(.truncate(file, to: .zero))
                try disk.write(file, at: .zero, [OwnedBytes(bytes)])
                _ = try disk.perform(.sync(file, .dataAndMetadata))
            }
        }
    }

    func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}
