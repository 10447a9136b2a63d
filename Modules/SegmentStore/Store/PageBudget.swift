import Disk
import Vocabulary

/// Decides which written pages the page cache should forget: beyond a budget, the oldest.
///
/// Memory that the kernel must first find for new pages costs several times the copy itself, so
/// the store gives pages back before the kernel has to look for them. A range comes here when its
/// write-back is started; by the time it is the oldest it is clean. Ranges that a region still
/// reads are spared.
struct PageBudget {
    private struct Piece {
        /// Gone when the file was closed: then its pages are left to the kernel.
        weak var file: SegmentFile?
        var range: Range<Int>
    }

    private let limit: Int
    private let pieceBytes: Int
    private var pieces: [Piece] = []
    private var first = 0
    /// Bytes that are counted as being in the page cache.
    private(set) var byteCount = 0

    init(limit: Int, pieceBytes: Int) {
        self.limit = limit
        self.pieceBytes = pieceBytes
    }

    /// Counts a range whose write-back was started.
    mutating func add(_ file: SegmentFile, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        byteCount += range.count
        if first < pieces.count, let last = pieces.last, last.file === file,
            last.range.upperBound == range.lowerBound, last.range.count < pieceBytes
        {
            pieces[pieces.count - 1].range = last.range.lowerBound..<range.upperBound
        } else {
            pieces.append(Piece(file: file, range: range))
        }
    }

    /// The next range to drop, if the budget is exceeded.
    mutating func next() -> (file: SegmentFile, range: Range<Int>)? {
        var looks = pieces.count - first
        while byteCount > limit, looks > 0 {
            looks -= 1
            let piece = pieces[first]
            first += 1
            if first > 256, first * 2 > pieces.count {
                pieces.removeFirst(first)
                first = 0
            }
            guard let file = piece.file else {
                byteCount -= piece.range.count
                continue
            }
            if file.isLent(piece.range) {
                pieces.append(piece)
                continue
            }
            byteCount -= piece.range.count
            return (file, piece.range)
        }
        return nil
    }

    /// Stops counting a file, as when it is deleted.
    mutating func forget(_ file: SegmentFile) {
        pieces.removeFirst(first)
        first = 0
        pieces.removeAll { piece in
            guard piece.file === file else { return false }
            byteCount -= piece.range.count
            return true
        }
    }
}
