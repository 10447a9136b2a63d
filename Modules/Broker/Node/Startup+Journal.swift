import SegmentStore

/// The journals, from the moment on that every log was opened with what earlier ones held.
extension Startup {
    func startJournals(on shards: [ShardHandle]) async {
        guard configuration.journalBytes > 0 else { return }
        for shard in shards {
            let settings = journalSettings(of: shard.index, shards: shards.count)
            _ = await shard.visit { $0.store.startJournal(settings) }
        }
    }

    private func journalSettings(of shard: Int, shards: Int) -> JournalSettings {
        var settings = JournalSettings(folder: path, shard: shard)
        // On a small file system the records' own space counts more.
        let bytes = min(Int(configuration.journalBytes), fileSystemBytes / 16)
        let share = bytes / shards / settings.fileCount
        settings.fileBytes = max(256 << 10, share / 4_096 * 4_096)
        return settings
    }
}
