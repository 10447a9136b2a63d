import Compression
import SegmentStore

/// What is measured, where, and how much of it.
public struct BenchSettings: Sendable, Hashable {
    /// A folder for the measurement's own folder, which is removed in the end.
    public var folder: String
    /// In the order in which they are measured.
    public var kinds: [BenchCase.Kind] = BenchCase.Kind.allCases
    /// Sizes of batches, each measured for itself; `mixed` takes the largest.
    public var batchBytes = [16 << 10, 1 << 20]
    /// How many logs `append` writes to in turn, each number measured for itself.
    public var logs = [1]
    /// What an acknowledgement promises in `append` and `mixed`, each measured for itself.
    public var durabilities: [Durability] = [.sync, .os]
    /// How many batches of `append` may wait for their acknowledgement, likewise.
    public var inFlight = [32]
    /// How many bytes a round moves.
    public var roundBytes = 512 << 20
    /// Rounds that count; one more comes before them and does not.
    public var rounds = 5

    /// The page cache that a store may fill, and the raw limit likewise: beyond it the oldest pages
    /// are dropped.
    public var pageCacheBudget = 256 << 20
    /// How much is written before its write-back is started, by the store and by the raw limit.
    public var writeBehindBytes = 4 << 20
    /// Under `os`: how much is written before it is synced anyway.
    public var syncBytes = 64 << 20
    /// Free space that stays.
    public var reservedBytes = 2 << 30

    public init(folder: String) { self.folder = folder }

    /// Finishes in about a minute on a small machine.
    public static func quick(folder: String) -> BenchSettings {
        var settings = BenchSettings(folder: folder)
        settings.roundBytes = 128 << 20
        settings.rounds = 3
        return settings
    }

    /// The cases in the order in which they are measured.
    public var cases: [BenchCase] {
        kinds.flatMap { kind -> [BenchCase] in
            switch kind {
            case .append: appends
            case .tail: batchBytes.map { .tailRead(batchBytes: $0) }
            case .catchup: [.catchUp(isCold: false), .catchUp(isCold: true)]
            case .mixed:
                durabilities.map { .mixed(batchBytes: batchBytes.max() ?? 1 << 20, durability: $0) }
            case .recovery: [.recovery]
            case .compaction: [.compaction]
            case .codecs: Codec.allCases.filter { $0 != .none }.map { .codec($0) }
            }
        }
    }

    private var appends: [BenchCase] {
        batchBytes.flatMap { bytes in
            logs.flatMap { logs in
                durabilities.flatMap { durability in
                    inFlight.map {
                        .append(
                            batchBytes: bytes, logs: logs, durability: durability, inFlight: $0)
                    }
                }
            }
        }
    }

    /// The bytes that the folder holds at most at any time.
    public var diskBytes: Int {
        cases.map { $0.diskBytes(round: roundBytes) }.max() ?? 0
    }
}
