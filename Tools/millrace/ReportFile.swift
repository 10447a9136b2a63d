import Disk
import Glibc

/// Writes a report; an older one is replaced.
enum ReportFile {
    static func write(_ bytes: [UInt8], to path: String) throws(DiskError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw DiskError(operation: "open", path: path, code: errno) }
        do throws(DiskError) {
            try FileDescriptor.write(bytes, to: file, named: path)
        } catch {
            _ = close(file)  // the first failure is the one to report
            throw error
        }
        guard close(file) == 0 else {
            throw DiskError(operation: "close", path: path, code: errno)
        }
    }
}
