import Disk
import Glibc
import LinuxDisk
import Records
import SegmentStore
import Vocabulary

// What the journal costs and brings: batches appended to many logs by one thread that keeps so
// many in flight, acknowledged as their durability says.
//
//     journal-bench FOLDER SECONDS LOGS BATCH_BYTES IN_FLIGHT journal|plain|os|raw [LARGEST]
//
// Prints one line: throughput, processor seconds for a GB, bytes that reached the device for each
// acknowledged one (the close of the store included), and how long acknowledgements took.

func microseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
}

func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    let micros = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(micros) / 1e6
}

/// Bytes written to all disks but loops and memory since the machine started.
func deviceBytes() -> Int {
    guard let file = fopen("/proc/diskstats", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    var sectors = 0
    while fgets(&line, 512, file) != nil {
        let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        let words = text.split(separator: " ")
        guard words.count > 9, !words[2].hasPrefix("loop"), !words[2].hasPrefix("zram") else {
            continue
        }
        sectors += Int(words[9]) ?? 0
    }
    return sectors * 512
}

func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return "\((value * scale).rounded() / scale)"
}

func makeBatch(_ byteCount: Int) -> [UInt8] {
    var builder = BatchBuilder()
    var random = SystemRandomNumberGenerator()
    let value = (0..<max(1, byteCount - 75)).map { _ in UInt8.random(in: 0...255, using: &random) }
    builder.append(key: nil, value: value, timestamp: Timestamp(1_000_000))
    return builder.build()
}

func remove(_ path: String, on disk: LinuxDisk) throws(DiskError) {
    for entry in try disk.list(path) {
        if entry.isFolder {
            try remove("\(path)/\(entry.name)", on: disk)
        } else {
            _ = try disk.perform(.removeFile(path: "\(path)/\(entry.name)"))
        }
    }
    _ = try disk.perform(.removeFolder(path: path))
}
func bench() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 7, let seconds = Double(arguments[2]),
        let logCount = Int(arguments[3]),
        let batchBytes = Int(arguments[4]), let window = Int(arguments[5])
    else {
        print(
            "journal-bench FOLDER SECONDS LOGS BATCH_BYTES IN_FLIGHT journal|plain|os|raw [LARGEST]"
        )
        exit(2)
    }
    let mode = arguments[6]
    let folder = "\(arguments[1])/journal-bench-\(getpid())"
    let disk = try LinuxDisk()
    _ = try disk.perform(.createFolder(path: folder))

    let batch = makeBatch(batchBytes)
    let owned = OwnedBytes(batch)
    var latencies: [Double] = []
    latencies.reserveCapacity(4_000_000)
    var acknowledged = 0
    let deviceBefore = deviceBytes()
    var elapsed = 0.0
    var processor = 0.0

    if mode == "raw" {
        let file = try disk.open("\(folder)/raw", .createNew)
        var position = FilePosition.zero
        let begin = microseconds()
        let processorBefore = processorSeconds()
        while microseconds() - begin < seconds * 1e6 {
            let start = microseconds()
            try disk.write(file, at: position, [owned])
            _ = try disk.perform(.sync(file, .data))
            latencies.append(microseconds() - start)
            position = position + batch.count
            acknowledged += batch.count
        }
        elapsed = microseconds() - begin
        processor = processorSeconds() - processorBefore
    } else {
        var storeSettings = StoreSettings()
        // As in a broker, all that are written to stay open.
        storeSettings.openSegmentLimit = logCount + 64
        let store = Store(disk: disk, settings: storeSettings)
        var settings = LogSettings()
        settings.durability = mode == "os" ? .os : .sync
        let header = try batch.withUnsafeBytes { try BatchHeader(reading: $0) }
        let now = Timestamp(1_000_000)
        var logs: [Log] = []
        for index in 0..<logCount {
            logs.append(
                try store.createLog(
                    folder: "\(folder)/bench-\(index)",
                    topicID: TopicID(high: 1, low: 2), settings: settings,
                    leaderEpoch: LeaderEpoch(0), now: now))
        }
        if mode == "journal" {
            var journal = JournalSettings(folder: folder, shard: 0)
            if arguments.count > 7, let largest = Int(arguments[7]) {
                journal.largestBatchBytes = largest
            }
            store.startJournal(journal)
        }
        var starts = [[Double]](repeating: [], count: logCount)
        var firsts = [Int](repeating: 0, count: logCount)
        var ends = [Int64](repeating: 0, count: logCount)
        var outstanding = 0
        var isMeasuring = false
        for (index, log) in logs.enumerated() {
            log.onProgress = { log in
                if let failure = log.failure { preconditionFailure("\(failure)") }
                let end = (mode == "os" ? log.writtenEnd : log.durableEnd).rawValue
                guard end > ends[index] else { return }
                let time = microseconds()
                for _ in ends[index]..<end {
                    if isMeasuring { latencies.append(time - starts[index][firsts[index]]) }
                    firsts[index] += 1
                    outstanding -= 1
                    acknowledged += batch.count
                }
                ends[index] = end
                if firsts[index] == starts[index].count {
                    starts[index].removeAll(keepingCapacity: true)
                    firsts[index] = 0
                }
            }
        }
        var next = 0
        func run(for seconds: Double) throws {
            let begin = microseconds()
            while microseconds() - begin < seconds * 1e6 {
                while outstanding < window {
                    starts[next].append(microseconds())
                    outstanding += 1
                    try logs[next].append(
                        header, bytes: [owned], leaderEpoch: LeaderEpoch(0), now: now)
                    next = (next + 1) % logCount
                }
                store.commit()
                if outstanding >= window, disk.inFlight > 0 { disk.wait() }
                store.drain()
            }
        }
        // The journal's files are made, and every log has its first pages.
        try run(for: 1)
        isMeasuring = true
        acknowledged = 0
        let begin = microseconds()
        let processorBefore = processorSeconds()
        try run(for: seconds)
        elapsed = microseconds() - begin
        processor = processorSeconds() - processorBefore
        let all = logs.reduce(0) { $0 + Int($1.logEnd.rawValue) } * batch.count
        store.close(now: now)
        let perByte = Double(deviceBytes() - deviceBefore) / Double(all)
        print("device bytes per byte \(fixed(perByte, 2))", terminator: "  ")
    }

    latencies.sort()
    func percentile(_ share: Double) -> String {
        guard !latencies.isEmpty else { return "-" }
        return fixed(latencies[min(latencies.count - 1, Int(Double(latencies.count) * share))], 0)
    }
    print(
        """
        \(mode) logs \(logCount) batch \(batchBytes) in flight \(window): \
        \(fixed(Double(acknowledged) / elapsed, 1)) MB/s, \
        \(fixed(Double(acknowledged) / Double(batch.count) / elapsed * 1e3, 1)) k batches/s, \
        \(fixed(processor / (Double(acknowledged) / 1e9), 2)) CPU s/GB, \
        p50 \(percentile(0.5)) p99 \(percentile(0.99)) p99.9 \(percentile(0.999)) us
        """)

    try remove(folder, on: disk)
}

try bench()
