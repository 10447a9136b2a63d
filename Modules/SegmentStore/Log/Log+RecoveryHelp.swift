import Disk
import Vocabulary

/// What the start after a crash would have to find out by reading, written while the log grows.
///
/// None of it is synced: it helps after the end of the process, and a power cut leaves what is
/// recognised as unusable. Without it more is read.
extension Log {
    /// Of more producers no snapshot is taken between rolls: it would hold up the loop.
    private static let mostProducers = 1_000

    /// The recovery point has moved far: writes the index entries below it, and takes a snapshot of
    /// the producers, to be written when everything that they sent is durable.
    func saveRecoveryHelp() {
        try? active.saveIndexes(below: recoveryPoint)  // see above
        if producers.count <= Self.mostProducers {
            awaitedSnapshot = (logEnd, producers.snapshot)
        }
    }

    /// Writes the snapshot that was taken, once it can no longer be wrong: the records below are
    /// durable and stay.
    func saveSnapshot() {
        guard let (end, snapshot) = awaitedSnapshot, end <= recoveryPoint else { return }
        awaitedSnapshot = nil
        guard savedSnapshot != end else { return }
        let disk = store.disk
        do throws(DiskError) {
            let path = "\(folder)/\(ProducerSnapshot.name(at: end))"
            // A snapshot that is cut short is recognised.
            try disk.withFile(path, .createNew) { file throws(DiskError) in
                try disk.write(file, at: .zero, [OwnedBytes(snapshot.encoded)])
            }
            // That of a roll stays with its segment.
            if let old = savedSnapshot, !segments.contains(where: { $0.baseOffset == old }) {
                _ = try disk.perform(
                    .removeFile(path: "\(folder)/\(ProducerSnapshot.name(at: old))"))
            }
        } catch {
            // There is one already, or there is no space: both are right without.
        }
        savedSnapshot = end
    }
}
