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

    /// Appends, and reads a portion of something old after every `window` batches.
    static func mixed(
        _ append: some AppendRounds, windows: Int, of window: Int, batchBytes: Int,
        reading source: some PortionReader
    ) throws(BenchError) -> RoundOutcome {
        var reader = source
        var latencies = Latencies()
        let meter = Meter()
        for _ in 0..<windows {
            latencies.add(try append.run(count: window, inFlight: window).latencies)
            _ = try reader.next()
        }
        let batches = windows * window
        let cost = meter.cost(bytes: batches * batchBytes + reader.byteCount, operations: batches)
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

    /// Lets the page cache forget files, which must be synced.
    static func dropFromCache(_ paths: [String]) throws(BenchError) {
        for path in paths { try RawFile(path, flags: O_RDONLY).dropFromCache() }
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

    init(_ log: Log) {
        self.log = log
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
