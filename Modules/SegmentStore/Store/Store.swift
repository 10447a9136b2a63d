import Compression
import Disk
import Records
import Vocabulary

/// All logs of one thread, on one disk.
///
/// The store seldom waits for the device on behalf of an append (`Log.append` says when): appends
/// of a tick are written at once or queued, `commit` at the tick's end starts what makes them
/// durable, `drain` takes in what was completed. Every call comes from the thread that owns it; its
/// disk is used by nobody else.
///
/// ```
/// let store = Store(disk: disk, settings: StoreSettings())
/// store.onFirstAppend = { loop.execute { store.commit() } }
/// // when disk.completionDescriptor is readable:
/// store.drain()
/// ```
public final class Store {
    /// This store's alone: nobody else submits to it or drains it.
    public let disk: any Disk
    /// As they were given; they do not change.
    public let settings: StoreSettings

    /// Called once when a tick gathers its first work; the host then arranges for `commit()`.
    public var onFirstAppend: (() -> Void)?
    /// Called from `commit` and `drain` when a log's recovery point moved far enough that the
    /// checkpoint should be written again: at every roll and `recoveryPointBytes`.
    public var onRecoveryPoint: ((Log) -> Void)?

    /// Called when old segments could not be looked at or deleted, once for each try: the log goes
    /// on, its old records stay until the next check.
    public var onRetentionFailure: ((Log, StoreError) -> Void)?

    /// Where logs are named before their first change; `nil` where nobody keeps a manifest.
    public var changedLogs: ChangedLogs?

    /// Bytes of appends that wait in the disk's queue, pinned until they are written.
    public private(set) var bytesInFlight = 0

    /// Where small appends become durable first; see `startJournal`.
    var journal: Journal?
    let closer = FileCloser()
    let reader: RegionReader
    var operations = OperationsInFlight()
    var budget: PageBudget
    /// Written, but write-back was not yet started or has not been acknowledged.
    var dirtyBytes = 0
    var touched: [Log] = []
    /// Empty, for `commit` to gather in.
    var spareTouched: [Log] = []
    var logs: [Log] = []
    var retention = RetentionSweep()
    /// The folders whose entries were made durable after a crash.
    var syncedFolders: Set<String> = []
    /// Gathered for the end of the tick.
    var submissions: [Submission] = []

    var openSegments = OpenSegments()
    /// The logs that changed since the last `tick`: what they wait for is not known yet.
    private var awake: [Log] = []
    var due = DueLogs()
    var sweep = IndexSweep()

    private var segmentNumber: UInt64 = 0
    private(set) var isSpaceShort = false
    private var bytesUntilSpaceCheck = 0
    private var spaceCheckedAt: Timestamp?

    /// For a few headers at a time.
    let probeBuffer = DiskBuffer(count: 8 << 10)
    /// For the entries of an index file among which one is looked for.
    let indexBuffer = DiskBuffer(count: 4 << 10)
    /// Whether look-ups wait for the device.
    var mayWait = true
    /// Who waits for bytes that have been read in.
    var arrivedReads: [() -> Void] = []
    private var lentScanBuffer: DiskBuffer?
    private var lentDecompressor: Decompressor?

    /// The 16 leading bytes of a batch that is written on the spot.
    let leading = LeadingBytes()
    /// What is written on the spot, while it is: empty otherwise, its memory reused.
    var pieces: [OwnedBytes] = []

    /// A store without logs: `createLog` and `openLog` add them. Touches no file.
    public init(disk: any Disk, settings: StoreSettings = StoreSettings()) {
        self.disk = disk
        self.settings = settings
        reader = RegionReader(disk: disk)
        budget = PageBudget(limit: settings.pageCacheBudget, pieceBytes: settings.writeBehindBytes)
    }

