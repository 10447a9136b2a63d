import Benchmark
import EmbeddedStore

/// There and back: text that compresses as logs do, in batches of 16 KiB and 1 MiB.
func codecBenchmarks() {
    for codec in Codec.allCases where codec != .none {
        for (name, byteCount) in [("16 KiB", 16 << 10), ("1 MiB", 1 << 20)] {
            Benchmark("\(codec.name) \(name), compress") { benchmark in
                let text = Samples.text(byteCount: byteCount)
                let compressor = Compressor()
                try text.withUnsafeBytes { text in
                    try compressor.compress(codec, text) { blackHole($0.count) }
                    benchmark.startMeasurement()
                    try compressor.compress(codec, text) { blackHole($0.count) }
                    benchmark.stopMeasurement()
                }
            }
            Benchmark("\(codec.name) \(name), decompress") { benchmark in
                let stored = try Samples.text(byteCount: byteCount).withUnsafeBytes { text in
                    try Compressor().compress(codec, text) { Array($0) }
                }
                let decompressor = Decompressor()
                try stored.withUnsafeBytes { stored in
                    try decompressor.decompress(codec, stored, limit: byteCount) { _ in }
                    benchmark.startMeasurement()
                    try decompressor.decompress(codec, stored, limit: byteCount) {
                        blackHole($0.count)
                    }
                    benchmark.stopMeasurement()
                }
            }
        }
    }
}
