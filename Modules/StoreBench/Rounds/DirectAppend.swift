import Disk
import Glibc
import IORing
import Vocabulary

/// The raw limit past the page cache: O_DIRECT writes through a ring, several at a time, into a
/// file that was written before, so that the file system has nothing to allocate.
///
/// Under `sync` a batch is acknowledged when a sync has ended that began after its write did.
final class DirectAppend: AppendRounds {
    private let ring: IORing
    private let file: RawFile
    private let memory: [DiskBuffer]
    private let isDurable: Bool
    private let settings: BenchSettings
    private var latencies = Latencies()
    /// When each write that is under way began, by its number.
    private var starts: [UInt64: UInt64] = [:]
    /// Written and not synced yet, …
    private var unsynced: [UInt64] = []
    /// … and covered by the sync under way.
    private var covered: [UInt64] = []
    private var isSyncing = false
    private var bytesSinceSync = 0

    /// Whether batches of that size can be written so.
    static func allows(batchBytes: Int) -> Bool { batchBytes.isMultiple(of: 4_096) }

    /// - Parameter path: a file that stays between rounds.
    init(
        path: String, templates: BatchTemplates, isDurable: Bool, settings: BenchSettings
    ) throws(BenchError) {
        do throws(IORingError) {
            ring = try IORing()
        } catch {
            throw .ring(error)
        }
        file = try RawFile(path, flags: O_RDWR | O_CREAT | RawFile.direct)
        self.isDurable = isDurable
        self.settings = settings
        memory = templates.batches.map { batch in
            let buffer = DiskBuffer(count: batch.count)
            batch.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(start: buffer.base, count: batch.count)
                    .copyMemory(from: $0)
            }
            return buffer
        }
    }

    func run(count: Int, inFlight: Int) throws(BenchError) -> RoundOutcome {
        latencies = Latencies()
        let meter = Meter()
        var started = 0
        while started < count || !starts.isEmpty || (isSyncing && isDurable) {
            while started < count, starts.count < inFlight {
                let buffer = memory[started % memory.count]
                starts[UInt64(started)] = Nanoseconds.now
                ring.enqueue(
                    .write(
                        file.descriptor, at: UInt64(started * buffer.count), [buffer.bytes]),
                    userData: UInt64(started), keeping: buffer)
                started += 1
            }
            let isSyncDue =
                isDurable ? !unsynced.isEmpty : bytesSinceSync >= settings.syncBytes
            if isSyncDue, !isSyncing {
                isSyncing = true
                bytesSinceSync = 0
                swap(&covered, &unsynced)
                ring.enqueue(
                    .sync(file.descriptor, dataOnly: true), userData: .max, keeping: nil)
            }
            ring.submit()
            ring.wait()
            try drain()
            try Interruption.check()
        }
        let bytes = count * memory[0].count
        return RoundOutcome(
            cost: meter.cost(bytes: bytes, operations: count), latencies: latencies)
    }

    private func drain() throws(BenchError) {
        var code: Int32 = 0
        let size = memory[0].count
        ring.drain { completion in
            if completion.userData == .max {
                isSyncing = false
                for number in covered { acknowledge(number) }
                covered.removeAll(keepingCapacity: true)
                code = min(code, completion.result)
                return
            }
            guard completion.result == Int32(size) else {
                code = completion.result < 0 ? completion.result : -EIO
                return
            }
            bytesSinceSync += size
            if isDurable {
                unsynced.append(completion.userData)
            } else {
                acknowledge(completion.userData)
            }
        }
        if code < 0 {
            throw .disk(DiskError(operation: "direct write", path: file.path, code: -code))
        }
    }

    private func acknowledge(_ number: UInt64) {
        if let start = starts.removeValue(forKey: number) {
            latencies.record(nanoseconds: Nanoseconds.now - start)
        }
    }

    func close() throws(BenchError) {
        while ring.inFlight > 0 {
            ring.wait()
            try drain()
        }
        try file.sync()
        ring.close()
    }
}
