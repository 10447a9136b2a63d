import Benchmark
import EmbeddedStore

/// Finding and reading what is in memory.
func readBenchmarks() {
    Benchmark("find an offset, by index", configuration: .thousand) { benchmark in
        let bed = try CoreBed()
        defer { bed.close() }
        let batch = Samples.batch(byteCount: 1 << 10)
        for _ in 0..<20_000 { try bed.append(batch.header, [batch.bytes]) }
        let end = bed.log.writtenEnd
        var offset: Int64 = 0
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            // Steps that visit the log here and there.
            offset = (offset + 7_919) % end.rawValue
            blackHole(
                try bed.log.read(from: Offset(offset), upTo: end, maxBytes: 1, minOneBatch: true))
        }
        benchmark.stopMeasurement()
    }
    Benchmark("read the tail, core", configuration: .thousand) { benchmark in
        let bed = try CoreBed()
        defer { bed.close() }
        let batch = Samples.batch(byteCount: 1 << 10)
        for _ in 0..<100 { try bed.append(batch.header, [batch.bytes]) }
        let end = bed.log.writtenEnd
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            blackHole(
                try bed.log.read(from: end - 1, upTo: end, maxBytes: 1 << 20, minOneBatch: true))
        }
        benchmark.stopMeasurement()
    }
    Benchmark("read the tail, async", configuration: .thousand) { benchmark in
        let folder = ScratchFolder()
        defer { folder.remove() }
        try await withEventStore(at: folder.path, .unsynced) { store in
            let log = try await store.log("events")
            let last = try await log.append(Samples.batch(byteCount: 1 << 10)).last
            try await withTaskExecutorPreference(store.executor) {
                benchmark.startMeasurement()
                for _ in benchmark.scaledIterations {
                    blackHole(try await log.read(from: last))
                }
                benchmark.stopMeasurement()
            }
        }
    }
}
