import Disk
import Records
import Vocabulary

/// Rebuilds what a log knows of its producers from the newest usable snapshot and the batches.
///
/// A snapshot keeps one batch per producer. So that all five are recognized when they are sent
/// again, the batches of the last few MiB are read as well, by their headers: a producer found
/// there is known from them, the others from the snapshot. Where a producer's last batch in front
/// of the snapshot was compacted away, because a later one was there that a power cut or a
/// truncation took since, the snapshot alone knows of it.
struct ProducerReplay {
    /// More than five batches of the largest usual size.
    static let tailByteCount = 8 << 20

    let store: Store
    let folder: String
    let segments: [Segment]
    let interval: Int
    let now: Timestamp
    private(set) var notices: [String] = []
    private let buffer = DiskBuffer(count: 64 << 10)

    init(
        store: Store, folder: String, segments: [Segment], interval: Int, now: Timestamp
    ) {
        self.store = store
        self.folder = folder
        self.segments = segments
        self.interval = interval
        self.now = now
    }

    /// - Parameter snapshots: the offsets of those at hand, ascending, none above `end`.
    mutating func run(
        upTo end: Offset, snapshots: [Offset]
    ) throws(StoreError) -> ProducerStates {
        let (snapshot, covered) = try newest(of: snapshots)
        if covered == end, snapshot.entries.isEmpty { return ProducerStates() }
        let start = try replayStart(covered: covered, readsTail: !snapshot.entries.isEmpty)
        var inTail: Set<ProducerID> = []
        try forEachBatch(from: start, upTo: covered) { header, _, _ in
            if let id = header.producerID { inTail.insert(id) }
        }
        var seed = snapshot
        for index in seed.entries.indices where inTail.contains(seed.entries[index].producerID) {
            // The tail tells its epoch and batches again. A transaction that is still open
            // may have begun before it.
            seed.entries[index].epoch = nil
            seed.entries[index].lastBatch = nil
            if let begun = seed.entries[index].ongoingTransactionStart, begun >= start.offset {
                seed.entries[index].ongoingTransactionStart = nil
            }
        }
        var states = ProducerStates(seed, now: now)
        let store = store
        let now = now
        var failure: StoreError?
        var isBelowSnapshot = true
        try forEachBatch(from: start, upTo: end) { header, segment, position in
            if isBelowSnapshot, header.baseOffset >= covered {
                isBelowSnapshot = false
                states.catchUp(with: snapshot, now: now)
            }
            if let batch = ProducerBatch(header) {
                states.apply(
                    batch, baseOffset: header.baseOffset, lastOffset: header.lastOffset, now: now)
            } else if header.attributes.isControl {
                do throws(StoreError) {
                    try Self.applyMarker(
                        header, in: segment, at: position, to: &states, store: store, now: now)
                } catch {
                    failure = error
                }
            }
            states.settle(upTo: header.nextOffset)
        }
        if let failure { throw failure }
        if isBelowSnapshot { states.catchUp(with: snapshot, now: now) }
        return states
    }

    /// The newest snapshot that can be read, with the offset it covers; the log's first offset
    /// without one.
    private mutating func newest(
        of offsets: [Offset]
    ) throws(StoreError) -> (ProducerSnapshot, Offset) {
        for offset in offsets.reversed() {
            do throws(SideFileError) {
                if let read = try ProducerSnapshot.read(
                    at: offset, on: store.disk, folder: folder)
                {
                    return (read, max(offset, segments[0].baseOffset))
                }
            } catch {
                if case .disk(let cause) = error { throw StoreError(cause) }
                notices.append("\(error); an older one was used")
            }
        }
        return (ProducerSnapshot(entries: []), segments[0].baseOffset)
    }

    private struct Start {
        var segment: Int
        var position: Int
        var offset: Offset
    }

    /// A batch some MiB before `covered`, or the first one behind it if no tail is wanted.
    private func replayStart(covered: Offset, readsTail: Bool) throws(StoreError) -> Start {
        var index = segments.lastIndex { $0.baseOffset <= covered } ?? 0
        var start = Start(segment: index, position: 0, offset: segments[index].baseOffset)
        _ = try segments[index].opened()
        if let entry = segments[index].indexes?.offsets.floor(of: covered) {
            start.position = entry.position
        }
        guard readsTail else { return start }
        var left = Self.tailByteCount
        while true {
            let segment = segments[index]
            _ = try segment.opened()
            let from = start.segment == index ? start.position : segment.byteCount
            start = Start(segment: index, position: 0, offset: segment.baseOffset)
            if from > left {
                let indexes = try segment.loadedIndexes(interval: interval)
                if let entry = indexes.offsets.floor(position: from - left) {
                    start.position = entry.position
                    start.offset = entry.lastOffset
                }
                return start
            }
            left -= from
            guard index > 0 else { return start }
            index -= 1
        }
    }

    private func forEachBatch(
        from start: Start, upTo end: Offset, _ body: (BatchHeader, Segment, Int) -> Void
    ) throws(StoreError) {
        var position = start.position
        for segment in segments[start.segment...] {
            guard segment.baseOffset < end else { return }
            let file = try segment.opened()
            var walk = HeaderWalk(
                disk: store.disk, file: file, end: segment.byteCount, buffer: buffer)
            loop: while true {
                switch try walk.look(at: position) {
                case .batch(let header):
                    guard header.baseOffset < end else { return }
                    body(header, segment, position)
                    position += header.byteCount
                case .end:
                    break loop
                case .cutShort, .invalid:
                    throw segment.damage(position, "there is no batch")
                }
            }
            position = 0
        }
    }

    /// Applies a transaction marker, the one record of a control batch.
    private static func applyMarker(
        _ header: BatchHeader, in segment: Segment, at position: Int,
        to states: inout ProducerStates, store: Store, now: Timestamp
    ) throws(StoreError) {
        guard let producerID = header.producerID, let epoch = header.producerEpoch else { return }
        let buffer = DiskBuffer(count: header.byteCount)
        let file = try segment.opened()
        let count = try onDisk { () throws(DiskError) in
            try store.disk.read(file.id, at: FilePosition(Int64(position)), into: buffer)
        }
        guard count == header.byteCount else {
            throw segment.damage(position, "the file ends within the batch")
        }
        var coordinatorEpoch: Int32?
        do throws(RecordError) {
            try BatchView(reading: buffer.bytes).forEachRecord(
                decompressor: store.decompressor, limit: store.settings.decompressedBatchLimit
            ) { record in
                if case .endTransaction(_, let found)? = ControlRecord(record) {
                    coordinatorEpoch = found
                }
                return coordinatorEpoch == nil
            }
        } catch {
            throw segment.damage(position, "\(error)")
        }
        guard let coordinatorEpoch else { return }
        states.applyMarker(
            producerID: producerID, epoch: epoch, coordinatorEpoch: coordinatorEpoch,
            offset: header.baseOffset, timestamp: header.maxTimestamp, now: now)
    }
}
