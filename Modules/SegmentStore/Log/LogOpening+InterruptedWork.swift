import Disk
import Records
import Vocabulary

/// What a compaction or a deletion left that was cut short.
extension LogOpening {
    /// Removes what was being removed or written, and finishes a compaction that had got as far
    /// as its `.swap` files: these replace the segments whose offsets they cover.
    ///
    /// - Throws: `corrupt` where a `.swap` file is not sound and what it was to replace was set
    ///   aside already: nothing was changed then.
    mutating func finishInterruptedWork(_ contents: FolderContents) throws(StoreError) {
        var ends: [Offset: Offset] = [:]
        for base in contents.swaps { ends[base] = try swapEnd(base) }
        let unsound = contents.swaps.first { ends[$0] == nil }
        if let unsound { try ensureNothingIsMissing(from: unsound, in: contents) }
        // The process may have ended before the last renaming was synced: a power cut must not take
        // that back and keep what is removed here.
        _ = try onDisk { () throws(DiskError) in try disk.perform(.syncFolder(path: folder)) }
        for name in contents.leftovers {
            // They may be all that is left of some records.
            if unsound != nil, SegmentName.parse(name)?.stage == .deleted { continue }
            try remove(name)
        }
        for base in contents.swaps {
            guard let end = ends[base] else {
                notices.append(
                    """
                    \(folder)/\(SegmentName.of(base, .log)).swap is not a sound segment and was \
                    left alone; the segments it should replace are used
                    """)
                continue
            }
            for old in contents.segments where old >= base && old < end {
                for kind in SegmentName.Kind.ofBatches {
                    try remove(SegmentName.of(old, kind))
                }
            }
            // Durably: an old segment that came back would lie amid the new one.
            _ = try onDisk { () throws(DiskError) in
                try disk.perform(.syncFolder(path: folder))
            }
            for kind in [SegmentName.Kind.index, .timeindex, .txnindex, .log] {
                let name = SegmentName.of(base, kind)
                do throws(DiskError) {
                    _ = try disk.perform(
                        .rename(from: "\(folder)/\(name).swap", to: "\(folder)/\(name)"))
                } catch {
                    if !error.isMissing { throw StoreError(error) }
                }
            }
            notices.append("\(folder): finished the compaction that had begun at offset \(base)")
        }
        _ = try onDisk { () throws(DiskError) in try disk.perform(.syncFolder(path: folder)) }
    }

    /// Refuses a log of which segments were set aside for a new one that cannot be used.
    private func ensureNothingIsMissing(
        from base: Offset, in contents: FolderContents
    ) throws(StoreError) {
        let missing = contents.leftovers.first { name in
            guard let parts = SegmentName.parse(name), parts.stage == .deleted, parts.kind == .log
            else { return false }
            return parts.base >= base && !contents.segments.contains(parts.base)
        }
        guard let missing else { return }
        throw .corrupt(
            CorruptLog(
                path: "\(folder)/\(SegmentName.of(base, .log)).swap", position: .zero,
                reason: """
                    it holds other bytes than compaction wrote, and the segments it replaces were \
                    set aside; remove it and take the ending .deleted off \(missing) and the \
                    others like it to have them back
                    """))
    }

    /// The offset behind the last batch of a `.swap` segment; `nil` unless all of the file is sound
    /// batches in their order.
    private func swapEnd(_ base: Offset) throws(StoreError) -> Offset? {
        let path = "\(folder)/\(SegmentName.of(base, .log)).swap"
        let (id, size) = try onDisk { () throws(DiskError) in
            try disk.openWithSize(path, .readOnly)
        }
        let file = SegmentFile(id: id, path: path, descriptor: nil, closer: store.closer)
        var walk = HeaderWalk(disk: disk, file: file, end: size, buffer: store.scanBuffer)
        var position = 0
        var next = base
        while position < size {
            guard case .batch(let header) = try walk.look(at: position), header.baseOffset >= next
            else { return nil }
            let end = position + header.byteCount
            let found = try walk.checksum(from: position + BatchHeader.checksumStart, to: end)
            guard found == header.crc else { return nil }
            position = end
            next = header.nextOffset
        }
        return max(next, base + 1)
    }
}
