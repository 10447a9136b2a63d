/// What compaction may take from a log, and what it must leave.
extension ModelLog {
    /// Whether records may be missing: then they are compared one by one.
    var isCompacted: Bool { compactedEnd > 0 }

    /// A compaction begins of all that lies below `limit`.
    mutating func compact(below limit: Int64) {
        compactedEnd = max(compactedEnd, limit)
        var newest: Set<String> = []
        for batch in batches.reversed() where batch.base < limit {
            for record in batch.records.reversed() {
                let offset = batch.base + record.delta
                // Records without a key cannot be kept; tombstones go when their time has come.
                guard let key = record.key, record.value != nil, !newest.contains(key) else {
                    removable.insert(offset)
                    if let key = record.key { newest.insert(key) }
                    continue
                }
                newest.insert(key)
            }
        }
    }

    /// The record at an offset.
    func record(at offset: Int64) -> ModelBatch.Record? {
        guard let batch = batches.first(where: { offset < $0.next }), offset >= batch.base else {
            return nil
        }
        return batch.records[Int(offset - batch.base)]
    }
}
