import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

struct LifecycleTests {
    @Test
    func `a new log is durable with its folder when it is handed out`() throws {
        let bench = try LogBench()

        for seed in 0..<20 as Range<UInt64> {
            let reopened = try LogBench(
                opening: bench.disk.crash(seed: seed), hint: bench.hint(clean: false))
            #expect(reopened.log.logEnd == .zero)
            #expect(reopened.log.topicID == TopicID(high: 1, low: 2))
            #expect(reopened.log.topicPartition.description == "orders-0")
        }
    }

    @Test
    func `a folder in use is not taken over by a new log`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make())
        bench.store.close(now: bench.now)

        #expect(throws: StoreError.self) { try LogBench(disk: bench.disk) }
        #expect(throws: StoreError.self) {
            try bench.store.createLog(
                folder: LogBench.folder, topicID: TopicID(high: 9, low: 9),
                settings: LogSettings(), leaderEpoch: .zero, now: bench.now)
        }
        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))
        #expect(reopened.log.logEnd == Offset(1))
    }

    @Test
    func `a deleted log's name is free at once and its files go, also after a crash`() throws {
        let bench = try LogBench()
        for _ in 0..<10 { try bench.append(TestBatch.make()) }
        bench.settle()

        try bench.store.deleteLog(bench.log, uuid: String(repeating: "ab", count: 16))
        let crashed = bench.disk.crash(seed: 5)
        let again = try bench.store.createLog(
            folder: LogBench.folder, topicID: TopicID(high: 5, low: 6), settings: LogSettings(),
            leaderEpoch: .zero, now: bench.now)
        bench.settle()

        #expect(again.logEnd == .zero)
        #expect(try bench.disk.list("/data").map(\.name) == ["orders-0"])
        let names = try crashed.list("/data").map(\.name)
        #expect(names.isEmpty || names == ["orders-0.\(String(repeating: "ab", count: 16))-delete"])
        let store = Store(disk: crashed)
        #expect(try store.finishDeletions(in: "/data") == names)
        store.close(now: bench.now)
        #expect(try crashed.list("/data").isEmpty)
    }

    @Test(arguments: [
        ("orders-0.00112233445566778899aabbccddeeff-delete", true),
        ("a.b-7.00112233445566778899aabbccddeeff-delete", true),
        ("orders-0-delete", false),
        ("orders-0.00112233445566778899aabbccddee-delete", false),
        ("orders-0.00112233445566778899aabbccddeeff", false),
        ("orders-0.00112233445566778899AABBCCDDEEFF-delete", false),
    ])
    func `only a name that deletion gives is taken for one`(_ name: String, _ isOne: Bool) {
        #expect(Store.isDeletionName(name) == isOne)
    }

    @Test
    func `a closed log is durable, whatever its policy, and takes nothing more`() throws {
        for durability in Durability.allCases {
            var settings = LogSettings()
            settings.durability = durability
            settings.segmentBytes = 1_000
            let bench = try LogBench(disk: SimulatedDisk(seed: 8), settings: settings)
            for tag in 0..<20 { try bench.append(TestBatch.make(tag: tag)) }

            bench.store.close(now: bench.now)

            #expect(bench.log.recoveryPoint == Offset(20))
            #expect(throws: StoreError.closed(path: LogBench.folder)) {
                try bench.append(TestBatch.make())
            }
            let reopened = try LogBench(
                opening: bench.disk.crash(seed: 1), settings: settings,
                hint: bench.hint(clean: true))
            #expect(!reopened.log.wasUnclean)
            #expect(try reopened.headers(in: reopened.readAll()).count == 20)
        }
    }

    @Test
    func `a cut takes records, segments, epochs and producers back`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        let bench = try LogBench(settings: settings)
        for sequence in 0..<20 as Range<Int32> {
            try bench.append(TestBatch.make(tag: Int(sequence), producer: (4, 0, sequence)))
        }
        bench.settle()
        let before = try bench.readAll(upTo: Offset(9))

        try bench.log.truncate(to: Offset(9))
        bench.settle()

        #expect(bench.log.logEnd == Offset(9))
        #expect(bench.log.durableEnd == Offset(9))
        #expect(try bench.readAll() == before)
        let again = TestBatch.make(tag: 90, producer: (4, 0, 9))
        #expect(try bench.log.check(TestBatch.header(again), now: bench.now) == .inOrder)
        #expect(try bench.append(again).base == Offset(9))
        bench.settle()
        let reopened = try LogBench(
            opening: bench.disk.crash(seed: 3), settings: settings, hint: bench.hint(clean: false))
        #expect(reopened.log.logEnd == Offset(10))
        #expect(try reopened.readAll(upTo: Offset(9)) == before)
    }

    @Test
    func `a cut waits for regions that are being sent`() throws {
        let bench = try LogBench()
        for tag in 0..<4 { try bench.append(TestBatch.make(tag: tag)) }
        bench.settle()
        var read: LogRead? = try bench.log.read(
            from: Offset(2), upTo: Offset(4), maxBytes: 1 << 20, minOneBatch: true)
        #expect(read?.byteCount ?? 0 > 0)

        #expect(throws: StoreError.regionsInUse(path: LogBench.folder)) {
            try bench.log.truncate(to: Offset(3))
        }
        #expect(bench.log.logEnd == Offset(4))
        read = nil
        try bench.log.truncate(to: Offset(3))

        #expect(bench.log.logEnd == Offset(3))
    }

    @Test
    func `closed segments beyond the limit give their files back and are opened again`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 500
        var store = StoreSettings()
        store.openSegmentLimit = 3
        let bench = try LogBench(settings: settings, store: store)
        for tag in 0..<60 { try bench.append(TestBatch.make(tag: tag)) }
        bench.settle()

        for _ in 0..<2 {
            let all = try bench.readAll(maxBytes: 300)
            #expect(try bench.headers(in: all).count == 60)
        }
        bench.store.commit()

        let opened = count("open", on: bench) - count("close", on: bench)
        #expect(opened < 10)
    }

    @Test
    func `a segment whose pages are still counted gives its file back, too`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 500
        var store = StoreSettings()
        store.openSegmentLimit = 3
        let bench = try LogBench(settings: settings, store: store)

        for tag in 0..<60 {
            try bench.append(TestBatch.make(tag: tag))
            bench.settle()
        }
        bench.store.commit()

        let opened = count("open", on: bench) - count("close", on: bench)
        #expect(opened < 10)
    }

    private func count(_ operation: String, on bench: LogBench) -> Int {
        bench.disk.trace.filter {
            $0.operation == operation && $0.path.hasSuffix(".log") && $0.phase == .effective
        }.count
    }
}
