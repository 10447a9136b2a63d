import Glibc
import LinuxDisk
import NIOCore
import NIOPosix

/// Brings file regions into the page cache off the loop, before sendfile(2) would wait for the
/// device on it.
///
/// Only the beginning of a region is read: the kernel reads ahead of a sendfile by itself, and the
/// consumer should not wait for more than its first bytes.
enum RegionWarming {
    /// Bytes of one region that are read in; the kernel's read-ahead takes over from there.
    private static let warmedByteCount = 1 << 20

    /// The regions whose first or last byte is not in memory. About 1 µs for each.
    static func coldRegions(of reads: [PartitionRead]) -> [SendRegion] {
        var cold: [SendRegion] = []
        for read in reads {
            for case .region(let region) in read.pieces
            where PageCache.lacksEnds(
                of: region.descriptor, at: region.position, count: region.count)
            {
                cold.append(region)
            }
        }
        return cold
    }

    /// Reads the regions on a thread that may wait, then runs `then` on `eventLoop`.
    static func warm(
        _ regions: [SendRegion], on eventLoop: any EventLoop, then: @escaping () -> Void
    ) {
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            let scratch = UnsafeMutableRawBufferPointer.allocate(
                byteCount: 128 << 10, alignment: 4_096)
            defer { scratch.deallocate() }
            for region in regions { touch(region, scratch) }
        }
        // Without the pool the regions are sent cold: slower, and as right.
        .assumeIsolated().whenComplete { _ in then() }
    }

    private static func touch(_ region: SendRegion, _ scratch: UnsafeMutableRawBufferPointer) {
        let end = region.position + Int64(min(region.count, warmedByteCount))
        var position = region.position
        while position < end {
            let count = min(scratch.count, Int(end - position))
            // Whatever is wrong with the file shows when it is sent.
            let found = pread(region.descriptor, scratch.baseAddress, count, Int(position))
            guard found > 0 else { return }
            position += Int64(found)
        }
    }
}
