import Disk
import Records
import Vocabulary

/// The index files of the active segment, which are written while it grows, so that a crash does
/// not make the next start read the headers of all of it.
extension Segment {
    /// How many entries of the files are known to be those of the indexes.
    struct SavedEntries: Equatable {
        var offsets = 0
        var times = 0
    }

    /// Writes the entries that the files lack, of batches below `end`, which are durable. Not
    /// synced: what a power cut leaves of it is checked before it is used.
    func saveIndexes(below end: Offset) throws(StoreError) {
        guard let indexes else { return }
        let offsets = indexes.offsets.count(below: end)
        guard offsets > saved.offsets else { return }
        let times = indexes.times.count(upTo: indexes.offsets[offsets - 1].lastOffset)
        try save(
            indexes.offsets.encoded(saved.offsets..<offsets),
            behind: saved.offsets * OffsetIndex.entryByteCount, of: .index)
        try save(
            indexes.times.encoded(min(saved.times, times)..<times),
            behind: min(saved.times, times) * TimeIndex.entryByteCount, of: .timeindex)
        saved = SavedEntries(offsets: offsets, times: times)
    }

    func save(
        _ bytes: [UInt8], behind position: Int, of kind: SegmentName.Kind
    ) throws(StoreError) {
        let disk = store.disk
        let path = path(kind)
        try onDisk { () throws(DiskError) in
            try disk.withFile(path, .readWriteOrCreate) { file throws(DiskError) in
                let end = FilePosition(Int64(position))
                if !bytes.isEmpty { try disk.write(file, at: end, [OwnedBytes(bytes)]) }
                _ = try disk.perform(.truncate(file, to: end + bytes.count))
            }
        }
    }

    /// Takes entries from the files, durably, that are not those of the indexes: of batches that a
    /// crash took, which a roll had entered before they were durable.
    ///
    /// They must go before other batches take the place of these: once the recovery point is behind
    /// those, one of the files with entries of the old batches and the other with entries of the
    /// new ones could look right.
    func dropStaleEntries() throws(StoreError) {
        guard var due = indexes else { return }
        due.finish()
        if let read = try readIndexes(), due.offsets.encoded.starts(with: read.offsets.encoded),
            due.times.encoded.starts(with: read.times.encoded)
        {
            return
        }
        try cutIndexFile(.index, to: saved.offsets * OffsetIndex.entryByteCount)
        try cutIndexFile(.timeindex, to: saved.times * TimeIndex.entryByteCount)
    }

    private func cutIndexFile(_ kind: SegmentName.Kind, to byteCount: Int) throws(StoreError) {
        let disk = store.disk
        let path = path(kind)
        try onDisk { () throws(DiskError) in
            let file = try disk.open(path, .readWriteOrCreate)
            do throws(DiskError) {
                _ = try disk.perform(.truncate(file, to: FilePosition(Int64(byteCount))))
                _ = try disk.perform(.sync(file, .dataAndMetadata))
            } catch {
                _ = try? disk.close(file)  // the first failure is the one to report
                throw error
            }
            try disk.close(file)
        }
    }

    /// Where reading may begin after a crash: at the last batch below `end` that has an index
    /// entry, with the indexes up to there. `nil` where the files cannot be believed.
    ///
    /// Everything below `end` was durable once, and an entry is written only when its batch is. But
    /// a power cut may take the end of one file and leave the other: that the time index has all
    /// that is due up to a batch shows only in an entry that it has behind it.
    func knownBeginning(
        below end: Offset
    ) throws(StoreError) -> (indexes: SegmentIndexes, position: Int, offset: Offset)? {
        guard let read = try readIndexes(), let proof = read.times.last,
            let known = read.prefix(below: min(end, proof.offset)), let last = known.offsets.last
        else { return nil }
        var walk = HeaderWalk(
            disk: store.disk, file: try opened(), end: byteCount, buffer: store.probeBuffer)
        guard case .batch(let header) = try walk.look(at: last.position),
            header.lastOffset == last.lastOffset, isPlausible(header),
            header.maxTimestamp <= known.largest?.timestamp ?? Timestamp(-1)
        else { return nil }
        return (known, last.position, header.baseOffset)
    }
}
