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
        let file: CountedFile
        var range: Range<Int>
    }

    /// A file of which pages are counted.
    private final class CountedFile {
        /// Gone when the file was closed: then its pages are left to the kernel.
        weak var file: SegmentFile?
        /// Where the budget finds it.
        let key: ObjectIdentifier?
        /// What its pieces have.
        var byteCount: Int
        /// The number of its last piece, which grows, counted from the first piece of all.
        var lastPiece = 0
        /// Its pieces are counted no more and wait to be passed over.
        var isForgotten = false

        init(_ file: SegmentFile) {
            self.file = file
            key = ObjectIdentifier(file)
            byteCount = 0
        }

        /// Stands for several that were closed.
        init(closedWith byteCount: Int) {
            key = nil
            self.byteCount = byteCount
        }
    }

    private let limit: Int
    private let pieceBytes: Int
    private var pieces: [Piece] = []
    private var first = 0
    /// How many pieces there were before those in `pieces`.
    private var pieceNumber = 0
    /// Those with pieces, by the object's address, which another file may have later on.
    private var files: [ObjectIdentifier: CountedFile] = [:]
    /// With how many pieces those that are good for nothing are looked for.
    private var tidyCount = Self.leastTidyCount
    private static let leastTidyCount = 1_024
    /// Bytes that are counted as being in the page cache.
    private(set) var byteCount = 0
    /// How many ranges are kept for later.
    var pieceCount: Int { pieces.count - first }

    init(limit: Int, pieceBytes: Int) {
        self.limit = limit
        self.pieceBytes = pieceBytes
    }

    /// Counts a range whose write-back was started.
    ///
    /// One that follows the file's last makes that larger, whatever was written to other files
    /// meanwhile: many small syncs leave few pieces.
    mutating func add(_ file: SegmentFile, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let counted = counted(file)
        byteCount += range.count
        counted.byteCount += range.count
        let index = counted.lastPiece - pieceNumber
        if index >= first, index < pieces.count, pieces[index].file === counted,
            pieces[index].range.upperBound == range.lowerBound,
            pieces[index].range.count < pieceBytes
        {
            pieces[index].range = pieces[index].range.lowerBound..<range.upperBound
        } else {
            append(Piece(file: counted, range: range))
            if pieceCount > tidyCount { tidy() }
        }
    }

    private mutating func counted(_ file: SegmentFile) -> CountedFile {
        if let known = files[ObjectIdentifier(file)], known.file === file { return known }
        let counted = CountedFile(file)
        files[ObjectIdentifier(file)] = counted
        return counted
    }

    private mutating func append(_ piece: Piece) {
        piece.file.lastPiece = pieceNumber + pieces.count
        pieces.append(piece)
    }

    /// The next range to drop, if the budget is exceeded.
    mutating func next() -> (file: SegmentFile, range: Range<Int>)? {
        var looks = pieces.count - first
        while byteCount > limit, looks > 0 {
            looks -= 1
            let piece = takeFirst()
            guard !piece.file.isForgotten else { continue }
            if let file = piece.file.file, file.isLent(piece.range) {
                append(piece)
                continue
            }
            byteCount -= piece.range.count
            piece.file.byteCount -= piece.range.count
            if piece.file.byteCount == 0 { remove(piece.file) }
            guard let file = piece.file.file else { continue }
            return (file, piece.range)
        }
        return nil
    }

    private mutating func remove(_ counted: CountedFile) {
        if let key = counted.key, files[key] === counted { files[key] = nil }
    }

    /// Drops the pieces of files that were forgotten, and puts those of closed files together: a
    /// file that is opened for each of many small writes leaves one every time.
    private mutating func tidy() {
        let old = pieces[first...]
        pieces = []
        first = 0
        pieceNumber = 0
        var closedByteCount = 0
        for piece in old where !piece.file.isForgotten {
            guard piece.file.file != nil else {
                closedByteCount += piece.range.count
                remove(piece.file)
                continue
            }
            addClosed(&closedByteCount)
            append(piece)
        }
        addClosed(&closedByteCount)
        tidyCount = max(Self.leastTidyCount, 2 * pieceCount)
    }

    private mutating func addClosed(_ byteCount: inout Int) {
        guard byteCount > 0 else { return }
        append(Piece(file: CountedFile(closedWith: byteCount), range: 0..<byteCount))
        byteCount = 0
    }

    private mutating func takeFirst() -> Piece {
        let piece = pieces[first]
        first += 1
        if first > 256, first * 2 > pieces.count {
            pieces.removeFirst(first)
            pieceNumber += first
            first = 0
        }
        return piece
    }

    /// Stops counting a file, as when it is deleted.
    mutating func forget(_ file: SegmentFile) {
        guard let counted = files.removeValue(forKey: ObjectIdentifier(file)),
            counted.file === file
        else { return }
        counted.isForgotten = true
        byteCount -= counted.byteCount
    }
}
