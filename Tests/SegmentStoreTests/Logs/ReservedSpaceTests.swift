import Disk
import SegmentStore
import Simulation
import Testing
import Vocabulary

struct ReservedSpaceTests {
    @Test
    func `stores that share a file system leave half of the reserve at least`() throws {
        let capacity = 16 << 20
        let disk = SimulatedDisk(
            seed: 1,
            settings: SimulatedDiskSettings(capacity: capacity, reorders: false, traces: false))
        _ = try disk.perform(.createFolder(path: "/data"))
        var settings = StoreSettings()
        settings.reservedBytes = 8 << 20
        settings.shareFileSystem(among: 4)
        // Nothing is committed: the disk has no completions, which are one store's alone.
        let stores = (0..<4).map { _ in Store(disk: disk, settings: settings) }
        let logs = try stores.indices.map { index in
            try stores[index].createLog(
                folder: "/data/orders-\(index)", topicID: TopicID(high: 1, low: 2),
                settings: LogSettings(), leaderEpoch: LogBench.epoch, now: Timestamp(1))
        }
        let batch = TestBatch.make(valueBytes: 100_000)
        let header = try TestBatch.header(batch)

        var refused = Set<Int>()
        for round in 0..<400 where refused.count < logs.count {
            let index = round % logs.count
            do throws(StoreError) {
                try logs[index].append(
                    header, bytes: [OwnedBytes(batch)], leaderEpoch: LogBench.epoch,
                    now: Timestamp(1))
            } catch {
                #expect(error == .outOfSpace(path: logs[index].folder))
                refused.insert(index)
            }
        }

        #expect(refused.count == logs.count)
        #expect(try disk.freeSpace(at: "/data") >= settings.reservedBytes / 2)
    }
}
