import CLinux
import Disk
import Glibc
import IORing
import LinuxDisk

/// A plain file by system calls, with the errors of the disk seam.
final class RawFile {
    let path: String
    let descriptor: Int32

    /// - Parameter flags: besides O_RDWR or what is given, O_CLOEXEC.
    init(_ path: String, flags: Int32) throws(BenchError) {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .disk(DiskError(operation: "open", path: path, code: errno))
        }
    }

    deinit { _ = close(descriptor) }

    func write(_ bytes: UnsafeRawBufferPointer, at position: Int) throws(BenchError) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done,
                position + done)
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                throw .disk(DiskError(operation: "write", path: path, code: errno))
            }
            done += count
        }
    }

    /// Reads what there is, up to the buffer's size.
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) throws(BenchError)
        -> Int
    {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done,
                position + done)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw .disk(DiskError(operation: "read", path: path, code: errno))
            }
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    func sync() throws(BenchError) {
        guard fdatasync(descriptor) == 0 else {
            throw .disk(DiskError(operation: "sync", path: path, code: errno))
        }
    }

    var byteCount: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    static let readOnly = O_RDONLY

    /// Asks the page cache to forget the file, which must be synced; returns how many bytes of it
    /// stay in memory, in whole pages, or `nil` where the kernel cannot tell (before Linux 6.5).
    func dropFromCache() -> Int? {
        _ = posix_fadvise(descriptor, 0, 0, Int32(CLINUX_ADVICE_DONTNEED))
        guard byteCount > 0 else { return 0 }
        return PageCache.pages(of: descriptor, at: 0, count: byteCount).map { $0.cached * 4_096 }
    }

    /// O_DIRECT of Linux on x86-64 and arm64, open(2); the header hides it behind _GNU_SOURCE.
    #if arch(arm64)
        static let direct: Int32 = 0o200000
    #else
        static let direct: Int32 = 0o40000
    #endif
}
