import Disk
import Glibc
import IORing
import LinuxDisk
import Records
import SegmentStore
import Vocabulary

/// Rounds that read.
enum ReadRounds {
    /// Appends batch after batch and reads each as soon as it is written.
    static func tail(
        _ append: some TailRounds, batches: Int, batchBytes: Int
    ) throws(BenchError) -> RoundOutcome {
        var latencies = Latencies()
        let buffer = DiskBuffer(count: batchBytes)
        let meter = Meter()
        for number in 0..<batches {
            let start = Nanoseconds.now
            try append.appendAndRead(number, into: buffer)
            latencies.record(nanoseconds: Nanoseconds.now - start)
            try Interruption.check()
        }
        return RoundOutcome(
            cost: meter.cost(bytes: batches * batchBytes, operations: batches),
            latencies: latencies)
    }

    /// How much a reader asks for at a time: what consumers fetch.
    static let portion = 1 << 20

    /// Reads a log, or its files, from the beginning to the end.
    static func catchUp(_ source: some PortionReader) throws(BenchError) -> RoundOutcome {
        var reader = source
        var latencies = Latencies()
        let meter = Meter()
        while true {
            let start = Nanoseconds.now
            guard try reader.next() > 0 else { break }
            latencies.record(nanoseconds: Nanoseconds.now - start)
            try Interruption.check()
        }
        return RoundOutcome(
            cost: meter.cost(bytes: reader.byteCount, operations: latencies.count),
            latencies: latencies)
    }

    /// Appends, and has a portion of something old read beside every `window` batches, while they
    /// are under way.
    ///
    /// - Parameter open: makes the reader, on the thread that reads.
    static func mixed(
        _ append: some AppendRounds, windows: Int, of window: Int, batchBytes: Int,
        reading open: @escaping @Sendable () throws(BenchError) -> any PortionReader
    ) throws(BenchError) -> RoundOutcome {
        let reader = ReaderBeside(open)
        defer { reader.stop() }
        var latencies = Latencies()
        let meter = Meter()
        for _ in 0..<windows {
            reader.readPortion()
            latencies.add(try append.run(count: window, inFlight: window).latencies)
        }
        let bytesRead = try reader.finish()
        let batches = windows * window
        let cost = meter.cost(bytes: batches * batchBytes + bytesRead, operations: batches)
        try append.close()
        return RoundOutcome(cost: cost, latencies: latencies)
    }

    /// The segments of a log's folder, in order.
    static func segments(of folder: String) throws(BenchError) -> [String] {
        let disk: LinuxDisk
        do throws(IORingError) {
            disk = try LinuxDisk(.inline)
        } catch {
            throw .ring(error)
        }
        defer { disk.close() }
        do throws(DiskError) {
            return try disk.list(folder).map(\.name).filter { $0.hasSuffix(".log") }.sorted()
                .map { "\(folder)/\($0)" }
        } catch {
            throw .disk(error)
        }
    }

    /// Lets the page cache forget files, which must be synced; returns what is to be said where it
    /// did not: then what follows does not read from the device, or not all of it.
    static func dropFromCache(_ paths: [String]) throws(BenchError) -> [String] {
        var left = 0
        for path in paths {
            guard let count = try RawFile(path, flags: O_RDONLY).dropFromCache() else {
                return ["Whether the files left memory is not known: that takes Linux 6.5."]
            }
            left += count
        }
        guard left > 0 else { return [] }
        return ["\(ByteWords.of(left)) of the files stayed in memory: not all was read cold."]
    }
}

/// Reads something from its beginning, `ReadRounds.portion` at a time.
protocol PortionReader {
    /// How much was read so far.
    var byteCount: Int { get }

    /// Reads a portion and returns its size; 0 at the end.
    mutating func next() throws(BenchError) -> Int
}

/// Reads a log as a consumer that catches up does.
struct LogReader: PortionReader {
    private let log: Log
    private var offset: Offset
    private let buffer = DiskBuffer(count: ReadRounds.portion)
    private(set) var byteCount = 0
    /// Kept open while its log is read.
    private let opened: OpenedLog?

    init(_ log: Log, of opened: OpenedLog? = nil) {
        self.log = log
        self.opened = opened
        offset = log.logStartOffset
    }

    mutating func next() throws(BenchError) -> Int {
        do throws(StoreError) {
            let found = try log.read(
                from: offset, upTo: log.writtenEnd, maxBytes: ReadRounds.portion, minOneBatch: true)
            for region in found.regions {
                let memory =
                    region.count <= buffer.count ? buffer : DiskBuffer(count: region.count)
                try region.read(into: memory)
                var position = 0
                while position < region.count {
                    let rest = UnsafeRawBufferPointer(rebasing: memory.bytes[position...])
                    guard let header = try? BatchHeader(reading: rest) else {
                        throw .corrupt(
                            CorruptLog(
                                path: region.path, position: region.position + position,
                                reason: "a region holds whole batches"))
                    }
                    offset = header.nextOffset
                    position += header.byteCount
                }
            }
            byteCount += found.byteCount
            return found.byteCount
        } catch {
            throw .store(error)
        }
    }
}

/// Reads files with pread(2).
struct FileReader: PortionReader {
    private var paths: ArraySlice<String>
    private var file: RawFile?
    private var position = 0
    private let buffer = DiskBuffer(count: ReadRounds.portion)
    private(set) var byteCount = 0

    init(_ paths: [String]) { self.paths = paths[...] }

    mutating func next() throws(BenchError) -> Int {
        while true {
            if file == nil {
                guard let path = paths.popFirst() else { return 0 }
                file = try RawFile(path, flags: O_RDONLY)
                position = 0
            }
            let count = try file?.read(into: buffer.memory, at: position) ?? 0
            guard count > 0 else {
                file = nil
                continue
            }
            position += count
            byteCount += count
            return count
        }
    }
}
