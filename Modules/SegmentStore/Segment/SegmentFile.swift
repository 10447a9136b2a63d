import Disk
import Vocabulary

/// An open `.log` file, closed when the last that uses it lets go.
///
/// Regions hold it while they are being sent, perhaps by another thread: what lets go last leaves
/// the file to its store, which closes it on its own thread.
final class SegmentFile: Sendable {
    let id: FileID
    let path: String
    /// The kernel's descriptor, valid while this object lives.
    let descriptor: Int32?
    private let closer: FileCloser
    /// The regions that are alive, in no order.
    private let regions = Lock<[Range<Int>]>([])

    init(id: FileID, path: String, descriptor: Int32?, closer: FileCloser) {
        self.id = id
        self.path = path
        self.descriptor = descriptor
        self.closer = closer
    }

    deinit { closer.add(id) }

    func lend(_ range: Range<Int>) {
        regions.withLock { $0.append(range) }
    }

    func takeBack(_ range: Range<Int>) {
        regions.withLock { lent in
            guard let index = lent.firstIndex(of: range) else {
                preconditionFailure("a region that comes back was lent")
            }
            lent.swapAt(index, lent.count - 1)
            lent.removeLast()
        }
    }

    /// Whether a region that is alive has bytes in `range`.
    func isLent(_ range: Range<Int>) -> Bool {
        regions.withLock { lent in lent.contains { $0.overlaps(range) } }
    }
}

/// Collects the files that nothing uses any more, from any thread.
final class FileCloser: Sendable {
    private let files = Lock<[FileID]>([])

    func add(_ file: FileID) {
        files.withLock { $0.append(file) }
    }

    /// Hands over what was collected, for the disk's thread to close.
    func takeAll() -> [FileID] {
        files.withLock { collected in
            defer { collected.removeAll(keepingCapacity: true) }
            return collected
        }
    }
}
