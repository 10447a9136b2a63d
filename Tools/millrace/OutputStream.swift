import Glibc

/// Standard output, written in pieces of 64 KiB.
final class OutputStream {
    private var bytes: [UInt8] = []

    func write(line: String) {
        bytes.append(contentsOf: line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        if bytes.count >= 64 << 10 { flush() }
    }

    func flush() {
        StandardError.write(bytes, to: STDOUT_FILENO)
        bytes.removeAll(keepingCapacity: true)
    }
}

/// What is not the result: complaints and progress.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static func write(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

    /// Writes all of it. A reader that has gone ends the process by SIGPIPE, as is usual.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            guard count > 0 || errno == EINTR else { return }
            done += max(count, 0)
        }
    }
}
