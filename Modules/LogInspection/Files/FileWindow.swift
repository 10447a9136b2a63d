import Disk
import Vocabulary

/// Reads a file through a window that slides forward and grows for a large batch.
///
/// The bytes it lends are valid until the next call. The file's length is taken when it is opened:
/// what a broker adds meanwhile is not looked at.
final class FileWindow {
    let path: String
    let byteCount: Int
    private let disk: any Disk
    private let file: FileID
    private var buffer: DiskBuffer
    private var start = 0
    private var count = 0

    /// What the window has at first.
    static let usualByteCount = 1 << 20
    /// The largest run of bytes that can be had at once.
    static let byteLimit = 256 << 20

    init(_ path: String, on disk: any Disk) throws(DiskError) {
        self.path = path
        self.disk = disk
        file = try disk.open(path, .readOnly)
        do {
            byteCount = try disk.size(of: file)
        } catch {
            _ = try? disk.close(file)  // the first failure is the one to report
            throw error
        }
        buffer = DiskBuffer(count: min(Self.usualByteCount, max(byteCount, 1)))
    }

    deinit {
        // Nothing was written: a failure to close has nothing to tell.
        _ = try? disk.close(file)
    }

    /// The bytes of a range no longer than `byteLimit`; fewer where the file ends.
    func bytes(at position: Int, count wanted: Int) throws(DiskError) -> UnsafeRawBufferPointer {
        precondition(wanted <= Self.byteLimit, "a run of bytes fits the window")
        let end = min(position + wanted, byteCount)
        guard position < end else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        if position < start || end > start + count {
            if end - position > buffer.count { grow(to: end - position) }
            start = position
            count = 0
            count = try disk.read(file, at: FilePosition(Int64(position)), into: buffer)
        }
        let found = max(0, min(end, start + count) - position)
        return UnsafeRawBufferPointer(
            rebasing: buffer.bytes[position - start..<position - start + found])
    }

    /// All that the window holds from `position` on; empty at the end of the file only.
    func run(at position: Int) throws(DiskError) -> UnsafeRawBufferPointer {
        let first = try bytes(at: position, count: 1)
        guard !first.isEmpty else { return first }
        return UnsafeRawBufferPointer(
            rebasing: buffer.bytes[position - start..<min(count, byteCount - start)])
    }

    /// The end of a run of zeros that begins at `position`.
    func endOfZeros(from position: Int) throws(DiskError) -> Int {
        var end = position
        while true {
            let run = try run(at: end)
            guard !run.isEmpty else { return end }
            guard let other = run.firstIndex(where: { $0 != 0 }) else {
                end += run.count
                continue
            }
            return end + other
        }
    }

    private func grow(to count: Int) {
        let unit = Self.usualByteCount
        buffer = DiskBuffer(count: (count + unit - 1) / unit * unit)
    }
}
