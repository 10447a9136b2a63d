import Compression
import Disk
import Metadata
import Records
import SegmentStore
import Vocabulary

/// Replays the metadata snapshot and log of a data folder.
struct MetadataCheck {
    private(set) var cluster: ClusterState?
    private(set) var findings: [Finding] = []

    /// - Parameter log: the folder of the metadata log, if there is one.
    init(dataFolder: String, log: PartitionPlan?, on disk: any Disk) {
        let snapshot = "\(dataFolder)/\(MetadataSnapshot.name)"
        var generation: TopicID?
        do throws(SideFileError) {
            if let bytes = try disk.readSideFile(snapshot, limit: MetadataSnapshot.byteLimit) {
                do throws(MetadataError) {
                    let read = try MetadataSnapshot(decoding: bytes, path: snapshot)
                    generation = read.generation
                    cluster = ClusterState()
                    for record in read.records { apply(record, snapshot, .wholeFile) }
                } catch {
                    let fault = SideFileFault(error)
                    findings.append(Finding(.damage, snapshot, fault.place, fault.reason))
                }
            }
        } catch {
            findings.append(Finding(.damage, snapshot, .wholeFile, "\(error)"))
        }
        guard let log else { return }
        // A log of another generation was folded into the snapshot: its removal was interrupted.
        let found = try? PartitionMetadataFile.read(on: disk, folder: log.folder)
        if let generation, found != generation { return }
        if cluster == nil { cluster = ClusterState() }
        for segment in log.segments { replay(segment.path(.log), on: disk) }
    }

    private mutating func replay(_ path: String, on disk: any Disk) {
        let decompressor = Decompressor()
        do throws(DiskError) {
            var walk = BatchWalk(try FileWindow(path, on: disk))
            // Damage in the log is told of by the check of its segment.
            while let step = try walk.next() {
                guard case .batch(_, let position, let batch?) = step else { continue }
                let records =
                    (try? batch.records(decompressor: decompressor)) ?? []  // likewise
                for record in records { take(record, path, position) }
            }
        } catch {
            findings.append(Finding(.damage, path, .wholeFile, "cannot be read: \(error)"))
        }
    }

    private mutating func take(_ record: Record, _ path: String, _ position: Int) {
        do throws(RecordFormatError) {
            apply(try MetadataRecord(decoding: record.value ?? []), path, .byte(position))
        } catch {
            findings.append(
                Finding(
                    .damage, path, .byte(position),
                    "the metadata at offset \(record.offset): \(error.reason)"))
        }
    }

    private mutating func apply(
        _ record: MetadataRecord, _ path: String, _ place: Finding.Place
    ) {
        do throws(InconsistentRecord) {
            try cluster?.apply(record)
        } catch {
            findings.append(
                Finding(.damage, path, place, "\(record.words): \(error)"))
        }
    }
}
