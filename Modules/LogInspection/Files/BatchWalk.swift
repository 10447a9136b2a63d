import Disk
import Records
import Vocabulary

/// Walks the batches of a `.log` file, damaged ones included.
///
/// Behind damage it goes on at the next place that holds a sound batch, so that everything that
/// can be read is read.
struct BatchWalk {
    enum Step {
        /// A batch whose checksum is right. Its bytes are valid until the next step; `nil` for
        /// one that is too large to be held in memory.
        case batch(BatchHeader, position: Int, BatchView?)
        /// Bytes that are no sound batch. The header is there if it can be read at all.
        case damage(position: Int, end: Int, BatchHeader?, reason: String)
        /// A preallocated tail; it reaches to the end of the file.
        case zeros(position: Int)
    }

    let window: FileWindow
    private(set) var position: Int

    init(_ window: FileWindow, from position: Int = 0) {
        self.window = window
        self.position = position
    }

    /// The next step; `nil` at the end of the file.
    mutating func next() throws(DiskError) -> Step? {
        let start = position
        guard start < window.byteCount else { return nil }
        let bytes = try window.bytes(at: start, count: BatchHeader.byteCount)
        if bytes.allSatisfy({ $0 == 0 }) {
            let end = try window.endOfZeros(from: start)
            position = end
            if end == window.byteCount { return .zeros(position: start) }
            return try damage(at: start, nil, "zeros, where a batch should begin")
        }
        let header: BatchHeader
        do throws(RecordError) {
            header = try BatchHeader(reading: bytes)
        } catch {
            if bytes.count < BatchHeader.byteCount, case .corrupt(.truncated, _) = error {
                position = window.byteCount
                return .damage(
                    position: start, end: window.byteCount, nil,
                    reason: "the file ends within the header of a batch")
            }
            return try damage(at: start, nil, error.explanation)
        }
        let end = start + header.byteCount
        guard end <= window.byteCount else {
            return try damage(
                at: start, header,
                "the file ends within the batch, \(end - window.byteCount) bytes too early")
        }
        guard header.byteCount <= FileWindow.byteLimit else {
            let found = try checksum(from: start + BatchHeader.checksumStart, to: end)
            guard found == header.crc else {
                return try damage(at: start, header, Self.wrongChecksum(header, found))
            }
            position = end
            return .batch(header, position: start, nil)
        }
        let whole = try window.bytes(at: start, count: header.byteCount)
        guard let batch = try? BatchView(reading: whole) else {
            // The header was read: what is missing are bytes that were there a moment ago.
            return try damage(at: start, header, "the file was cut while it was read")
        }
        guard batch.hasValidChecksum else {
            return try damage(at: start, header, Self.wrongChecksum(header, batch.computedChecksum))
        }
        position = end
        return .batch(header, position: start, batch)
    }

    private static func wrongChecksum(_ header: BatchHeader, _ found: UInt32) -> String {
        "the batch's checksum is \(found), its header says \(header.crc)"
    }

    private func checksum(from start: Int, to end: Int) throws(DiskError) -> UInt32 {
        var checksum = CRC32C()
        var position = start
        while position < end {
            let run = try window.run(at: position)
            guard !run.isEmpty else { break }
            let piece = UnsafeRawBufferPointer(rebasing: run.prefix(end - position))
            checksum.update(piece)
            position += piece.count
        }
        return checksum.value
    }

    // MARK: - Behind damage

    private mutating func damage(
        at start: Int, _ header: BatchHeader?, _ reason: String
    ) throws(DiskError) -> Step {
        let end = try nextSoundBatch(behind: start, likely: header.map { start + $0.byteCount })
        position = end
        return .damage(position: start, end: end, header, reason: reason)
    }

    /// Where the next sound batch begins, or the file ends. Looks first where the damaged header
    /// says, then everywhere.
    private func nextSoundBatch(behind start: Int, likely: Int?) throws(DiskError) -> Int {
        if let likely, likely <= window.byteCount {
            if likely == window.byteCount { return likely }
            if try isSound(at: likely) { return likely }
        }
        var position = start + 1
        while position + BatchHeader.byteCount <= window.byteCount {
            _ = try window.bytes(at: position, count: BatchHeader.byteCount)
            let run = try window.run(at: position)
            let places = run.count - BatchHeader.byteCount + 1
            guard places > 0 else { break }
            var candidate: Int?
            for index in 0..<places where run[index + 16] == 2 {
                if mayBeBatch(UnsafeRawBufferPointer(rebasing: run[index...]), at: position + index)
                {
                    candidate = position + index
                    break
                }
            }
            guard let candidate else {
                position += places
                continue
            }
            if try isSound(at: candidate) { return candidate }
            position = candidate + 1
        }
        return window.byteCount
    }

    private func mayBeBatch(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Bool {
        guard let header = try? BatchHeader(reading: bytes) else {
            return false  // most positions hold no header: that is what is asked
        }
        return header.hasPossibleOffsets && start + header.byteCount <= window.byteCount
    }

    private func isSound(at start: Int) throws(DiskError) -> Bool {
        let bytes = try window.bytes(at: start, count: BatchHeader.byteCount)
        guard let header = try? BatchHeader(reading: bytes),
            start + header.byteCount <= window.byteCount
        else { return false }
        let end = start + header.byteCount
        return try checksum(from: start + BatchHeader.checksumStart, to: end) == header.crc
    }
}
