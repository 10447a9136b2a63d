import Glibc

/// Reads ranges of an open file into memory and nothing beyond them.
///
/// It has a descriptor of its own over the same file, on which read-ahead is off: the kernel would
/// otherwise bring in up to a read-ahead window more (8 MiB on some devices), which nobody asked
/// for and nobody would let go again. May be used on any thread; reading waits for the device.
public final class ExactReader: Sendable {
    private let descriptor: Int32

    /// `nil` where the file cannot be opened once more: no /proc, or no descriptors left.
    public init?(of descriptor: Int32) {
        // By its descriptor and not by its name, which another file may have by now.
        self.descriptor = open("/proc/self/fd/\(descriptor)", O_RDONLY | O_CLOEXEC)
        guard self.descriptor >= 0 else { return nil }
        PageCache.expectRandomReads(of: self.descriptor)
    }

    deinit { close(descriptor) }

    /// Reads the whole pages of `range` in; returns those that were not in memory before, as far
    /// as the kernel can tell.
    ///
    /// Stops at the end of the file and at the first failure: whoever reads the bytes meets it.
    public func readIn(
        _ range: Range<Int>, through scratch: UnsafeMutableRawBufferPointer
    ) -> [Range<Int>] {
        let pages = PageCache.wholePages(range)
        let missing = PageCache.missing(of: descriptor, in: pages)
        var position = pages.lowerBound
        while position < pages.upperBound {
            let count = min(scratch.count, pages.upperBound - position)
            let found = pread(descriptor, scratch.baseAddress, count, position)
            if found < 0, errno == EINTR { continue }
            guard found > 0 else { break }
            position += found
        }
        return missing
    }
}
