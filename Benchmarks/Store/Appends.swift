import Benchmark
import EmbeddedStore

/// Batches into a log, by the callback core and by the async face, written and not synced: what is
/// measured is the store and not the device.
func appendBenchmarks() {
    for (name, byteCount) in [("1 KiB", 1 << 10), ("16 KiB", 16 << 10), ("1 MiB", 1 << 20)] {
        // Larger batches in smaller numbers: what is not synced must stay in memory.
        let count = min(1_000, (16 << 20) / byteCount)
        var configuration = Benchmark.defaultConfiguration
        configuration.maxIterations = 100
        Benchmark("append \(count) × \(name), core", configuration: configuration) { benchmark in
            let bed = try CoreBed()
            defer { bed.close() }
            let batch = Samples.batch(byteCount: byteCount)
            let bytes = [batch.bytes]
            benchmark.startMeasurement()
            for _ in 0..<count { try bed.append(batch.header, bytes) }
            benchmark.stopMeasurement()
        }
        Benchmark("append \(count) × \(name), async", configuration: configuration) { benchmark in
            let folder = ScratchFolder()
            defer { folder.remove() }
            try await withEventStore(at: folder.path, .unsynced) { store in
                let log = try await store.log("events")
                let batch = Samples.batch(byteCount: byteCount)
                try await withTaskExecutorPreference(store.executor) {
                    benchmark.startMeasurement()
                    for _ in 0..<count { try await log.append(batch) }
                    benchmark.stopMeasurement()
                }
            }
        }
    }
    Benchmark("append 1 record durably, async") { benchmark in
        let folder = ScratchFolder()
        defer { folder.remove() }
        try await withEventStore(at: folder.path) { store in
            let log = try await store.log("events")
            let batch = Samples.batch(byteCount: 100)
            benchmark.startMeasurement()
            try await log.append(batch)
            benchmark.stopMeasurement()
        }
    }
}
