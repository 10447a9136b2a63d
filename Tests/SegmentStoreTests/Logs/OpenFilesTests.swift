import Disk
import Records
@testable import SegmentStore
import Simulation
import Testing
import Vocabulary

/// Many logs, few open files.
struct OpenFilesTests {
    private final class Bench {
        let disk = SimulatedDisk(seed: 1, settings: SimulatedDiskSettings(reorders: false))
        let store: Store
        var logs: [Log] = []
        let now = Timestamp(1_000_000)

        init(logs count: Int, limit: Int, durability: Durability = .sync) throws {
            var settings = StoreSettings()
            settings.openSegmentLimit = limit
            store = Store(disk: disk, settings: settings)
            _ = try disk.perform(.createFolder(path: "/data"))
            var logSettings = LogSettings()
            logSettings.durability = durability
            for index in 0..<count {
                logs.append(
                    try store.createLog(
                        folder: "/data/orders-\(index)", topicID: TopicID(high: 1, low: 2),
                        settings: logSettings, leaderEpoch: LogBench.epoch, now: now))
            }
        }

        func append(_ tag: Int, to log: Log) throws {
            let batch = TestBatch.make(tag: tag)
            try log.append(
                TestBatch.header(batch), bytes: [OwnedBytes(batch)],
                leaderEpoch: LogBench.epoch, now: now)
        }

        func settle() {
            store.commit()
            while disk.inFlight > 0 {
                disk.wait()
                store.drain()
            }
            store.commit()
        }

        var openFiles: Int {
            let entries = disk.trace.filter {
                $0.path.hasSuffix(".log") && $0.phase == .effective && !$0.failed
            }
            return entries.filter { $0.operation == "open" }.count
                - entries.filter { $0.operation == "close" }.count
        }

        func values(of log: Log) throws -> Int {
            let read = try log.read(
                from: .zero, upTo: log.writtenEnd, maxBytes: 1 << 20, minOneBatch: true)
            var count = 0
            for region in read.regions {
                let buffer = DiskBuffer(count: region.count)
                try region.read(into: buffer)
                var position = 0
                while position < region.count {
                    let header = try BatchHeader(
                        reading: UnsafeRawBufferPointer(rebasing: buffer.bytes[position...]))
                    #expect(header.baseOffset == Offset(Int64(count)))
                    count += 1
                    position += header.byteCount
                }
            }
            return count
        }
    }

    @Test
    func `logs that are at rest give the file of their active segment back`() throws {
        let bench = try Bench(logs: 40, limit: 6)
        #expect(bench.openFiles <= 8)

        for round in 0..<5 {
            for log in bench.logs {
                try bench.append(round, to: log)
                bench.settle()
                #expect(bench.openFiles <= 8)
            }
        }

        for log in bench.logs {
            #expect(log.durableEnd == Offset(5))
            #expect(try bench.values(of: log) == 5)
        }
        bench.settle()
        #expect(bench.openFiles <= 8)
    }

    @Test
    func `a log whose policy is to wait is synced before its file is given back`() throws {
        let bench = try Bench(logs: 40, limit: 6, durability: .os)
        for log in bench.logs {
            try bench.append(0, to: log)
            bench.store.commit()
        }
        bench.settle()
        for log in bench.logs {
            try bench.append(1, to: log)
            bench.settle()
        }

        #expect(bench.openFiles <= 16)
        let closed = Set(
            bench.disk.trace.filter { $0.operation == "close" && $0.path.hasSuffix(".log") }
                .map(\.path))
        #expect(closed.count > 20)
        for log in bench.logs where closed.contains("\(log.folder)/00000000000000000000.log") {
            let entries = bench.disk.trace.filter {
                $0.path == "\(log.folder)/00000000000000000000.log" && $0.phase == .effective
            }
            let firstWrite = try #require(entries.firstIndex { $0.operation == "write" })
            let sync = try #require(entries.firstIndex { $0.operation == "sync" })
            #expect(firstWrite < sync)
            for (index, entry) in entries.enumerated() where entry.operation == "close" {
                let written = entries[..<index].lastIndex { $0.operation == "write" } ?? -1
                let synced = entries[..<index].lastIndex { $0.operation == "sync" } ?? -1
                #expect(written <= synced, "\(log.folder)")
            }
        }
        for log in bench.logs { #expect(try bench.values(of: log) == 2) }
    }

    @Test
    func `a file that came back shorter is damage, and nothing is appended behind the hole`() throws
    {
        let bench = try Bench(logs: 12, limit: 2)
        let log = bench.logs[0]
        try bench.append(0, to: log)
        bench.settle()
        for other in bench.logs[1...] {
            try bench.append(0, to: other)
            bench.settle()
        }
        let path = "\(log.folder)/00000000000000000000.log"
        let file = try bench.disk.open(path, .readWrite)
        _ = try bench.disk.perform(.truncate(file, to: FilePosition(20)))
        try bench.disk.close(file)

        #expect(throws: StoreError.self) { try bench.append(1, to: log) }
        #expect(log.logEnd == Offset(1))
        #expect(try bench.disk.readFile(path).count == 20)
    }

    @Test
    func `a tick looks at no log that has nothing to wait for`() throws {
        let bench = try Bench(logs: 30, limit: 100, durability: .interval)
        #expect(bench.store.tick(now: bench.now) == nil)
        #expect(bench.store.takeAwake().isEmpty)

        try bench.append(0, to: bench.logs[7])
        try bench.append(0, to: bench.logs[9])
        bench.store.commit()

        #expect(bench.store.takeAwake().count == 2)
    }

    @Test
    func `logs whose times differ are each asked when theirs has come`() throws {
        let bench = try Bench(logs: 8, limit: 100, durability: .interval)
        for (index, log) in bench.logs.enumerated() {
            log.settings.flushIntervalMilliseconds = Int64(100 * (8 - index))
            try bench.append(0, to: log)
        }
        bench.store.commit()

        for step in 1...8 as ClosedRange<Int64> {
            let next = bench.store.tick(now: bench.now + 100 * step)
            bench.settle()
            let durable = bench.logs.filter { $0.durableEnd == Offset(1) }
            #expect(durable.count == Int(step))
            #expect(durable.first === bench.logs[8 - Int(step)])
            if step < 8 {
                #expect(next == bench.now + 100 * (step + 1) || next == bench.now + 100 * step)
            }
        }
        #expect(bench.store.tick(now: bench.now + 900) == nil)
        #expect(bench.store.nextTick == nil)
    }

    @Test
    func `an opening that fails keeps no file open`() throws {
        let bench = try Bench(logs: 1, limit: 100)
        for tag in 0..<3 { try bench.append(tag, to: bench.logs[0]) }
        bench.settle()
        bench.store.close(now: bench.now)
        let path = "/data/orders-0/00000000000000000000.log"
        bench.disk.flip(bit: 1, at: FilePosition(60), of: path)
        let again = Store(disk: bench.disk)

        #expect(throws: StoreError.self) {
            try again.openLog(
                folder: "/data/orders-0", settings: LogSettings(),
                hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero), now: bench.now)
        }
        again.commit()

        #expect(bench.openFiles == 0)
    }
}
