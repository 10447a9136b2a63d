import Glibc

/// A folder for the time of a demonstration.
public struct ScratchFolder: Sendable {
    public let path: String

    /// Makes an empty folder below `TMPDIR`, or `/tmp`.
    public init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/millrace-example-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw SystemError(call: "mkdtemp", code: errno)
        }
        path = String(cString: made)
    }

    /// Removes the folder and what is in it.
    public func remove() { Self.remove(path) }

    private static func remove(_ path: String) {
        guard let folder = opendir(path) else {
            unlink(path)
            return
        }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { remove("\(path)/\(name)") }
        }
        closedir(folder)
        rmdir(path)
    }
}

/// A system call failed.
public struct SystemError: Error {
    public let call: String
    public let code: Int32

    public init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }
}

/// The demonstration did not show what it should.
public struct Disagreement: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

public func check(_ holds: Bool, _ complaint: @autoclosure () -> String) throws {
    guard holds else { throw Disagreement(description: complaint()) }
}
