import Disk
import LinuxDisk
import NIOCore
import NIOPosix
import SegmentStore

/// Reads regions that are not in memory off the loop, before sendfile(2) would make the loop wait
/// for the device; at a pace, in turn for each connection, and lets them go again later.
///
/// One piece is on its way to the device at a time: what an append's sync then waits behind is one
/// piece. A piece is paid for when it is read and never held: how slowly its client takes
/// the answer is nobody else's concern. Belongs to one loop.
final class ColdReads {
    /// What one answer brings of cold records: enough that the way to the client and back hardly
    /// counts, and little enough that the client need not wait long for it.
    static let answerBytes = 4 << 20
    /// Measured: smaller costs processor time, larger makes syncs wait.
    private static let pieceBytes = 256 << 10
    /// After this time without a read everything that was brought in is let go.
    private static let idleTime = TimeAmount.seconds(1)

    private struct Target {
        let region: SendRegion
        let reader: ExactReader
    }

    private struct Waiting {
        /// By the number of their range.
        let targets: [Target]
        let then: () -> Void
    }

    private let eventLoop: any EventLoop
    private let pace: SharedReadPace
    private var queue = ColdReadQueue(pieceBytes: pieceBytes)
    private var waiting: [ColdReadQueue.Job: Waiting] = [:]
    private var footprint: ColdFootprint<FilePages>
    /// Where bytes go that are read for the sake of the page cache only: one piece at a time is
    /// read into it (`isBusy`), and nobody looks at it.
    private let scratch = DiskBuffer(count: pieceBytes + 8_192)
    /// A piece is being read, or its time has not come.
    private var isBusy = false
    private var lastRead = NIODeadline.uptimeNanoseconds(0)

    /// - Parameter footprintBytes: how much of what was read in stays in memory.
    init(eventLoop: any EventLoop, pace: SharedReadPace, footprintBytes: Int) {
        self.eventLoop = eventLoop
        self.pace = pace
        footprint = ColdFootprint(limit: footprintBytes)
    }

    /// Reads the regions in, then runs `then` on the loop; never, if `forget` comes first.
    ///
    /// Regions that cannot be read are reported to nobody: that shows when they are sent.
    func read(_ regions: [SendRegion], for connection: UInt64, then: @escaping () -> Void) {
        let targets = regions.compactMap { region in
            ExactReader(of: region.descriptor).map { Target(region: region, reader: $0) }
        }
        // Without another descriptor the regions are sent cold: slower, and as right.
        guard !targets.isEmpty else { return then() }
        let job = queue.add(
            targets.map { Int($0.region.position)..<Int($0.region.position) + $0.region.count },
            for: connection)
        waiting[job] = Waiting(targets: targets, then: then)
        advance()
    }

    /// The connection is gone: what it waited for is read no further.
    func forget(_ connection: UInt64) {
        for job in queue.remove(reader: connection) { waiting[job] = nil }
    }

    /// Lets go of what nobody reads any more.
    func tick(now: NIODeadline) {
        guard !isBusy, footprint.byteCount > 0, now - lastRead >= Self.idleTime else { return }
        let excess = footprint.takeExcess(all: true)
        guard !excess.isEmpty else { return }
        isBusy = true
        onThread({ Self.letGo(excess) }) { [self] _ in
            isBusy = false
            advance()
        }
    }

    /// Takes nothing more; who waits is not answered.
    func stop() {
        queue = ColdReadQueue(pieceBytes: Self.pieceBytes)
        waiting = [:]
    }

    // MARK: One piece after the other

    private func advance() {
        guard !isBusy, let piece = queue.next() else { return }
        isBusy = true
        let now = eventLoop.now
        let begin = pace.reserve(piece.range.count, now: now)
        if begin > now {
            eventLoop.assumeIsolated().scheduleTask(deadline: begin) { self.read(piece) }
        } else {
            read(piece)
        }
    }

    private func read(_ piece: ColdReadQueue.Piece) {
        // The client may have left before the piece's time came.
        guard let target = waiting[piece.job]?.targets[piece.rangeIndex] else {
            isBusy = false
            return advance()
        }
        let excess = footprint.takeExcess()
        onThread({ [scratch] in
            Self.letGo(excess)
            return target.reader.readIn(piece.range, through: scratch.memory)
        }) { [self] broughtIn in
            isBusy = false
            lastRead = eventLoop.now
            if let region = target.region.owner as? SegmentStore.FileRegion {
                for range in broughtIn ?? [] { footprint.add(region.pages(range)) }
            }
            let isDone = queue.finished(piece)
            // The device goes on while the loop answers.
            advance()
            if isDone { waiting.removeValue(forKey: piece.job)?.then() }
        }
    }

    private static func letGo(_ pages: [FilePages]) {
        for pages in pages {
            if let descriptor = pages.descriptor { PageCache.forget(pages.range, of: descriptor) }
        }
    }

    /// Runs `work` on a thread that may wait; `then` gets `nil` where there is none.
    private func onThread<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value, then: @escaping (Value?) -> Void
    ) {
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop, work)
            .assumeIsolated().whenComplete { then(try? $0.get()) }  // nil: the pool has ended
    }
}

extension FilePages: CachedPages {}
