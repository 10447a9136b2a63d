import Disk
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

/// The file that tells the next opening of a log's cuts.
struct LogCutsTests {
    private let disk = SimulatedDisk(seed: 1)

    init() throws {
        _ = try disk.perform(.createFolder(path: "/data"))
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.filter { $0 != " " })
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0..<$0 + 2]), radix: 16)
        }
    }

    @Test
    func `cuts are kept, and damage to them is told`() throws {
        #expect(try LogCuts.read(on: disk, folder: "/data") == LogCuts())
        let cuts = LogCuts().cutting(Offset(90), to: Offset(40))
        try cuts.write(on: disk, folder: "/data")
        #expect(try LogCuts.read(on: disk, folder: "/data") == cuts)
        #expect(cuts.incarnation == LogIncarnation(1))
        #expect(
            cuts.encoded
                == bytes(
                    "4D52494E 0002 0000000000000001 0000000000000028 000000000000005A DC6D882E"))

        disk.flip(bit: 1, at: FilePosition(21), of: "/data/\(LogCuts.name)")

        #expect(throws: SideFileError.self) { try LogCuts.read(on: disk, folder: "/data") }
    }

    @Test
    func `version 1 knows the incarnation alone, and a newer one than ours is refused`() throws {
        let old = try LogCuts(
            parsing: bytes("4D52494E 0001 0000000000000001 80BEF6E6"), path: "old")

        #expect(old == LogCuts(incarnation: LogIncarnation(1)))
        #expect(old.believed(Offset(7)) == Offset(7))
        var newer = LogCuts().encoded
        newer[5] = 3
        #expect(throws: SideFileError.newerVersion(path: "new", found: 3, supported: 2)) {
            try LogCuts(parsing: newer, path: "new")
        }
    }

    @Test
    func `a recovery point between a cut and what was synced before it is not believed`() {
        let cuts = LogCuts().cutting(Offset(90), to: Offset(40))

        #expect(cuts.believed(Offset(39)) == Offset(39))
        #expect(cuts.believed(Offset(40)) == Offset(40))
        #expect(cuts.believed(Offset(41)) == Offset(40))
        #expect(cuts.believed(Offset(90)) == Offset(40))
        // Written since.
        #expect(cuts.believed(Offset(91)) == Offset(91))
    }

    @Test
    func `a second cut does not forget how far the checkpoint may be ahead`() {
        let first = LogCuts().cutting(Offset(90), to: Offset(40))

        // The checkpoint still says 90, at the most.
        let second = first.cutting(Offset(60), to: Offset(50))
        #expect(second.believed(Offset(90)) == Offset(50))
        #expect(second.believed(Offset(45)) == Offset(45))
        // All below 200 was durable: the first cut means nothing any more.
        let later = first.cutting(Offset(200), to: Offset(150))
        #expect(later.believed(Offset(90)) == Offset(90))
        #expect(later.believed(Offset(200)) == Offset(150))
        #expect(later.incarnation == LogIncarnation(2))
    }

    @Test
    func `a cut of what was never synced makes no recovery point stale`() {
        let cuts = LogCuts().cutting(Offset(40), to: Offset(40))

        #expect(cuts.believed(Offset(40)) == Offset(40))
        #expect(cuts.believed(Offset(60)) == Offset(60))
    }
}
