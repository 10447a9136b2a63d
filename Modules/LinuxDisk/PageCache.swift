import CLinux
import Glibc

/// Asks what of a file is in the page cache, and tunes how it is read ahead.
public enum PageCache {
    /// Whether the first and the last byte of a range can be read without waiting for the device:
    /// preadv2(2) with RWF_NOWAIT.
    ///
    /// Two system calls, about 1 µs, for a range of any size. `false` also where the file system
    /// cannot tell. cachestat(2) is no substitute: it counts pages that are still being read.
    public static func holdsEnds(of descriptor: Int32, at position: Int64, count: Int) -> Bool {
        guard count > 0 else { return true }
        return canRead(descriptor, at: position)
            && (count == 1 || canRead(descriptor, at: position + Int64(count) - 1))
    }

    /// Whether reading the first or the last byte of a range is known to wait for the device.
    ///
    /// As `holdsEnds`, but a file system that cannot tell counts as one that never waits: for
    /// deciding on a detour that would be taken for every range there.
    public static func lacksEnds(of descriptor: Int32, at position: Int64, count: Int) -> Bool {
        guard count > 0 else { return false }
        return probe(descriptor, at: position) == -Int64(EAGAIN)
            || (Int(position) / pageSize != (Int(position) + count - 1) / pageSize
                && probe(descriptor, at: position + Int64(count) - 1) == -Int64(EAGAIN))
    }

    /// Whether a range is known to be incomplete in memory: reading it would wait for the device.
    ///
    /// By cachestat(2), which moves nothing, and where that finds every page by RWF_NOWAIT at both
    /// ends, because pages that are still being read count as cached. Up to three system calls,
    /// 1–3 µs for a MiB. A kernel or file system that cannot tell counts as never waiting.
    public static func lacks(of descriptor: Int32, at position: Int64, count: Int) -> Bool {
        guard count > 0 else { return false }
        if let pages = pages(of: descriptor, at: position, count: count),
            pages.cached < pageCount(Int(position)..<Int(position) + count)
        {
            return true
        }
        return lacksEnds(of: descriptor, at: position, count: count)
    }

    /// The parts of a range of whole pages that are not in memory; empty where the kernel cannot
    /// tell (before Linux 6.5).
    ///
    /// One system call for a range that is as a whole in memory or missing, about twice the
    /// logarithm of its pages for each border within.
    public static func missing(of descriptor: Int32, in range: Range<Int>) -> [Range<Int>] {
        guard !range.isEmpty,
            let pages = pages(of: descriptor, at: Int64(range.lowerBound), count: range.count)
        else { return [] }
        if pages.cached == 0 { return [range] }
        let count = pageCount(range)
        guard pages.cached < count, count > 1 else { return [] }
        let middle = (range.lowerBound / pageSize + count / 2) * pageSize
        let left = missing(of: descriptor, in: range.lowerBound..<middle)
        let right = missing(of: descriptor, in: middle..<range.upperBound)
        guard let last = left.last, let first = right.first, last.upperBound == first.lowerBound
        else { return left + right }
        return left.dropLast() + [last.lowerBound..<first.upperBound] + right.dropFirst()
    }

    /// The range of whole pages around `range`.
    public static func wholePages(_ range: Range<Int>) -> Range<Int> {
        let end = (range.upperBound + pageSize - 1) / pageSize * pageSize
        return range.lowerBound / pageSize * pageSize..<end
    }

    private static func pageCount(_ range: Range<Int>) -> Int { wholePages(range).count / pageSize }

    /// Lets clean pages of a range go: POSIX_FADV_DONTNEED. Pages that lie only partly in the
    /// range stay. It is a hint: whether the kernel takes it is of no consequence.
    public static func forget(_ range: Range<Int>, of descriptor: Int32) {
        guard !range.isEmpty else { return }  // 0 would mean "to the end"
        _ = posix_fadvise(
            descriptor, range.lowerBound, range.count, Int32(CLINUX_ADVICE_DONTNEED))
    }

    // The unit of cachestat and of what an advice drops on x86-64; larger pages are multiples.
    private static let pageSize = 4_096

    /// Pages of a range, by state; `nil` before Linux 6.5. See cachestat(2).
    public static func pages(
        of descriptor: Int32, at position: Int64, count: Int
    ) -> Pages? {
        var result = clinux_cachestat_result()
        guard
            clinux_cachestat(descriptor, UInt64(position), UInt64(count), &result) == 0
        else { return nil }
        return Pages(
            cached: Int(result.cached), dirty: Int(result.dirty),
            writingBack: Int(result.writeback))
    }

    /// How many pages of 4 KiB of a range are in which state.
    public struct Pages: Sendable, Hashable {
        /// In the cache; among them those still being read.
        public let cached: Int
        /// Written and not yet on their way to the device.
        public let dirty: Int
        /// On their way to the device.
        public let writingBack: Int
    }

    /// Turns read-ahead off for a file that is read here and there: POSIX_FADV_RANDOM.
    /// It is a hint: whether the kernel takes it is of no consequence.
    public static func expectRandomReads(of descriptor: Int32) {
        _ = posix_fadvise(descriptor, 0, 0, Int32(CLINUX_ADVICE_RANDOM))
    }

    private static func canRead(_ descriptor: Int32, at position: Int64) -> Bool {
        probe(descriptor, at: position) == 1
    }

    /// Reads one byte without waiting; returns 1, 0 behind the end, or a negated errno.
    private static func probe(_ descriptor: Int32, at position: Int64) -> Int64 {
        var byte: UInt8 = 0
        return withUnsafeMutablePointer(to: &byte) { pointer in
            var vector = iovec(iov_base: UnsafeMutableRawPointer(pointer), iov_len: 1)
            return clinux_preadv2(
                descriptor, &vector, 1, position, Int32(CLINUX_RWF_NOWAIT))
        }
    }
}
