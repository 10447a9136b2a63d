import Compression
import SegmentStore

/// One thing to measure.
public enum BenchCase: Sendable, Hashable {
    /// Batches of so many bytes, in turn to so many logs; at most `inFlight` of them without their
    /// acknowledgement.
    case append(batchBytes: Int, logs: Int, durability: Durability, inFlight: Int)
    /// Each batch is read as soon as it is written.
    case tailRead(batchBytes: Int)
    /// A log is read from its beginning, from memory or from the device.
    case catchUp(isCold: Bool)
    /// One writer, and a reader that reads an old log from the device.
    case mixed(batchBytes: Int, durability: Durability)
    /// A log that was not closed is opened again.
    case recovery
    /// A log is compacted in which every key comes again and again.
    case compaction
    /// A batch is compressed and decompressed.
    case codec(Codec)

    /// Which kind it is; what `--cases` takes.
    public enum Kind: String, Sendable, CaseIterable {
        /// The raw values are the words for the command line and in reports.
        case append, tail, catchup, mixed, recovery, compaction, codecs
    }

    /// The kind that the case belongs to, several cases to each.
    public var kind: Kind {
        switch self {
        case .append: .append
        case .tailRead: .tail
        case .catchUp: .catchup
        case .mixed: .mixed
        case .recovery: .recovery
        case .compaction: .compaction
        case .codec: .codecs
        }
    }

    /// Short and unique: `append 1 MiB sync, 1 log, 8 in flight`.
    public var name: String {
        switch self {
        case .append(let bytes, let logs, let durability, let inFlight):
            """
            append \(ByteWords.of(bytes)) \(durability.rawValue), \(logs) \
            \(logs == 1 ? "log" : "logs"), \(inFlight) in flight
            """
        case .tailRead(let bytes): "tail read \(ByteWords.of(bytes))"
        case .catchUp(let isCold): "catch-up read, \(isCold ? "cold" : "warm")"
        case .mixed(let bytes, let durability):
            "mixed: append \(ByteWords.of(bytes)) \(durability.rawValue), cold reader"
        case .recovery: "recovery"
        case .compaction: "compaction"
        case .codec(let codec): "codec \(codec.name)"
        }
    }

    /// How many bytes its folder holds at most, for rounds of so many.
    func diskBytes(round: Int) -> Int {
        switch self {
        case .append, .tailRead: 3 * round
        case .catchUp, .recovery, .compaction: 2 * round
        case .mixed: 4 * round
        case .codec: 0
        }
    }
}

/// Sizes as people write them.
public enum ByteWords {
    /// `16 KiB`; with one digit behind the point where it does not come out even.
    public static func of(_ count: Int) -> String {
        for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where count >= 1 << shift {
            if count.isMultiple(of: 1 << shift) { return "\(count >> shift) \(unit)" }
            let tenths = (count * 10) >> shift
            return "\(tenths / 10).\(tenths % 10) \(unit)"
        }
        return "\(count) B"
    }

    /// `16384`, `16K`, `16KiB`, `1m`; `nil` for anything else.
    public static func parse(_ text: some StringProtocol) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        let shifts = ["": 0, "b": 0, "k": 10, "kib": 10, "m": 20, "mib": 20, "g": 30, "gib": 30]
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        guard let shift = shifts[unit] else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : product
    }
}
