import Disk
import Records
import Vocabulary

/// Makes many small appends durable with few writes: they gather, whichever log they belong to,
/// and go to a file of the journal at once, while their segments are synced later.
///
/// One write is gathered while others are on their way. Files are used in turn; before one is used
/// again, the logs that it covers are synced. Where there is no room, `take` says so and the
/// caller syncs its segment instead: the journal never grows.
final class Journal {
    unowned let store: Store
    let settings: JournalSettings
    /// Set for good by a write that failed: nothing can be acknowledged through it any more.
    private(set) var failure: DiskError?

    /// Full files, oldest first, and behind them the one that is written.
    private(set) var used: [JournalFile] = []
    private(set) var free: [JournalFile] = []
    var making: JournalFileMaking?
    /// A file could not be made; tried again at the store's next tick.
    var isMakingHeld = false
    var nextNumber = 0
    private var recycling = 0
    /// Something did not fit the file that is written, and there was no other.
    private var isExhausted = false
    private var lastGeneration: UInt64 = 0
    private var lastSequence: UInt64 = 0
    private var settled: UInt64 = 0
    private var gathering: JournalWrite
    private var inFlight: [JournalWrite] = []
    private var spareBuffers: [DiskBuffer] = []

    /// How many logs are asked at once to sync what a full file covers.
    private static let syncsAtOnce = 32
    private static let firstBufferBytes = 256 << 10

    init(store: Store, settings: JournalSettings) {
        precondition(
            settings.fileBytes % JournalFormat.blockByteCount == 0
                && settings.fileBytes >= 16 * JournalFormat.blockByteCount
                && settings.fileCount > 0 && settings.writesInFlight > 0,
            "a journal has a file of 16 blocks at least")
        self.store = store
        self.settings = settings
        gathering = JournalWrite(buffer: DiskBuffer(count: Self.firstBufferBytes))
    }

    var fileCount: Int { used.count + free.count + recycling + (making == nil ? 0 : 1) }

    /// Bytes that its files may take, and so the most that waits for a lazy sync.
    var byteLimit: Int { settings.fileBytes * settings.fileCount }

    // MARK: - Taking and writing

    /// Takes a batch that is in its segment's file already; `false` where it cannot.
    func take(_ header: BatchHeader, _ bytes: [OwnedBytes], of log: Log) -> Bool {
        guard failure == nil, header.byteCount <= settings.largestBatchBytes,
            let topicID = log.topicID
        else { return false }
        let needed = gathering.paddedByteCount(adding: header.byteCount)
        guard needed <= JournalFormat.writeByteLimit, hasRoom(for: needed) else { return false }
        gathering.add(header, bytes, of: log, topicID: topicID)
        return true
    }

    private func hasRoom(for byteCount: Int) -> Bool {
        if let current = used.last, byteCount <= current.room { return true }
        if let next = free.first, byteCount <= next.room { return true }
        isExhausted = true
        makeFileIfWanted()
        return false
    }

    /// Writes what has gathered, unless enough is on its way.
    func commit() {
        guard failure == nil, !gathering.isEmpty, inFlight.count < settings.writesInFlight
        else { return }
        let write = gathering
        gathering = JournalWrite(
            buffer: spareBuffers.popLast() ?? DiskBuffer(count: Self.firstBufferBytes))
        let file = file(for: JournalFormat.padded(write.byteCount))
        lastSequence += 1
        let bytes = write.seal(
            for: file, stamp: header(of: file).stamp, sequence: lastSequence, settled: settled)
        inFlight.append(write)
        store.submit(
            .writeDurably(file.id, at: file.take(write), bytes: [bytes]),
            as: .journalWrite(write))
    }

    private func file(for byteCount: Int) -> JournalFile {
        if let current = used.last, byteCount <= current.room { return current }
        precondition(!free.isEmpty, "what the journal takes has room in it")
        let next = free.removeFirst()
        used.append(next)
        if free.isEmpty { makeFileIfWanted() }
        return next
    }

    /// Takes the end of a write in; `body` gets the logs that are told of it.
    func finished(_ write: JournalWrite, _ error: DiskError?, _ body: (Log) -> Void) {
        write.file?.landed()
        guard failure == nil else { return }
        if let error {
            fail(error)
            return
        }
        write.isDone = true
        // What an earlier write has is not durable yet: a log's records become so in their order.
        while let first = inFlight.first, first.isDone {
            inFlight.removeFirst()
            settled = first.sequence
            for part in first.parts {
                part.log.journaled(upTo: part.end)
                body(part.log)
            }
            if spareBuffers.count < settings.writesInFlight { spareBuffers.append(first.buffer) }
        }
    }

