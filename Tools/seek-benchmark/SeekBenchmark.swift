import ArgumentParser
import Disk
import Glibc
import LinuxDisk
import Records
import SegmentStore
import Vocabulary

/// Makes a large log and measures how long it takes to find a batch's place in its files: by offset
/// and by timestamp, with everything in memory and with nothing of the files in memory.
@main
struct SeekBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seek-benchmark",
        abstract: "Time look-ups by offset and timestamp in a log that it makes and removes.")

    @Option(help: "A folder to make; removed at the end.")
    var folder: String

    @Option(help: "The size of the log.")
    var gigabytes = 20

    @Option(help: "Bytes of the one record of each batch.")
    var recordBytes = 16_000

    @Option(help: "Look-ups of each kind with nothing in memory.")
    var coldLookups = 500

    @Option(help: "Look-ups of each kind with everything in memory.")
    var warmLookups = 20_000

    func run() throws {
        let disk = try LinuxDisk(.inline)
        _ = try disk.perform(.createFolder(path: folder))
        defer { removeTree(folder, on: disk) }
        let bytes = gigabytes << 30
        let free = try disk.freeSpace(at: folder)
        guard free > bytes + bytes / 4 else {
            throw ValidationError(
                "\(free >> 30) GiB are free; the log needs \(gigabytes), and a quarter more")
        }
        let store = Store(disk: disk)
        var settings = LogSettings()
        settings.durability = .os
        let log = try store.createLog(
            folder: "\(folder)/seek-0", topicID: .random(), settings: settings,
            leaderEpoch: .zero, now: Timestamp(Self.start))
        try fill(log, of: store, upTo: bytes)
        print(
            "\(gigabytes) GiB in \(log.segmentCount) segments, \(log.logEnd) batches of one record "
                + "of \(recordBytes) B")

        let files = try CachedFiles(folder: log.folder, on: disk)
        let end = log.logEnd
        func find(offset: Int64) throws {
            let found = try log.read(
                from: Offset(offset), upTo: end, maxBytes: 1, minOneBatch: true)
            precondition(found.regions.count == 1, "one batch holds the offset")
        }
        func find(timestampOf offset: Int64) throws {
            let timestamp = Timestamp(Self.start + offset)
            let found = try log.lookup(timestamp: timestamp, upTo: end)
            precondition(found?.timestamp == timestamp, "the record is found")
        }
        for (name, isByOffset) in [("offset", true), ("timestamp", false)] {
            func seek(_ offset: Int64) throws {
                if isByOffset { try find(offset: offset) } else { try find(timestampOf: offset) }
            }
            var cold: [Double] = []
            for _ in 0..<coldLookups {
                try files.forget()
                let wanted = Int64.random(in: 0..<end.rawValue)
                cold.append(try Self.time { try seek(wanted) })
            }
            // The first one finds out that each segment's index files are sound.
            print("\(name), the first: \(Int(cold.removeFirst())) us")
            report("\(name), cold", cold)
            // All the pages that these need, and no others, are in memory the second time.
            let wanted = (0..<2_000).map { _ in Int64.random(in: 0..<end.rawValue) }
            for wanted in wanted { try seek(wanted) }
            var warm: [Double] = []
            for number in 0..<warmLookups {
                let wanted = wanted[number % wanted.count]
                warm.append(try Self.time { try seek(wanted) })
            }
            report("\(name), warm", warm)
        }
        store.close(now: Timestamp(Self.start))
    }

    private static let start: Int64 = 1_700_000_000_000

    /// One batch a millisecond, each with one record.
    private func fill(_ log: Log, of store: Store, upTo bytes: Int) throws {
        let value = [UInt8](repeating: 0x61, count: recordBytes)
        var written = 0
        var now = Self.start
        while written < bytes {
            var builder = BatchBuilder()
            builder.append(key: nil, value: value, timestamp: Timestamp(now))
            let batch = builder.build()
            let header = try batch.withUnsafeBytes { try BatchHeader(reading: $0) }
            _ = try log.append(
                header, bytes: [OwnedBytes(batch)], leaderEpoch: .zero, now: Timestamp(now))
            written += batch.count
            now += 1
            store.commit()
            store.drain()
        }
    }

    /// Microseconds.
    private static func time(_ body: () throws -> Void) throws -> Double {
        let clock = ContinuousClock()
        let began = clock.now
        try body()
        let duration = began.duration(to: clock.now)
        return Double(duration.components.attoseconds) / 1e12
            + Double(duration.components.seconds) * 1e6
    }

    private func report(_ name: String, _ times: [Double]) {
        let sorted = times.sorted()
        func at(_ share: Double) -> Int {
            Int(sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))].rounded())
        }
        print(
            "\(name): p50 \(at(0.5)) us, p99 \(at(0.99)) us, p99.9 \(at(0.999)) us, max \(at(1)) us"
                + " (\(times.count) look-ups)")
    }

    private func removeTree(_ path: String, on disk: LinuxDisk) {
        for entry in (try? disk.list(path)) ?? [] {
            let inner = "\(path)/\(entry.name)"
            if entry.isFolder {
                removeTree(inner, on: disk)
            } else {
                // What cannot be removed is left behind, and its folder with it.
                _ = try? disk.perform(.removeFile(path: inner))
            }
        }
        _ = try? disk.perform(.removeFolder(path: path))
    }
}

/// The files of a log's folder, to be dropped from memory for sure.
private final class CachedFiles {
    private var files: [(descriptor: Int32, count: Int, isIndex: Bool)] = []

    init(folder: String, on disk: LinuxDisk) throws {
        for entry in try disk.list(folder) {
            let path = "\(folder)/\(entry.name)"
            let descriptor = open(path, O_RDONLY)
            guard descriptor >= 0, fdatasync(descriptor) == 0 else {
                throw DiskError(operation: "open", path: path, code: errno)
            }
            let file = try disk.open(path, .readOnly)
            files.append((descriptor, try disk.size(of: file), !entry.name.hasSuffix(".log")))
            try disk.close(file)
        }
    }

    deinit { for file in files { close(file.descriptor) } }

    /// Drops every page, and proves it with cachestat(2).
    func forget() throws {
        for file in files {
            PageCache.forget(0..<file.count, of: file.descriptor)
            posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_DONTNEED)
            guard let pages = PageCache.pages(of: file.descriptor, at: 0, count: file.count),
                pages.cached == 0
            else { throw ValidationError("pages stay in memory: the look-ups would not be cold") }
        }
    }
}
