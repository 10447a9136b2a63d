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
            || (count > 1
                && probe(descriptor, at: position + Int64(count) - 1) == -Int64(EAGAIN))
    }

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

    public struct Pages: Sendable, Hashable {
        /// In the cache; among them those still being read.
        public let cached: Int
        /// Written and not yet on their way to the device.
        public let dirty: Int
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
