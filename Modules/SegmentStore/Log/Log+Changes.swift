import Vocabulary

extension Log {
    /// To be called before anything of the log changes: its folder, its batches, its epochs.
    ///
    /// The first time since the manifest was made the log's name is made durable among those that
    /// changed, which waits for the device. After a crash the others are known to be as they were.
    func noteChange() throws(StoreError) {
        hasChanged = true
        guard !isChangeNoted, let changed = store.changedLogs else { return }
        try changed.note(topicPartition)
        isChangeNoted = true
    }
}
