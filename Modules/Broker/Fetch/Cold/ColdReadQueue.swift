import NIOCore

/// What waits to be read from the device, and whose turn it is.
///
/// Each reader (a connection) gets a piece in turn, however much it asked for. Pure: it reads
/// nothing and holds no clock.
struct ColdReadQueue {
    /// Names one request to read.
    struct Job: Hashable {
        let number: Int
    }

    /// A part of one range of a job, small enough that nobody waits long behind it.
    struct Piece: Equatable {
        let job: Job
        /// The number of the range among those of the job.
        let rangeIndex: Int
        let range: Range<Int>
    }

    private struct Work {
        let job: Job
        var ranges: ArraySlice<Range<Int>>
        /// Pieces that were handed out and have not come back.
        var outstanding = 0
    }

    private struct Reader {
        let id: UInt64
        /// In the order in which they came; the next piece is of the first that has any left.
        var works: [Work] = []
    }

    let pieceBytes: Int
    private var readers = CircularBuffer<Reader>()
    private var jobCount = 0

    init(pieceBytes: Int) { self.pieceBytes = pieceBytes }

    var isEmpty: Bool { readers.isEmpty }

    /// Adds ranges that belong together; none of them is empty.
    mutating func add(_ ranges: [Range<Int>], for reader: UInt64) -> Job {
        precondition(!ranges.isEmpty && !ranges.contains { $0.isEmpty }, "there is work to do")
        jobCount += 1
        let work = Work(job: Job(number: jobCount), ranges: ranges[...])
        if let index = readers.firstIndex(where: { $0.id == reader }) {
            readers[index].works.append(work)
        } else {
            readers.append(Reader(id: reader, works: [work]))
        }
        return work.job
    }

    /// The next piece to read, of the reader whose turn it is; `nil` while there is none.
    mutating func next() -> Piece? {
        for _ in 0..<readers.count {
            guard var reader = readers.popFirst() else { return nil }
            let piece = takePiece(of: &reader)
            readers.append(reader)
            if let piece { return piece }
        }
        return nil
    }

    private func takePiece(of reader: inout Reader) -> Piece? {
        // Of a work whose pieces are all out the last may still be under way.
        guard let index = reader.works.firstIndex(where: { !$0.ranges.isEmpty }) else { return nil }
        let rangeIndex = reader.works[index].ranges.startIndex
        let range = reader.works[index].ranges[rangeIndex]
        let end = min(range.upperBound, range.lowerBound + pieceBytes)
        if end == range.upperBound {
            reader.works[index].ranges.removeFirst()
        } else {
            reader.works[index].ranges[rangeIndex] = end..<range.upperBound
        }
        reader.works[index].outstanding += 1
        return Piece(
            job: reader.works[index].job, rangeIndex: rangeIndex,
            range: range.lowerBound..<end)
    }

    /// Takes a piece back that was read; says whether its job is done with it. `false` also for a
    /// job that was given up.
    mutating func finished(_ piece: Piece) -> Bool {
        for index in readers.indices {
            guard let work = readers[index].works.firstIndex(where: { $0.job == piece.job })
            else { continue }
            readers[index].works[work].outstanding -= 1
            guard readers[index].works[work].outstanding == 0,
                readers[index].works[work].ranges.isEmpty
            else { return false }
            readers[index].works.remove(at: work)
            if readers[index].works.isEmpty { readers.remove(at: index) }
            return true
        }
        return false
    }

    /// Gives up what a reader asked for; returns its jobs.
    mutating func remove(reader id: UInt64) -> [Job] {
        guard let index = readers.firstIndex(where: { $0.id == id }) else { return [] }
        return readers.remove(at: index).works.map(\.job)
    }
}
