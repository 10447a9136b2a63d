import Disk
import LogInspection
import Testing
import Vocabulary

/// Changes every byte of a small data folder, one at a time.
@Suite struct FlippedByteTests {
    @Test func `a folder that a broker closed has no damage`() throws {
        let folder = try SmallFolder()

        let report = try LogVerification(SmallFolder.root, on: folder.disk).run()

        #expect(report.findings == [])
        #expect(report.partitionCount == 3)
        #expect(report.batchCount == 28)
        #expect(report.recordCount == 80)
    }

    @Test(arguments: [UInt8(0x01), 0x10, 0x80])
    func `each changed byte is found, in the file and at the place where it is`(mask: UInt8) throws
    {
        let folder = try SmallFolder()
        var missed: [String] = []
        for (path, byteCount) in try folder.files() where !Self.isWithoutRedundancy(path) {
            // Every byte of what is small, every 13th of the batches' contents.
            let step = path.hasSuffix(".log") ? 13 : 1
            var positions = Set(stride(from: 0, to: byteCount, by: step))
            if path.hasSuffix(".log") {
                positions.formUnion(headerBytes(try folder.disk.readFile(path)))
            }
            for position in positions.sorted() {
                if Self.isUnseen(path, position) { continue }
                let report = try folder.withFlippedByte(path, at: position, mask: mask) {
                    try LogVerification(SmallFolder.root, on: folder.disk).run()
                }
                let named = report.findings.filter { $0.severity == .damage }
                let isNamed = named.contains {
                    $0.path == path && covers($0.place, position, path, folder)
                }
                let isAlone = named.allSatisfy { $0.path == path }
                if !isNamed || !isAlone {
                    missed.append("\(path) byte \(position): \(report.findings.map(\.text))")
                }
            }
        }

        #expect(
            missed.isEmpty, "\(missed.count), first: \(missed.prefix(12).joined(separator: "\n"))")
    }

    /// The clean mark and the lock have no contents that matter.
    private static func isWithoutRedundancy(_ path: String) -> Bool {
        path.hasSuffix(".kafka_cleanshutdown") || path.hasSuffix(".lock")
    }

    /// Bytes that nothing else repeats, so that no check can know them.
    private static func isUnseen(_ path: String, _ position: Int) -> Bool {
        if path.hasSuffix("meta.properties") { return true }
        // The metadata log's own id names its generation, which only a snapshot repeats.
        if path.hasSuffix("__millrace_metadata-0/partition.metadata") {
            return position > "version: 0\ntopic_id:".utf8.count
        }
        // High watermarks may lie anywhere below the end.
        return path.hasSuffix("replication-offset-checkpoint")
    }

    /// Whether a place is the batch, the entry or the line that holds a byte.
    private func covers(
        _ place: Finding.Place, _ position: Int, _ path: String, _ folder: SmallFolder
    ) -> Bool {
        switch place {
        case .wholeFile: return true
        // A count that does not fit shows at the end of the file.
        case .line: return true
        case .byte(let start):
            if path.hasSuffix(".log") {
                guard let bytes = try? folder.disk.readFile(path) else { return false }
                return batchStarts(bytes).last { $0 <= position } == start
            }
            if path.hasSuffix(".index") { return position / 8 == start / 8 }
            if path.hasSuffix(".timeindex") { return position / 12 == start / 12 }
            return true
        }
    }

    private func headerBytes(_ bytes: [UInt8]) -> [Int] {
        batchStarts(bytes).flatMap { Array($0..<$0 + 24) }
    }

    private func batchStarts(_ bytes: [UInt8]) -> [Int] {
        var starts: [Int] = []
        var position = 0
        while position + 61 <= bytes.count {
            starts.append(position)
            position += 12 + bytes[position + 8..<position + 12].reduce(0) { $0 << 8 | Int($1) }
        }
        return starts
    }
}
