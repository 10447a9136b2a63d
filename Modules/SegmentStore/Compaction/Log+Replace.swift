import Disk
import Vocabulary

/// Putting compacted segments in place of those they were made from.
extension Log {
    /// Puts a compacted group in the place of its segments, durably. Waits for the device: three
    /// syncs of the folder.
    ///
    /// Each step is durable before the next, so that opening after a crash finds the old segments
    /// whole or the new one: `.cleaned` → `.swap`, the old files → `.deleted`, `.swap` → the
    /// final names. The old files go in the background. Regions still being sent keep theirs
    /// readable; later reads find the new segment.
    ///
    /// - Returns: `false` if the group's segments are no longer those it was made from: nothing
    ///   was changed, and its run is to be cancelled.
    /// - Throws: `disk`, `outOfSpace`: nothing was changed; `failed` if the folder was left between
    ///   two steps: the log takes nothing more, and opening it again finishes them.
    public func replace(_ group: CompactedGroup) throws(StoreError) -> Bool {
        if removal != nil { store.settle(self) }
        if let failure { throw failure }
        guard !isClosed, compaction.currentPlan == group.plan,
            let range = range(of: group.sources)
        else { return false }
        try noteChange()
        let base = group.sources[0].base
        try removeStaleSwaps(of: base)
        try rename(group.kinds, of: base, from: .cleaned, to: .swap)
        var doomed: [String] = []
        do throws(StoreError) {
            try syncFolder()
            doomed = try setAside(range)
            try syncFolder()
            try rename(group.kinds, of: base, from: .swap, to: nil)
            try syncFolder()
        } catch {
            if case .disk(let cause) = error { throw fail(cause) }
            throw fail(DiskError(operation: "rename", path: folder, code: DiskError.noSpace))
        }
        take(group, for: range)
        for path in doomed { store.submit(.removeFile(path: path), as: .sweepUp) }
        store.flushSubmissions()
        return true
    }

    /// Where a group's segments stand, if all are there as they were.
    private func range(of sources: [CompactionPlan.Source]) -> Range<Int>? {
        guard let first = segments.firstIndex(where: { $0.number == sources[0].number }),
            first + sources.count < segments.count
        else { return nil }
        let range = first..<first + sources.count
        for (segment, source) in zip(segments[range], sources) {
            guard segment.number == source.number, segment.end == source.end else { return nil }
        }
        return range
    }

    /// Removes, durably, what an attempt left whose renames failed: finishing this one after a
    /// crash would put a file of it beside the new `.log`.
    private func removeStaleSwaps(of base: Offset) throws(StoreError) {
        var isChanged = false
        for kind in SegmentName.Kind.ofBatches {
            let name = "\(SegmentName.of(base, kind)).\(SegmentName.Stage.swap.rawValue)"
            let wasThere = try onDisk { () throws(DiskError) in
                try store.disk.removeFileIfPresent("\(folder)/\(name)")
            }
            isChanged = isChanged || wasThere
        }
        if isChanged { try syncFolder() }
    }

    /// The `.log` file comes last: without it the others mean nothing.
    private func rename(
        _ kinds: [SegmentName.Kind], of base: Offset, from old: SegmentName.Stage,
        to new: SegmentName.Stage?
    ) throws(StoreError) {
        for kind in kinds {
            let path = "\(folder)/\(SegmentName.of(base, kind))"
            let target = new.map { "\(path).\($0.rawValue)" } ?? path
            try onDisk { () throws(DiskError) in
                _ = try store.disk.perform(.rename(from: "\(path).\(old.rawValue)", to: target))
            }
        }
    }

    /// Renames the files of old segments to `.deleted`; returns their paths. The snapshot of the
    /// first one's base stays with the new segment.
    private func setAside(_ range: Range<Int>) throws(StoreError) -> [String] {
        var doomed: [String] = []
        for index in range {
            for kind in SegmentName.Kind.allCases
            where kind != .snapshot || index > range.lowerBound {
                let path = segments[index].path(kind)
                let target = SegmentName.deleted(path)
                do throws(DiskError) {
                    _ = try store.disk.perform(.rename(from: path, to: target))
                    doomed.append(target)
                } catch {
                    if !error.isMissing { throw StoreError(error) }
                }
            }
        }
        return doomed
    }

    private func syncFolder() throws(StoreError) {
        try onDisk { () throws(DiskError) in
            _ = try store.disk.perform(.syncFolder(path: folder))
        }
    }

    private func take(_ group: CompactedGroup, for range: Range<Int>) {
        let first = segments[range.lowerBound]
        let new = Segment(baseOffset: first.baseOffset, folder: folder, store: store)
        new.created = first.created
        new.end = segments[range.upperBound - 1].end
        new.byteCount = group.byteCount
        new.isSized = true
        for old in segments[range] { store.forget(old) }
        segments.replaceSubrange(range, with: [new])
    }
}
