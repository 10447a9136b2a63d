import Compression
import Vocabulary

/// Compresses and decompresses batches of 16 KiB and more, as a producer and the broker do.
enum CodecRound {
    static func run(
        _ codec: Codec, bytes total: Int, batchBytes: Int
    ) throws(BenchError) -> RoundOutcome {
        let templates = BatchTemplates(byteCount: batchBytes)
        let compressor = Compressor()
        let decompressor = Decompressor()
        var latencies = Latencies()
        var compressedBytes = 0
        var plainBytes = 0
        var back = 0.0
        let meter = Meter()
        while plainBytes < total {
            let batch = templates.batches[latencies.count % templates.batches.count]
            let start = Nanoseconds.now
            var stored: [UInt8] = []
            do throws(CompressionError) {
                stored = try batch.withUnsafeBytes { plain throws(CompressionError) in
                    try compressor.compress(codec, plain) { Array($0) }
                }
                let middle = Nanoseconds.now
                latencies.record(nanoseconds: middle - start)
                let found = try stored.withUnsafeBytes { bytes in
                    Result { () throws(CompressionError) in
                        try decompressor.decompress(codec, bytes, limit: 1 << 30) { $0.count }
                    }
                }.get()
                precondition(found == batch.count, "what was compressed comes back whole")
                back += Double(Nanoseconds.now - middle) / 1e9
            } catch {
                preconditionFailure("our own bytes can be compressed and decompressed: \(error)")
            }
            plainBytes += batch.count
            compressedBytes += stored.count
            try Interruption.check()
        }
        var cost = meter.cost(bytes: plainBytes, operations: latencies.count)
        cost.seconds -= back
        let ratio = Double(plainBytes) / Double(max(1, compressedBytes))
        let backRate = back > 0 ? Double(plainBytes) / back / 1e6 : 0
        return RoundOutcome(
            cost: cost, latencies: latencies,
            notes: [
                "compressed to 1/\(Decimals.text(ratio, 2))",
                "decompressed at \(Decimals.text(backRate, 0)) MB/s",
            ])
    }
}
