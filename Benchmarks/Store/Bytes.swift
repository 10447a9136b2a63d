import Benchmark
import EmbeddedStore

/// What is done with the bytes of batches, without any file.
func byteBenchmarks() {
    Benchmark("walk 1,000 batch headers") { benchmark in
        let batch = Samples.batch(byteCount: 1 << 10).bytes.copied()
        let bytes = OwnedBytes([[UInt8]](repeating: batch, count: 1_000).flatMap { $0 })
        benchmark.startMeasurement()
        try bytes.withUnsafeBytes { bytes in
            var position = 0
            while position < bytes.count {
                let header = try BatchHeader(
                    reading: UnsafeRawBufferPointer(rebasing: bytes[position...]))
                position += header.byteCount
            }
            blackHole(position)
        }
        benchmark.stopMeasurement()
    }
    Benchmark("walk 10,000 records of 100 bytes") { benchmark in
        let batch = Samples.batch(byteCount: 1 << 20)
        try batch.bytes.withUnsafeBytes { bytes in
            let view = try BatchView(reading: bytes)
            benchmark.startMeasurement()
            var records = RecordIterator(
                payload: view.payload, count: Int(view.header.recordCount))
            while let record = try records.next() { blackHole(record.offsetDelta) }
            benchmark.stopMeasurement()
        }
    }
    Benchmark("validate 1 MiB of records of 100 bytes") { benchmark in
        let batch = Samples.batch(byteCount: 1 << 20)
        let validator = BatchValidator(decompressor: Decompressor())
        let rules = BatchRules(maxByteCount: 2 << 20)
        try batch.bytes.withUnsafeBytes { bytes in
            benchmark.startMeasurement()
            blackHole(try validator.validate(bytes, rules: rules))
            benchmark.stopMeasurement()
        }
    }
    Benchmark("CRC-32C of 1 MiB") { benchmark in
        Samples.batch(byteCount: 1 << 20).bytes.withUnsafeBytes { bytes in
            benchmark.startMeasurement()
            blackHole(crc32c(bytes))
            benchmark.stopMeasurement()
        }
    }
    Benchmark("build 1 MiB of records of 100 bytes") { benchmark in
        var builder = EventBatchBuilder()
        let value = [UInt8](repeating: 7, count: 100)
        func fill() throws {
            for _ in 0..<10_000 {
                builder.append(key: nil, value: value, timestamp: Timestamp(1))
            }
            blackHole(try builder.seal())
        }
        try fill()
        benchmark.startMeasurement()
        try fill()
        benchmark.stopMeasurement()
    }
}
