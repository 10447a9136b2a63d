import Compression
import Disk
import Records
import SegmentStore
import Vocabulary

/// Finding the state again when the broker starts.
///
/// The snapshot names its generation, which is the topic id of the log that goes on from it. A
/// log of another generation was folded into the snapshot already and only its removal is missing.
extension EmbeddedMetadataStore {
    struct Opened {
        var log: Log
        var state: ClusterState
        var logBytes: Int
        var notices: [String]
    }

    static func open(
        in dataFolder: String, store: Store, now: Timestamp
    ) throws(MetadataError) -> Opened {
        let folder = "\(dataFolder)/\(MetadataTopic.folderName)"
        var notices: [String] = []
        let snapshot = try readSnapshot(in: dataFolder, on: store.disk)
        var state = ClusterState()
        if let snapshot {
            try apply(snapshot.records, to: &state, path: "\(dataFolder)/\(MetadataSnapshot.name)")
        }

        if try exists(MetadataTopic.folderName, in: dataFolder, on: store.disk) {
            let found = try sideFiles { () throws(SideFileError) in
                try PartitionMetadataFile.read(on: store.disk, folder: folder)
            }
            if let found, snapshot == nil || snapshot?.generation == found {
                let log = try openLog(folder, store: store, now: now)
                notices += log.openingNotices
                let logBytes = try replay(log, into: &state)
                return Opened(log: log, state: state, logBytes: logBytes, notices: notices)
            }
            try removeObsolete(folder, hasIdentity: found != nil, on: store.disk)
            notices.append("\(folder) was left by an interrupted change of logs and is removed")
        }
        let log = try createLog(
            folder, generation: snapshot?.generation ?? TopicID.random(), store: store, now: now)
        return Opened(log: log, state: state, logBytes: 0, notices: notices)
    }

    static func createLog(
        _ folder: String, generation: TopicID, store: Store, now: Timestamp
    ) throws(MetadataError) -> Log {
        do {
            return try store.createLog(
                folder: folder, topicID: generation, settings: logSettings, leaderEpoch: .zero,
                now: now)
        } catch {
            throw .storeFailed("\(error)")
        }
    }

