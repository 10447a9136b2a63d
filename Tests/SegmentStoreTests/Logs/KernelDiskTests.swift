import Disk
import Glibc
import LinuxDisk
import Records
import SegmentStore
import TestData
import Testing
import Vocabulary

/// The store on files of this machine, by the ring where it is permitted.
struct KernelDiskTests {
    private static let now = Timestamp(1_000_000)

    private static func makeDisk() throws -> LinuxDisk {
        do {
            return try LinuxDisk()
        } catch {
            return try LinuxDisk(.inline)
        }
    }

    @Test(arguments: Durability.allCases, [0, 64 << 20])
    func `what is appended is read through the kernel's descriptor, also after reopening`(
        _ durability: Durability, _ inlineDirtyBound: Int
    ) throws {
        let folder = "\(try temporaryFolder())/orders-0"
        var storeSettings = StoreSettings()
        storeSettings.inlineDirtyBound = inlineDirtyBound
        storeSettings.writeBehindBytes = 50_000
        storeSettings.pageCacheBudget = 100_000
        var settings = LogSettings()
        settings.durability = durability
        settings.segmentBytes = 200_000
        let disk = try Self.makeDisk()
        let store = Store(disk: disk, settings: storeSettings)
        let log = try store.createLog(
            folder: folder, topicID: TopicID(high: 1, low: 2), settings: settings,
            leaderEpoch: .zero, now: Self.now)

        var sent: [UInt8] = []
        for tag in 0..<400 {
            let batch = TestBatch.make(valueBytes: 2_000, tag: tag)
            try log.append(
                TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: .zero,
                now: Self.now)
            sent += batch[16...]
            if tag.isMultiple(of: 7) { store.commit() }
            store.drain()
        }
        store.commit()
        while log.writtenEnd < log.logEnd {
            disk.wait()
            store.drain()
        }
        #expect(try received(from: log) == sent)
        store.close(now: Self.now)

        #expect(log.failure == nil)
        #expect(log.recoveryPoint == Offset(400))
        let again = Store(disk: try Self.makeDisk(), settings: storeSettings)
        let reopened = try again.openLog(
            folder: folder, settings: settings,
            hint: OpenHint(cleanShutdown: true, recoveryPoint: Offset(400)), now: Self.now)
        #expect(!reopened.wasUnclean)
        #expect(try received(from: reopened) == sent)
        try again.deleteLog(reopened)
        again.close(now: Self.now)
        #expect(try namesInFolder(folder.replacing("/orders-0", with: "")) == [])
    }

    /// The bytes of all batches without their first 16, read with pread(2).
    private func received(from log: Log) throws -> [UInt8] {
        let read = try log.read(
            from: .zero, upTo: log.writtenEnd, maxBytes: 100 << 20, minOneBatch: true)
        var bodies: [UInt8] = []
        for region in read.regions {
            let descriptor = try #require(region.descriptor)
            var bytes = [UInt8](repeating: 0, count: region.count)
            let count = pread(descriptor, &bytes, bytes.count, Int(region.position.rawValue))
            #expect(count == region.count)
            var position = 0
            while position < bytes.count {
                let header = try bytes.withUnsafeBytes {
                    try BatchHeader(reading: UnsafeRawBufferPointer(rebasing: $0[position...]))
                }
                bodies += bytes[(position + 16)..<(position + header.byteCount)]
                position += header.byteCount
            }
        }
        return bodies
    }

    @Test
    func `a region that another thread lets go leaves its file to the store's thread`() throws {
        let folder = "\(try temporaryFolder())/orders-0"
        let store = Store(disk: try Self.makeDisk())
        let log = try store.createLog(
            folder: folder, topicID: TopicID(high: 1, low: 2), settings: LogSettings(),
            leaderEpoch: .zero, now: Self.now)
        let batch = TestBatch.make()
        try log.append(
            TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: .zero, now: Self.now)
        let held = HeldRegion()
        held.region = try log.read(
            from: .zero, upTo: log.logEnd, maxBytes: 1 << 20, minOneBatch: true
        ).regions.first
        let descriptor = try #require(held.region?.descriptor)
        let path = try #require(held.region?.path)
        store.close(now: Self.now)
        #expect(Self.path(of: descriptor) == path)

        var thread = pthread_t()
        let argument = Unmanaged.passRetained(held).toOpaque()
        let started = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<HeldRegion>.fromOpaque(argument).takeRetainedValue().region = nil
                return nil
            }, argument)
        #expect(started == 0)
        pthread_join(thread, nil)
        #expect(Self.path(of: descriptor) == path)
        store.commit()

        // The number may stand for another test's file by now.
        #expect(Self.path(of: descriptor) != path)
    }

    private static func path(of descriptor: Int32) -> String? {
        var bytes = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/fd/\(descriptor)", &bytes, bytes.count)
        return count < 0
            ? nil : String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private final class HeldRegion {
        var region: FileRegion?
    }
}
