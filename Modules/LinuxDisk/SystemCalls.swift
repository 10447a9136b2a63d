import Disk
import Glibc

/// Runs a call that reports failure by -1 and errno, again while it is interrupted.
@discardableResult
func check(
    _ operation: String, _ path: String, _ call: () -> Int32
) throws(DiskError) -> Int32 {
    while true {
        let result = call()
        if result >= 0 { return result }
        if errno != EINTR { throw DiskError(operation: operation, path: path, code: errno) }
    }
}

/// Runs a call that reports failure by a negated errno, again while it is interrupted.
func checkNegated(
    _ operation: String, _ path: String, _ call: () -> Int32
) throws(DiskError) {
    while true {
        let result = call()
        if result >= 0 { return }
        if result != -EINTR { throw DiskError(operation: operation, path: path, code: -result) }
    }
}

func openFolder(_ path: String) throws(DiskError) -> Int32 {
    try check("syncFolder", path) { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
}

func fileSize(_ entry: FileTable.Entry) throws(DiskError) -> Int {
    var status = stat()
    try check("size", entry.path) { fstat(entry.descriptor, &status) }
    return Int(status.st_size)
}

func spaceLeft(at path: String) throws(DiskError) -> Int {
    var status = statvfs()
    try check("freeSpace", path) { statvfs(path, &status) }
    return Int(status.f_bavail) * Int(status.f_frsize)
}

func listEntries(of folder: String) throws(DiskError) -> [FolderEntry] {
    guard let stream = opendir(folder) else {
        throw DiskError(operation: "list", path: folder, code: errno)
    }
    defer { closedir(stream) }
    var entries: [FolderEntry] = []
    while true {
        errno = 0
        guard let entry = readdir(stream) else {
            guard errno == 0 else {
                throw DiskError(operation: "list", path: folder, code: errno)
            }
            return entries
        }
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
        }
        if name == "." || name == ".." { continue }
        let isFolder =
            switch Int(entry.pointee.d_type) {
            case Int(DT_DIR): true
            // Some file systems do not say; a link counts as what it points to.
            case Int(DT_UNKNOWN), Int(DT_LNK): isFolder(folder + "/" + name)
            default: false
            }
        entries.append(FolderEntry(name: name, isFolder: isFolder))
    }
}

private func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
