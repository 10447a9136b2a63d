import Disk
import SegmentStore
import Vocabulary

/// Keeping the log small.
///
/// 1. The state is written as a snapshot that names a new generation. From the moment its rename
///    is durable the old log is obsolete.
/// 2. The old log is deleted.
/// 3. A log of the new generation is created.
///
/// A crash between two steps is finished by the next start (see `open`). Rejected: compaction,
/// because the record of a topic's deletion would have to stay for ever.
extension EmbeddedMetadataStore {
    /// Folds the log. Nothing may be in flight.
    func fold() {
        let generation = TopicID.random()
        let snapshot = MetadataSnapshot(generation: generation, records: state.records)
        do throws(DiskError) {
            try store.disk.replaceFile(
                "\(dataFolder)/\(MetadataSnapshot.name)", with: snapshot.encoded)
        } catch {
            // As long as only the temporary file is touched, the log goes on as it is. Later the
            // new snapshot may come to light at any restart, without the records that follow.
            if error.path.hasSuffix(".tmp") {
                foldBytes = logBytes + settings.foldBytes
            } else {
                fail("\(error)")
            }
            return
        }
        do throws(StoreError) {
            try store.deleteLog(log)
            log = try store.createLog(
                folder: "\(dataFolder)/\(MetadataTopic.folderName)", topicID: generation,
                settings: log.settings, leaderEpoch: .zero, now: now)
        } catch {
            fail("\(error)")
            return
        }
        logBytes = 0
        foldBytes = settings.foldBytes
        watchLog()
    }
}
