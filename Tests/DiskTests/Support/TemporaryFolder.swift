import Glibc

/// A folder of its own for one test, removed with all it holds.
final class TemporaryFolder {
    let path: String

    init() {
        var template = Array("/tmp/millrace-disk-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "the folder for temporary files is writable")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                }
                if name != "." && name != ".." { remove(path + "/" + name) }
            }
            closedir(stream)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
