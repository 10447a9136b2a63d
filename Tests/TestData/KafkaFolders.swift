import Glibc

/// The data folders that Apache Kafka 3.8 wrote, unpacked for tests.
///
/// The archive lies at `Tests/Data/kafka-3.8-partitions.tar.zst`. It holds `clean/` (copied after
/// a clean stop), `unclean/` (copied while the broker ran) and `dump/` (one text per partition:
/// what Kafka's own dump tool says of the files in `clean/`).
public enum KafkaFolders {
    /// The folder that holds `clean`, `unclean` and `dump`, unpacked once per process and removed
    /// when it exits. Tests that write must copy what they write to.
    ///
    /// Needs the commands `tar` and `zstd`; throws if either fails.
    public static func unpacked() throws(UnpackingError) -> String { try shared.get() }

    private static let shared = Result<String, UnpackingError> { () throws(UnpackingError) in
        let folder = try temporaryFolder()
        try run("tar", ["--zstd", "-xf", archive, "-C", folder])
        return folder
    }

    /// Unpacks into a new folder of the caller's own, which the caller may change and removes.
    public static func unpack(into folder: String) throws(UnpackingError) {
        try run("tar", ["--zstd", "-xf", archive, "-C", folder])
    }

    private static var archive: String {
        let file = #filePath
        let tests = file.split(separator: "/").dropLast(2).joined(separator: "/")
        return "/\(tests)/Data/kafka-3.8-partitions.tar.zst"
    }
}

/// Says which step of unpacking the test data failed.
public struct UnpackingError: Error, CustomStringConvertible {
    public let description: String
}

/// Makes an empty folder that is removed when the process exits.
public func temporaryFolder(named prefix: String = "millrace-tests") throws(UnpackingError)
    -> String
{
    var template = Array("/tmp/\(prefix)-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
        throw UnpackingError(description: "mkdtemp failed: errno \(errno)")
    }
    let folder = String(cString: made)
    FoldersToRemove.shared.add(folder)
    return folder
}

/// All bytes of a file.
public func readFile(_ path: String) throws(UnpackingError) -> [UInt8] {
    guard let file = fopen(path, "rb") else {
        throw UnpackingError(description: "cannot open \(path): errno \(errno)")
    }
    defer { fclose(file) }
    var contents: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&chunk, 1, chunk.count, file)
        guard count > 0 else { return contents }
        contents += chunk[..<count]
    }
}

/// The names of what lies in a folder, sorted.
public func namesInFolder(_ path: String) throws(UnpackingError) -> [String] {
    guard let folder = opendir(path) else {
        throw UnpackingError(description: "cannot list \(path): errno \(errno)")
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
            tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// Runs a command found on the path and waits for its end.
func run(_ command: String, _ arguments: [String]) throws(UnpackingError) {
    var child = pid_t()
    var pointers = ([command] + arguments).map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }

    let failure = posix_spawnp(&child, command, nil, nil, pointers, environ)
    guard failure == 0 else {
        throw UnpackingError(description: "cannot start \(command): errno \(failure)")
    }
    var status: CInt = 0
    while waitpid(child, &status, 0) < 0 {
        guard errno == EINTR else {
            throw UnpackingError(description: "cannot wait for \(command): errno \(errno)")
        }
    }
    guard status == 0 else {
        throw UnpackingError(description: "\(command) ended with status \(status >> 8)")
    }
}
