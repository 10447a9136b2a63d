import Records
import Vocabulary

/// Tells a torn tail, which a crash leaves behind, from damage to what was durable.
///
/// A crash loses bytes that were written but not synced: the file ends within a batch, or sectors
/// of 512 bytes that never reached the device read as zeros while later ones did reach it. Both
/// were never acknowledged as durable and are cut. A batch that is wrong in any other way and is
/// followed by sound ones was damaged later: cutting there would lose what was acknowledged.
struct TornTail {
    enum Fault: CustomStringConvertible {
        /// The file ends within the batch, by what its header says.
        case cutShort
        /// The batch's bytes are wrong; they end here, if its header can be believed so far.
        case damaged(end: Int?, String)

        var description: String {
            switch self {
            case .cutShort: "the file ends within a batch"
            case .damaged(_, let reason): reason
            }
        }
    }

    static let sectorByteCount = 512

    var walk: HeaderWalk
    let position: Int
    let end: Int
    let segmentBase: Offset
    let expected: Offset

    /// Why the batch at `position` must not be cut off; `nil` if it is a torn tail.
    mutating func corruption(_ fault: Fault, isDurable: Bool) throws(StoreError) -> String? {
        if isDurable { return "\(fault), though the batch was durable before" }
        if case .damaged(let batchEnd, _) = fault,
            try hasLostSector(before: min(end, batchEnd ?? position + BatchHeader.byteCount))
        {
            return nil
        }
        guard let later = try laterBatch() else { return nil }
        return "\(fault), and a sound batch follows at byte \(later)"
    }

    /// Whether a sector of the batch reads as zeros from where the batch, or the sector, begins.
    private mutating func hasLostSector(before batchEnd: Int) throws(StoreError) -> Bool {
        var start = position
        while start < batchEnd {
            let sectorEnd = (start / Self.sectorByteCount + 1) * Self.sectorByteCount
            let bytes = try walk.bytes(at: start, count: min(sectorEnd, end) - start)
            if bytes.allSatisfy({ $0 == 0 }) { return true }
            start = sectorEnd
        }
        return false
    }

    /// The position of the first sound batch behind the damaged one, wherever it begins.
    private mutating func laterBatch() throws(StoreError) -> Int? {
        var start = position + 1
        while start + BatchHeader.byteCount <= end {
            let window = try walk.window(at: start)
            let count = window.count - BatchHeader.byteCount + 1
            guard count > 0 else {
                // The window ends within a header: let it begin there.
                _ = try walk.bytes(at: start, count: BatchHeader.byteCount)
                if try walk.window(at: start).count < BatchHeader.byteCount { return nil }
                continue
            }
            var candidate: Int?
            for index in 0..<count where window[index + 16] == 2 {
                if mayBeBatch(UnsafeRawBufferPointer(rebasing: window[index...]), at: start + index)
                {
                    candidate = start + index
                    break
                }
            }
            guard let candidate else {
                start += count
                continue
            }
            if try isSound(at: candidate) { return candidate }
            start = candidate + 1
        }
        return nil
    }

    private func mayBeBatch(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Bool {
        guard let header = try? BatchHeader(reading: bytes) else {
            return false  // most positions hold no header: that is what is asked
        }
        return header.hasPossibleOffsets && header.baseOffset >= expected
            && header.lastOffset - segmentBase <= Int64(Int32.max)
            && start + header.byteCount <= end
    }

    private mutating func isSound(at start: Int) throws(StoreError) -> Bool {
        guard case .batch(let header) = try walk.look(at: start) else { return false }
        let found = try walk.checksum(
            from: start + BatchHeader.checksumStart, to: start + header.byteCount)
        return found == header.crc
    }
}

extension HeaderWalk {
    /// The CRC-32C of a range of the file, read through the window.
    mutating func checksum(from start: Int, to end: Int) throws(StoreError) -> UInt32 {
        var checksum = CRC32C()
        var position = start
        while position < end {
            let bytes = try window(at: position)
            guard !bytes.isEmpty else { break }
            let piece = UnsafeRawBufferPointer(rebasing: bytes.prefix(end - position))
            checksum.update(piece)
            position += piece.count
        }
        return checksum.value
    }
}