    /// A journal that cannot be written takes its store's logs along, those opened later too (see
    /// `Store.add`): what they acknowledge from now on could not be told from what was lost.
    private func fail(_ error: DiskError) {
        failure = error
        inFlight.removeAll()
        for log in store.logs { _ = log.fail(error) }
    }

    /// Whether entries gather or are on their way.
    var isBusy: Bool { failure == nil && (!gathering.isEmpty || !inFlight.isEmpty) }

    // MARK: - Using files again

    /// Syncs what the oldest full file covers when few are left, and frees those that are paid.
    func reclaim() {
        guard failure == nil else { return }
        while !isNumbering, let oldest = reclaimable, oldest.isPaid() {
            recycle(used.removeFirst())
        }
        // One is being filled by now; the next should be ready before it is full.
        let isShort = free.count + recycling < 2
        let hasAll = fileCount >= settings.fileCount || isMakingHeld
        if isShort, hasAll { reclaimable?.collect(atOnce: Self.syncsAtOnce) }
    }

    /// Whether a file with a new generation is on its way to be free. There is one at a time, so
    /// that files are used in the order of their generations, which the next start relies on.
    private var isNumbering: Bool { recycling > 0 || making?.isNumbered == true }

    /// The oldest file that nothing more is written to.
    private var reclaimable: JournalFile? {
        if used.count > 1 { return used[0] }
        return isExhausted && gathering.isEmpty ? used.first : nil
    }

    private func recycle(_ file: JournalFile) {
        if file.isKept {
            // The next start reads it; another file takes its place.
            _ = try? store.disk.close(file.id)
            makeFileIfWanted()
            return
        }
        recycling += 1
        file.generation = nextGeneration()
        store.submit(
            .writeDurably(file.id, at: .zero, bytes: [headerBlock(of: file)]),
            as: .journalHeader(file))
    }

    /// A file's new header is durable: what was in it is void.
    func recycled(_ file: JournalFile, _ error: DiskError?) {
        recycling -= 1
        if error == nil {
            file.reset()
            add(file)
        } else {
            // Nothing depends on what is in it, nothing will: it is left behind.
            _ = try? store.disk.close(file.id)
            skipGeneration()
        }
        numberMadeFile()
    }

    /// Space may have come back, or descriptors.
    func retryMaking() { isMakingHeld = false }

    func nextGeneration() -> UInt64 {
        lastGeneration += 1
        return lastGeneration
    }

    /// A file that is left behind may have the last generation, and no writes: none may follow it.
    func skipGeneration() { lastGeneration += 1 }

    /// Goes on with a file that is filled, once no other is being numbered.
    func numberMadeFile() {
        if recycling == 0, let making, case .filled = making.step { advance(making, nil) }
    }

    func add(_ file: JournalFile) {
        isExhausted = false
        free.append(file)
    }

    func headerBlock(of file: JournalFile) -> OwnedBytes {
        let block = DiskBuffer(count: JournalFormat.blockByteCount)
        block.base.initializeMemory(as: UInt8.self, repeating: 0, count: block.count)
        header(of: file).encoded.withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(start: block.base, count: block.count)
                .copyMemory(from: bytes)
        }
        return OwnedBytes(base: UnsafeRawPointer(block.base), count: block.count, owner: block)
    }

    private func header(of file: JournalFile) -> JournalFileHeader {
        JournalFileHeader(
            fileByteCount: file.byteCount, journalID: settings.journalID,
            generation: file.generation)
    }

    // MARK: - The end

    /// Closes the files; those that nothing needs any more are removed first, durably.
    func close() {
        precondition(inFlight.isEmpty || failure != nil, "a journal is closed when it is settled")
        var isChanged = false
        for file in used + free {
            _ = try? store.disk.close(file.id)
            // What stays is read at the next start, which costs time only.
            guard failure == nil, file.isPaid(), !file.isKept,
                (try? store.disk.perform(.removeFile(path: file.path))) != nil
            else { continue }
            isChanged = true
        }
        used = []
        free = []
        if isChanged { _ = try? store.disk.perform(.syncFolder(path: settings.folder)) }
    }
}