    /// For whole segments; given back after opening.
    var scanBuffer: DiskBuffer {
        if let lentScanBuffer { return lentScanBuffer }
        let buffer = DiskBuffer(count: 1 << 20)
        lentScanBuffer = buffer
        return buffer
    }

    var decompressor: Decompressor {
        if let lentDecompressor { return lentDecompressor }
        let made = Decompressor(keptBytes: 1 << 20)
        lentDecompressor = made
        return made
    }

    func giveBackScanBuffer() { lentScanBuffer = nil }

    /// A number that no other segment of this store has had.
    func nextSegmentNumber() -> UInt64 {
        segmentNumber += 1
        return segmentNumber
    }

    // MARK: - The tick

    /// Notes that `log` has something for the end of the tick.
    func touch(_ log: Log) {
        wake(log)
        guard !log.isTouched else { return }
        log.isTouched = true
        touched.append(log)
        if touched.count == 1 { onFirstAppend?() }
    }

    /// Notes that the next `tick` asks `log` what it waits for.
    func wake(_ log: Log) {
        guard !log.isAwake else { return }
        log.isAwake = true
        awake.append(log)
    }

    /// Hands over the logs to ask, each once.
    func takeAwake() -> [Log] {
        defer { awake.removeAll(keepingCapacity: true) }
        for log in awake { log.isAwake = false }
        return awake
    }

    /// Forgets the logs that were closed: nothing is to be done for them any more.
    func forgetClosed() {
        awake.removeAll(where: \.isClosed)
        touched.removeAll(where: \.isClosed)
    }

    func submit(_ operation: Operation, as pending: OperationsInFlight.Pending) {
        submissions.append(
            Submission(ticket: operations.begin(pending), operation: operation))
    }

    /// Counts bytes of appends that wait until the disk has written them.
    func pinned(_ byteCount: Int) { bytesInFlight += byteCount }

    func landed(_ byteCount: Int) { bytesInFlight -= byteCount }

    /// Starts what was gathered.
    func flushSubmissions() {
        closeReleased()
        guard !submissions.isEmpty else { return }
        disk.submit(submissions)
        submissions.removeAll(keepingCapacity: true)
    }

    /// Closes the files that nothing uses any more.
    func closeReleased() {
        for file in closer.takeAll() {
            // The file was read or written to the end already: closing has nothing to tell.
            _ = try? disk.close(file)
        }
    }

    // MARK: - Space

    /// Refuses an append where the file system has less free than what is reserved.
    func admit(_ byteCount: Int, to log: Log, now: Timestamp) throws(StoreError) {
        bytesUntilSpaceCheck -= byteCount
        let isDue = isSpaceShort ? spaceCheckedAt != now : bytesUntilSpaceCheck < 0
        if isDue { try checkSpace(at: log.folder, now: now) }
        if isSpaceShort { throw .outOfSpace(path: log.folder) }
    }

    /// Looks up the free space; while it is short, once for each new `now`.
    func checkSpace(at folder: String, now: Timestamp) throws(StoreError) {
        let free = try onDisk { () throws(DiskError) in try disk.freeSpace(at: folder) }
        spaceCheckedAt = now
        isSpaceShort = free < settings.reservedBytes
        // What is left above the reserve may be used up before the next look.
        bytesUntilSpaceCheck = min(settings.spaceCheckBytes, free - settings.reservedBytes)
    }
}

/// The memory for the leading bytes of one batch, reused for every write done on the spot.
final class LeadingBytes {
    private let base = UnsafeMutableRawPointer.allocate(
        byteCount: BatchHeader.brokerByteCount, alignment: 8)

    deinit { base.deallocate() }

    func fill(from header: BatchHeader) {
        header.writeBrokerBytes(
            to: UnsafeMutableRawBufferPointer(start: base, count: BatchHeader.brokerByteCount))
    }

    var owned: OwnedBytes {
        OwnedBytes(
            base: UnsafeRawPointer(base), count: BatchHeader.brokerByteCount, owner: self)
    }
}
