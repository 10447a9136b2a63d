import Glibc
import IORing

extension IORing {
    /// Submits and waits until nothing is in flight; results by user data, oldest first.
    func finish() -> [(userData: UInt64, result: Int32)] {
        var results: [(userData: UInt64, result: Int32)] = []
        submit()
        while inFlight > 0 {
            wait()
            drain { results.append(($0.userData, $0.result)) }
        }
        return results
    }
}

/// A file that has no name, gone with its descriptor.
final class ScratchFile {
    let descriptor: Int32

    init() {
        var template = Array("/tmp/millrace-ring-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        precondition(descriptor >= 0, "the folder for temporary files is writable")
        unlink(template)
    }

    deinit { close(descriptor) }

    var contents: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }
}

/// A pipe that nobody writes to: a read of it never ends by itself.
final class SilentPipe {
    let reading: Int32
    let writing: Int32

    init() {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0, "a pipe can be made")
        reading = ends[0]
        writing = ends[1]
    }

    deinit {
        close(reading)
        close(writing)
    }
}

/// Memory with an owner whose end can be seen.
final class Memory {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ contents: [UInt8]) {
        bytes = .allocate(byteCount: contents.count, alignment: 8)
        bytes.copyBytes(from: contents)
    }

    deinit { bytes.deallocate() }

    var piece: UnsafeRawBufferPointer { UnsafeRawBufferPointer(bytes) }
}

func isReadable(_ descriptor: Int32) -> Bool {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, 0) == 1
}

/// Waits for a descriptor as an event loop does; half a minute stands for "never".
func becomesReadable(_ descriptor: Int32) -> Bool {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
        let result = poll(&watched, 1, 30_000)
        if result >= 0 || errno != EINTR { return result == 1 }
    }
}
