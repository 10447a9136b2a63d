import Disk
import Records
import Vocabulary

/// Rebuilds what a log knows of its producers from the newest usable snapshot and the batches.
///
/// A snapshot keeps one batch per producer. So that all five are recognized when they are sent
/// again, the batches in front of it are read as well, by their headers: a producer found there is
/// known from them, the others from the snapshot. That is the last few MiB, or less where fewer
/// hold five batches of every producer that has any in those. Where a producer's last batch in front
/// of the snapshot was compacted away, because a later one was there that a power cut or a
/// truncation took since, the snapshot alone knows of it.
struct ProducerReplay {
    /// More than five batches of the largest usual size.
    static let tailByteCount = 8 << 20
    /// What is read first, and how much more is read each time that it was too little.
    private static let firstTailByteCount = 64 << 10
    private static let tailGrowth = 4

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
        let (start, inTail) = try tail(of: snapshot, covered: covered)
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

    /// What one tail holds of a producer.
    private struct Seen {
        var epoch: ProducerEpoch?
        /// Those of the newest epoch.
        var batchCount = 0
        /// Nothing in front of the tail counts any more.
        var isWhole = false

        mutating func take(_ header: BatchHeader) {
            guard let batch = ProducerBatch(header) else { return }
            if epoch != batch.epoch {
                // Its first one seen may follow others; a change of epochs follows none.
                isWhole = epoch != nil
                epoch = batch.epoch
                batchCount = 0
            }
            if batch.firstSequence == .zero { isWhole = true }
            batchCount += 1
            if batchCount >= ProducerState.windowSize { isWhole = true }
        }
    }

    /// Where to begin reading, and the producers that have batches from there to the snapshot.
    private func tail(
        of snapshot: ProducerSnapshot, covered: Offset
    ) throws(StoreError) -> (Start, Set<ProducerID>) {
        guard !snapshot.entries.isEmpty else {
            return (try replayStart(covered: covered, tailByteCount: nil), [])
        }
        let farthest = try replayStart(covered: covered, tailByteCount: Self.tailByteCount)
        var byteCount = Self.firstTailByteCount
        while true {
            let isLast = byteCount >= Self.tailByteCount
            let start =
                isLast ? farthest : try replayStart(covered: covered, tailByteCount: byteCount)
            var seen: [ProducerID: Seen] = [:]
            try forEachBatch(from: start, upTo: covered) { header, _, _ in
                if let id = header.producerID { seen[id, default: Seen()].take(header) }
            }
            let isEnough =
                isLast || start.offset <= farthest.offset
                || snapshot.entries.allSatisfy { entry in
                    guard let last = entry.lastBatch?.lastOffset, last >= farthest.offset else {
                        return true
                    }
                    return seen[entry.producerID]?.isWhole ?? false
                }
            if isEnough { return (start, Set(seen.keys)) }
            byteCount *= Self.tailGrowth
        }
    }

    private struct Start {
        var segment: Int
        var position: Int
        var offset: Offset
    }

    /// A batch so many bytes before `covered`, or the first one behind it if no tail is wanted.
    private func replayStart(
        covered: Offset, tailByteCount: Int?
    ) throws(StoreError) -> Start {
        var index = segments.lastIndex { $0.baseOffset <= covered } ?? 0
        var start = Start(segment: index, position: 0, offset: segments[index].baseOffset)
        _ = try segments[index].opened()
        if let entry = segments[index].indexes?.offsets.floor(of: covered) {
            start.position = entry.position
        }
        guard let tailByteCount else { return start }
        var left = tailByteCount
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