    private static func openLog(
        _ folder: String, store: Store, now: Timestamp
    ) throws(MetadataError) -> Log {
        do {
            // The log is small: it is read whole anyway, so that no checkpoint is needed.
            return try store.openLog(
                folder: folder, settings: logSettings,
                hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero), now: now)
        } catch {
            throw .storeFailed("\(error)")
        }
    }

    /// Synced before anything is answered, whatever the broker's default is; and still written on
    /// a full disk, where deleting topics is the way out.
    private static var logSettings: LogSettings {
        var settings = LogSettings()
        settings.durability = .sync
        settings.usesReservedSpace = true
        return settings
    }

    // MARK: - Replay

    /// Applies every record of the log; returns how many bytes it holds.
    private static func replay(
        _ log: Log, into state: inout ClusterState
    ) throws(MetadataError) -> Int {
        let decompressor = Decompressor()
        var next = log.logStartOffset
        var byteCount = 0
        while next < log.logEnd {
            let read: LogRead
            do {
                read = try log.read(
                    from: next, upTo: log.logEnd, maxBytes: 1 << 20, minOneBatch: true)
            } catch {
                throw .storeFailed("\(error)")
            }
            guard read.byteCount > 0 else {
                throw .corruptRecord(
                    path: log.folder, place: "offset \(next)", reason: "the log ends too early")
            }
            for region in read.regions {
                let buffer = DiskBuffer(count: region.count)
                do { try region.read(into: buffer) } catch { throw .storeFailed("\(error)") }
                next = try replay(
                    UnsafeRawBufferPointer(rebasing: buffer.bytes[..<region.count]),
                    path: region.path, using: decompressor, into: &state)
            }
            byteCount += read.byteCount
        }
        return byteCount
    }

    /// Applies the batches of one region; returns the offset after them.
    private static func replay(
        _ bytes: UnsafeRawBufferPointer, path: String, using decompressor: Decompressor,
        into state: inout ClusterState
    ) throws(MetadataError) -> Offset {
        var rest = bytes
        var next = Offset.zero
        while rest.count > 0 {
            let records: [Record]
            let header: BatchHeader
            do {
                let batch = try BatchView(reading: rest)
                guard batch.hasValidChecksum else {
                    throw MetadataError.corruptRecord(
                        path: path, place: "offset \(batch.header.baseOffset)",
                        reason: "the checksum of the batch does not match")
                }
                header = batch.header
                records = try batch.records(decompressor: decompressor)
            } catch let error as MetadataError {
                throw error
            } catch {
                throw .corruptRecord(path: path, place: "after offset \(next)", reason: "\(error)")
            }
            for record in records where !header.attributes.isControl {
                try apply(record, to: &state, path: path)
            }
            next = header.nextOffset
            rest = UnsafeRawBufferPointer(rebasing: rest[header.byteCount...])
        }
        return next
    }

    private static func apply(
        _ record: Record, to state: inout ClusterState, path: String
    ) throws(MetadataError) {
        let place = "offset \(record.offset)"
        do {
            try state.apply(try MetadataRecord(decoding: record.value ?? []))
        } catch let error as RecordFormatError {
            throw MetadataError(error, path: path, place: place)
        } catch {
            throw .corruptRecord(path: path, place: place, reason: "\(error)")
        }
    }

    private static func apply(
        _ records: [MetadataRecord], to state: inout ClusterState, path: String
    ) throws(MetadataError) {
        for (index, record) in records.enumerated() {
            do {
                try state.apply(record)
            } catch {
                throw .corruptRecord(path: path, place: "record \(index)", reason: "\(error)")
            }
        }
    }

    // MARK: - What lies in the folder

    private static func readSnapshot(
        in dataFolder: String, on disk: any Disk
    ) throws(MetadataError) -> MetadataSnapshot? {
        let path = "\(dataFolder)/\(MetadataSnapshot.name)"
        let found = try sideFiles { () throws(SideFileError) in
            try disk.readSideFile(path, limit: MetadataSnapshot.byteLimit)
        }
        guard let bytes = found else { return nil }
        return try MetadataSnapshot(decoding: bytes, path: path)
    }

    private static func exists(
        _ name: String, in folder: String, on disk: any Disk
    ) throws(MetadataError) -> Bool {
        try onDisk { () throws(DiskError) in
            try disk.list(folder).contains { $0.name == name && $0.isFolder }
        }
    }

    /// Removes a log that the snapshot has taken in, or one whose creation was interrupted.
    ///
    /// `partition.metadata` goes last: as long as it is there, the folder is known to be obsolete.
    private static func removeObsolete(
        _ folder: String, hasIdentity: Bool, on disk: any Disk
    ) throws(MetadataError) {
        let names = try onDisk { () throws(DiskError) in try disk.list(folder) }.map(\.name)
        if !hasIdentity {
            // A log gets its identity before its first record.
            for name in names where name.hasSuffix(".log") {
                let count = try onDisk { () throws(DiskError) in
                    let file = try disk.open("\(folder)/\(name)", .readOnly)
                    let count = try disk.size(of: file)
                    try disk.close(file)
                    return count
                }
                guard count == 0 else {
                    throw .corruptRecord(
                        path: folder, place: PartitionMetadataFile.name,
                        reason: "the file is missing although \(name) holds records")
                }
            }
        }
        try onDisk { () throws(DiskError) in
            for name in names where name != PartitionMetadataFile.name {
                _ = try disk.perform(.removeFile(path: "\(folder)/\(name)"))
            }
            _ = try disk.perform(.syncFolder(path: folder))
            if names.contains(PartitionMetadataFile.name) {
                _ = try disk.perform(
                    .removeFile(path: "\(folder)/\(PartitionMetadataFile.name)"))
            }
            _ = try disk.perform(.removeFolder(path: folder))
        }
    }

    private static func onDisk<Result>(
        _ body: () throws(DiskError) -> Result
    ) throws(MetadataError) -> Result {
        do throws(DiskError) { return try body() } catch { throw .sideFile(.disk(error)) }
    }

    private static func sideFiles<Result>(
        _ body: () throws(SideFileError) -> Result
    ) throws(MetadataError) -> Result {
        do throws(SideFileError) { return try body() } catch { throw .sideFile(error) }
    }
}
