import Disk
import Glibc

/// Standard output, written in pieces of 64 KiB.
final class OutputStream {
    private var bytes: [UInt8] = []
    private var failure: DiskError?

    /// What cannot be written is told by `finish`.
    func write(line: String) {
        bytes.append(contentsOf: line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        if bytes.count >= 64 << 10 { flush() }
    }

    /// Writes what is left.
    ///
    /// - Throws: what kept anything from being written since the beginning, such as a full disk.
    func finish() throws(DiskError) {
        flush()
        if let failure { throw failure }
    }

    private func flush() {
        defer { bytes.removeAll(keepingCapacity: true) }
        guard failure == nil else { return }
        do throws(DiskError) {
            try FileDescriptor.write(bytes, to: STDOUT_FILENO, named: "standard output")
        } catch {
            failure = error
        }
    }
}

/// What is not the result: complaints and progress.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// What cannot be said here can be said nowhere.
    static func write(_ text: String) {
        try? FileDescriptor.write(Array(text.utf8), to: STDERR_FILENO, named: "standard error")
    }
}

/// An open file, as the system knows it.
enum FileDescriptor {
    /// Writes all of it. A reader that has gone ends the process by SIGPIPE, as is usual.
    static func write(
        _ bytes: [UInt8], to descriptor: Int32, named path: String
    ) throws(DiskError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw DiskError(operation: "write", path: path, code: count < 0 ? errno : EIO)
            }
            done += count
        }
    }
}
