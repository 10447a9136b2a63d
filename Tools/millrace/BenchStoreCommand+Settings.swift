import ArgumentParser
import SegmentStore
import StoreBench

extension BenchStoreCommand {
    func settings() throws -> BenchSettings {
        let place = LogDumpCommand.trimmed(folder)
        var settings = quick ? BenchSettings.quick(folder: place) : BenchSettings(folder: place)
        if let cases {
            settings.kinds = try Self.list(cases, "--cases") { BenchCase.Kind(rawValue: $0) }
        }
        if let batchBytes {
            settings.batchBytes = try Self.list(batchBytes, "--batch-bytes") {
                ByteWords.parse($0).flatMap { (128...(64 << 20)).contains($0) ? $0 : nil }
            }
        }
        if let logs {
            settings.logs = try Self.list(logs, "--logs") { Self.number($0, in: 1...4_096) }
        }
        if let durability {
            settings.durabilities = try Self.list(durability, "--durability") {
                Durability(rawValue: $0)
            }
        }
        if let inFlight {
            settings.inFlight = try Self.list(inFlight, "--in-flight") {
                Self.number($0, in: 1...65_536)
            }
        }
        if let bytes {
            guard let count = ByteWords.parse(bytes), count >= 1 << 20 else {
                throw ValidationError("--bytes takes a size of 1M or more, not \(bytes)")
            }
            settings.roundBytes = count
        }
        if let rounds {
            guard (3...1_000).contains(rounds) else {
                throw ValidationError("--rounds takes a number from 3 to 1000, not \(rounds)")
            }
            settings.rounds = rounds
        }
        return settings
    }

    private static func list<Element>(
        _ text: String, _ flag: String, _ element: (String) -> Element?
    ) throws -> [Element] {
        try text.split(separator: ",").map { word in
            guard let value = element(String(word)) else {
                throw ValidationError("\(flag): \(word) is none; see --help")
            }
            return value
        }
    }

    private static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
        Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
}
