import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

struct JournalFaultTests {
    @Test
    func `a journal that cannot be written fails its store's logs and nothing is acknowledged`()
        throws
    {
        let bench = try JournalBench(logs: 3)
        try bench.warmUp()
        try bench.append(to: 1, TestBatch.make())
        bench.settle()
        bench.disk.inject(DiskFault("writeDurably", pathPart: "journal-"))

        try bench.append(to: 1, TestBatch.make(tag: 1))
        try bench.append(to: 2, TestBatch.make(tag: 2))
        bench.settle()

        #expect(bench.logs.allSatisfy { $0.failure != nil })
        #expect(bench.logs.map(\.durableEnd.rawValue) == [1, 1, 0])
        #expect(throws: StoreError.self) { try bench.append(to: 0, TestBatch.make()) }
        #expect(try bench.contents(1).count == 2)
    }

    @Test
    func `a log that is opened after its journal failed takes nothing, and is read`() throws {
        let bench = try JournalBench(logs: 2)
        try bench.warmUp()
        try bench.append(to: 1, TestBatch.make(tag: 1))
        bench.settle()
        let folder = bench.logs[1].folder
        bench.store.closeLog(bench.logs[1], now: bench.now)
        bench.disk.inject(DiskFault("writeDurably", pathPart: "journal-"))
        try bench.append(to: 0, TestBatch.make(tag: 2))
        bench.settle()
        try #require(bench.logs[0].failure != nil)

        let opened = try bench.store.openLog(
            folder: folder, settings: LogSettings(),
            hint: OpenHint(cleanShutdown: true, recoveryPoint: Offset(1)), now: bench.now)
        let batch = TestBatch.make(tag: 3)

        #expect(opened.failure != nil)
        #expect(throws: StoreError.self) {
            try opened.append(
                TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: LogBench.epoch,
                now: bench.now)
        }
        #expect(opened.durableEnd == Offset(1))
        let read = try opened.read(
            from: .zero, upTo: opened.durableEnd, maxBytes: 1 << 20, minOneBatch: true)
        #expect(read.byteCount > 0)
    }

    @Test
    func `after a journal failed no log is made`() throws {
        let bench = try JournalBench(logs: 1)
        try bench.warmUp()
        bench.disk.inject(DiskFault("writeDurably", pathPart: "journal-"))
        try bench.append(to: 0, TestBatch.make(tag: 2))
        bench.settle()

        let error = #expect(throws: StoreError.self) {
            try bench.store.createLog(
                folder: "/data/t-1", topicID: JournalBench.id, settings: LogSettings(),
                leaderEpoch: LogBench.epoch, now: bench.now)
        }

        guard case .failed(_, let cause) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(cause.path.contains("journal-"))
        #expect(try !bench.disk.list("/data").contains { $0.name == "t-1" })
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `a failed sync of one segment fails that log alone, and what it acknowledged is kept`(
        _ seed: UInt64
    ) throws {
        let bench = try JournalBench(logs: 4)
        try bench.warmUp()
        for tag in 0..<4 { try bench.append(to: 2, TestBatch.make(tag: tag)) }
        bench.settle()
        let acknowledged = bench.logs[2].durableEnd
        #expect(acknowledged == Offset(4))
        bench.disk.inject(DiskFault("sync", pathPart: "/data/t-2"))

        // Until the journal has gone round several times.
        for tag in 0..<1_500 {
            let index = [0, 1, 3][tag % 3]
            try bench.append(to: index, TestBatch.make(valueBytes: 400, tag: tag))
            if tag % 5 == 0 { bench.settle() }
        }
        bench.settle()

        #expect(bench.logs[2].failure != nil)
        #expect(bench.logs[2].durableEnd == acknowledged)
        for index in [0, 1, 3] {
            #expect(bench.logs[index].failure == nil)
            #expect(bench.logs[index].durableEnd == bench.logs[index].logEnd)
        }
        // The kernel may have dropped the pages that the failed sync covered: the journal has them.
        let recovered = try JournalBench(recovering: bench.disk.crash(seed: seed))
        #expect(recovered.logs[2].logEnd >= acknowledged)
        for index in [0, 1, 3] {
            #expect(recovered.logs[index].logEnd == bench.logs[index].logEnd)
        }
    }

    @Test(
        arguments: ["sync", "syncFolder"], [DiskError.inputOutput, DiskError.noSpace])
    func `a cut whose first sync fails fails the log, for whatever reason`(
        _ operation: String, _ code: Int32
    ) throws {
        let bench = try JournalBench(logs: 2)
        try bench.warmUp()
        for tag in 0..<4 { try bench.append(to: 1, TestBatch.make(tag: tag)) }
        bench.settle()
        bench.disk.inject(DiskFault(operation, pathPart: "/data/t-1", code: code))

        #expect(throws: StoreError.self) { try bench.logs[1].truncate(to: Offset(3)) }

        // The pages count as clean and are not on the device: nothing may rest on them.
        #expect(bench.logs[1].failure != nil)
        #expect(throws: StoreError.self) { try bench.append(to: 1, TestBatch.make()) }
        for seed in 0..<10 as Range<UInt64> {
            let recovered = try JournalBench(recovering: bench.disk.crash(seed: seed))
            #expect(recovered.logs[1].logEnd == Offset(4))
        }
    }

    @Test
    func `what a failed log acknowledged is still there after a stop in order of the others`()
        throws
    {
        let bench = try JournalBench(logs: 2)
        try bench.warmUp()
        for tag in 0..<4 { try bench.append(to: 1, TestBatch.make(tag: tag)) }
        bench.settle()
        bench.disk.inject(DiskFault("sync", pathPart: "/data/t-1"))
        bench.store.close(now: bench.now)
        #expect(try !bench.journalNames().isEmpty)

        let recovered = try JournalBench(recovering: bench.disk.crash(seed: 4))

        #expect(recovered.logs[1].logEnd == Offset(4))
    }

    @Test
    func `without space for a journal appends sync their segments, and it comes with the space`()
        throws
    {
        var store = StoreSettings()
        store.reservedBytes = 10_000
        let bench = try JournalBench(logs: 2, store: store)
        bench.disk.capacity = 60_000
        for tag in 0..<5 { try bench.append(to: tag % 2, TestBatch.make(tag: tag)) }
        bench.settle()
        #expect(bench.logs.allSatisfy { $0.durableEnd == $0.logEnd })
        #expect(try bench.journalNames().isEmpty)

        bench.disk.capacity = 1 << 20
        bench.store.tick(now: bench.now + 1)
        try bench.warmUp()
        let before = bench.disk.trace.count
        try bench.append(to: 0, TestBatch.make(tag: 8))
        bench.settle()

        #expect(try !bench.journalNames().isEmpty)
        #expect(bench.count("sync", on: "/data/t-", since: before) == 0)
        #expect(bench.logs[0].durableEnd == bench.logs[0].logEnd)
    }

    @Test
    func `a full disk is reversible with a journal too`() throws {
        var store = StoreSettings()
        store.reservedBytes = 0
        let bench = try JournalBench(logs: 1, store: store)
        try bench.warmUp()
        try bench.append(to: 0, TestBatch.make(tag: 1))
        bench.settle()
        let capacity = bench.disk.capacity
        bench.disk.capacity = 1
        #expect(throws: StoreError.self) {
            try bench.append(to: 0, TestBatch.make(valueBytes: 5_000, tag: 2))
        }

        bench.disk.capacity = capacity
        bench.now = bench.now + 1
        try bench.append(to: 0, TestBatch.make(tag: 3))
        bench.settle()

        #expect(bench.logs[0].failure == nil)
        #expect(bench.logs[0].durableEnd == Offset(3))
        let recovered = try JournalBench(recovering: bench.disk.crash(seed: 2))
        #expect(try recovered.contents(0) == bench.contents(0))
    }

    @Test(arguments: ["open", "allocate", "write", "sync", "rename", "syncFolder"])
    func `a journal file that cannot be made is done without`(_ operation: String) throws {
        let bench = try JournalBench(logs: 1)
        let part = operation == "syncFolder" ? "/data" : "journal-"
        bench.disk.inject(DiskFault(operation, pathPart: part))

        for tag in 0..<20 {
            try bench.append(to: 0, TestBatch.make(tag: tag))
            bench.settle()
        }

        #expect(bench.logs[0].failure == nil)
        #expect(bench.logs[0].durableEnd == Offset(20))
        let recovered = try JournalBench(recovering: bench.disk.crash(seed: 2))
        #expect(recovered.logs[0].logEnd == Offset(20))
    }
}
