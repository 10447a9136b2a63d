import Vocabulary

/// `perform` with the outcome unwrapped, for code that waits anyway.
extension Disk {
    /// Opens a file, or makes one where `mode` says so; waits for the device. Fails as `OpenMode`
    /// says.
    public func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> FileID {
        guard case .opened(let file) = try perform(.open(path: path, mode)) else {
            preconditionFailure("opening gives a file")
        }
        return file
    }

    /// Closes a file. It is gone from here on also where this throws.
    public func close(_ file: FileID) throws(DiskError) {
        _ = try perform(.close(file))
    }

    /// The file's length in bytes, what is written and not yet durable included.
    public func size(of file: FileID) throws(DiskError) -> Int {
        try byteCount(.size(file))
    }

    /// Bytes that can still be written to the file system that holds `path`.
    public func freeSpace(at path: String) throws(DiskError) -> Int {
        try byteCount(.freeSpace(path: path))
    }

    /// Reads up to `buffer.count` bytes; fewer only at the end of the file.
    public func read(
        _ file: FileID, at position: FilePosition, into buffer: DiskBuffer
    ) throws(DiskError) -> Int {
        try byteCount(.read(file, at: position, into: buffer))
    }

    /// Reads what is in memory of `buffer.count` bytes; fails with EAGAIN where nothing is.
    public func readResident(
        _ file: FileID, at position: FilePosition, into buffer: DiskBuffer
    ) throws(DiskError) -> Int {
        try byteCount(.readResident(file, at: position, into: buffer))
    }

    /// Writes the pieces one after the other from `position` on. They can be read when this
    /// returns; they are not durable. Blocks while the kernel throttles writers.
    public func write(
        _ file: FileID, at position: FilePosition, _ bytes: [OwnedBytes]
    ) throws(DiskError) {
        _ = try perform(.write(file, at: position, bytes: bytes))
    }

    /// Writes and returns when the bytes are durable, wherever they are in the file.
    public func writeDurably(
        _ file: FileID, at position: FilePosition, _ bytes: [OwnedBytes]
    ) throws(DiskError) {
        _ = try perform(.writeDurably(file, at: position, bytes: bytes))
    }

    /// The folder's entries but for `.` and `..`, in no particular order.
    public func list(_ folder: String) throws(DiskError) -> [FolderEntry] {
        guard case .entries(let entries) = try perform(.list(folder: folder)) else {
            preconditionFailure("listing gives entries")
        }
        return entries
    }

    /// Opens a file for the time of `body` and closes it, whatever happens.
    public func withFile<Result>(
        _ path: String, _ mode: OpenMode, _ body: (FileID) throws(DiskError) -> Result
    ) throws(DiskError) -> Result {
        let file = try open(path, mode)
        let result: Result
        do throws(DiskError) {
            result = try body(file)
        } catch {
            _ = try? close(file)  // the first failure is the one to report
            throw error
        }
        try close(file)
        return result
    }

    /// The size of a file that is not open.
    public func byteCount(ofFile path: String) throws(DiskError) -> Int {
        try withFile(path, .readOnly) { file throws(DiskError) in try size(of: file) }
    }

    /// Removes a file, not durably; says whether there was one.
    @discardableResult
    public func removeFileIfPresent(_ path: String) throws(DiskError) -> Bool {
        do throws(DiskError) {
            _ = try perform(.removeFile(path: path))
            return true
        } catch {
            guard error.isMissing else { throw error }
            return false
        }
    }

    /// The whole contents of a small file.
    public func readFile(_ path: String) throws(DiskError) -> [UInt8] {
        try withFile(path, .readOnly) { file throws(DiskError) in
            let buffer = DiskBuffer(count: try size(of: file))
            return Array(buffer.bytes.prefix(try read(file, at: .zero, into: buffer)))
        }
    }

    /// Replaces a small file so that a crash leaves the old contents or the new, never a mix:
    /// written beside it as `….tmp`, synced, renamed, folder synced.
    public func replaceFile(_ path: String, with contents: [UInt8]) throws(DiskError) {
        let temporary = path + ".tmp"
        try withFile(temporary, .readWriteOrCreate) { file throws(DiskError) in
            _ = try perform(.truncate(file, to: .zero))
            try write(file, at: .zero, [OwnedBytes(contents)])
            _ = try perform(.sync(file, .dataAndMetadata))
        }
        _ = try perform(.rename(from: temporary, to: path))
        let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        _ = try perform(.syncFolder(path: folder.isEmpty ? "/" : String(folder)))
    }

    private func byteCount(_ operation: Operation) throws(DiskError) -> Int {
        guard case .bytes(let count) = try perform(operation) else {
            preconditionFailure("the operation gives a number of bytes")
        }
        return count
    }
}
