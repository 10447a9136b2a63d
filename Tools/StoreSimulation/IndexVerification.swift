import Disk
import Records
import SegmentStore
import Vocabulary

/// Computes both indexes of a closed log's segments from the batches, by the documented rules and
/// not by the store's code, and compares them with the files byte for byte.
struct IndexVerification {
    let disk: any Disk
    let folder: String
    let interval: Int
    /// Where the log begins: segments that end there or before are about to go.
    let start: Int64
    /// Whether a file may be missing: the deletion of a segment that a crash undid may have taken
    /// it. It is made anew when it is needed.
    let mayMiss: Bool

    func run() throws(Violation) {
        do {
            try check()
        } catch let error as Violation {
            throw error
        } catch {
            throw Violation("\(folder): \(error)")
        }
    }

    private func check() throws {
        let names = try disk.list(folder).map(\.name).filter { $0.hasSuffix(".log") }
        let bases = names.compactMap { Int64($0.dropLast(4)) }.sorted()
        for name in names.sorted() {
            let stem = String(name.dropLast(4))
            guard let base = Int64(stem) else {
                throw Violation("\(folder)/\(name) is no segment's name")
            }
            if let next = bases.first(where: { $0 > base }), next <= start { continue }
            let (offsets, times) = try indexes(of: disk.readFile("\(folder)/\(name)"), base: base)
            for (kind, bytes) in [("index", offsets), ("timeindex", times)] {
                let path = "\(folder)/\(stem).\(kind)"
                let found: [UInt8]
                do throws(DiskError) {
                    found = try disk.readFile(path)
                } catch {
                    guard error.isMissing, mayMiss else { throw error }
                    continue
                }
                try require(
                    found == bytes, "\(path) has \(found), the batches give \(bytes)")
            }
        }
    }

    private func indexes(of log: [UInt8], base: Int64) throws -> ([UInt8], [UInt8]) {
        var offsets: [UInt8] = []
        var times: [UInt8] = []
        var lastEntry = 0
        var largest: (timestamp: Int64, relative: Int32) = (-1, 0)
        var lastTime: Int64 = -1
        func addTime() {
            guard largest.timestamp > lastTime else { return }
            lastTime = largest.timestamp
            withUnsafeBytes(of: largest.timestamp.bigEndian) { times.append(contentsOf: $0) }
            withUnsafeBytes(of: largest.relative.bigEndian) { times.append(contentsOf: $0) }
        }
        var position = 0
        while position < log.count {
            let header = try log.withUnsafeBytes {
                try BatchHeader(reading: UnsafeRawBufferPointer(rebasing: $0[position...]))
            }
            let relative = Int32(header.lastOffset.rawValue - base)
            if header.maxTimestamp.rawValue > largest.timestamp {
                largest = (header.maxTimestamp.rawValue, relative)
            }
            if position - lastEntry > interval {
                lastEntry = position
                withUnsafeBytes(of: relative.bigEndian) { offsets.append(contentsOf: $0) }
                withUnsafeBytes(of: Int32(position).bigEndian) { offsets.append(contentsOf: $0) }
                addTime()
            }
            position += header.byteCount
        }
        addTime()
        return (offsets, times)
    }
}
