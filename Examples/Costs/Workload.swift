import CountedAllocations
import Disk
import EmbeddedStore
import LinuxDisk
import Scratch

extension Costs {
    /// Allocations for one of what each name says.
    static func counts(in folder: String) async throws -> [(name: String, count: Double)] {
        var found: [(String, Double)] = [("known", Workload.known())]
        found += try Workload.core(in: "\(folder)/core")
        found += try await Workload.face(in: "\(folder)/face")
        return found
    }
}

/// The calls that are counted.
enum Workload {
    private static let rounds = 2_000

    final class Something {
        var number = 0
    }

    /// A counter that does not see this sees nothing.
    static func known() -> Double {
        var kept: [Something] = []
        kept.reserveCapacity(rounds)
        return count { kept.append(Something()) }
    }

    static func batch(records: Int, valueBytes: Int) throws -> EventBatch {
        var builder = EventBatchBuilder()
        let value = [UInt8](repeating: 7, count: valueBytes)
        for _ in 0..<records { builder.append(key: nil, value: value, timestamp: Timestamp(1)) }
        return try builder.seal()
    }

    private static func count(_ body: () throws -> Void) rethrows -> Double {
        for _ in 0..<rounds / 4 { try body() }
        let before = allocation_count()
        for _ in 0..<rounds { try body() }
        return Double(allocation_count() - before) / Double(rounds)
    }

    private static func count(_ body: () async throws -> Void) async rethrows -> Double {
        for _ in 0..<rounds / 4 { try await body() }
        let before = allocation_count()
        for _ in 0..<rounds { try await body() }
        return Double(allocation_count() - before) / Double(rounds)
    }

    /// The callback core, on this thread: what the broker does for each batch.
    static func core(in parent: String) throws -> [(String, Double)] {
        let disk = try LinuxDisk(.inline)
        _ = try disk.perform(.createFolder(path: parent))
        let store = Store(disk: disk)
        var settings = LogSettings()
        settings.durability = .os
        let log = try store.createLog(
            folder: "\(parent)/events-0", topicID: TopicID(high: 1, low: 1), settings: settings,
            leaderEpoch: .zero, now: .now())
        defer { store.close(now: .now()) }

        func append(_ made: EventBatch) throws -> Double {
            let bytes = [made.bytes]
            return try count {
                try log.append(made.header, bytes: bytes, leaderEpoch: .zero, now: Timestamp(1))
                store.commit()
            }
        }
        let one = try append(batch(records: 1, valueBytes: 1_000))
        let many = try append(batch(records: 100, valueBytes: 10))
        let large = try append(batch(records: 1, valueBytes: 16_000))
        let tail = try count {
            _ = try log.read(
                from: log.logEnd - 1, upTo: log.writtenEnd, maxBytes: 1 << 20, minOneBatch: true)
        }
        let hundred = try batch(records: 100, valueBytes: 10)
        let validator = BatchValidator(decompressor: Decompressor())
        let validate = try count {
            _ = try hundred.bytes.withUnsafeBytes { try validator.validate($0) }
        }
        return [
            ("core.append.1-record", one), ("core.append.100-records", many),
            ("core.append.16-KiB", large), ("core.read.tail", tail),
            ("records.validate.100-records", validate),
        ]
    }

    /// The async face, from a task that prefers the store's thread.
    static func face(in folder: String) async throws -> [(String, Double)] {
        var settings = EventStoreSettings()
        settings.log.durability = .os
        return try await withEventStore(at: folder, settings) { store in
            let log = try await store.log("events")
            return try await withTaskExecutorPreference(store.executor) {
                let single = try batch(records: 1, valueBytes: 1_000)
                let one = try await count { try await log.append(single) }
                let hundred = try batch(records: 100, valueBytes: 10)
                let many = try await count { try await log.append(hundred) }
                let eight = [EventBatch](repeating: single, count: 8)
                let several = try await count { try await log.append(contentsOf: eight) }
                var builder = EventBatchBuilder()
                let value = [UInt8](repeating: 7, count: 10)
                let build = try count {
                    for _ in 0..<100 {
                        builder.append(key: nil, value: value, timestamp: Timestamp(1))
                    }
                    _ = try builder.seal()
                }
                var records = 0
                let last = log.readEnd - 1
                let read = try await count {
                    for stored in try await log.read(from: last) {
                        try stored.forEachRecord { _ in
                            records += 1
                            return true
                        }
                    }
                }
                return [
                    ("append.1-record", one), ("append.100-records", many),
                    ("append.8-batches", several), ("build.100-records", build),
                    ("read.tail", read),
                ]
            }
        }
    }

    /// Makes calls of one kind with batches of 1 KiB, one after the other, on the store's thread.
    static func run(_ call: String, _ count: Int, in folder: String) async throws {
        var settings = EventStoreSettings()
        settings.log.durability = .os
        try await withEventStore(at: folder, settings) { store in
            let log = try await store.log("events")
            let single = try batch(records: 10, valueBytes: 100)
            let eight = [EventBatch](repeating: single, count: 8)
            try await log.append(single)
            try await withTaskExecutorPreference(store.executor) {
                for _ in 0..<count {
                    switch call {
                    case "append": try await log.append(single)
                    case "append-8": try await log.append(contentsOf: eight)
                    case "read": _ = try await log.read(from: .zero)
                    default: throw Disagreement(description: "there is no call \(call)")
                    }
                }
            }
        }
    }
}
