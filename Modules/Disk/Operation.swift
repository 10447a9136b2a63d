import Vocabulary

/// Everything the store may ask of a disk. Paths are absolute.
public enum Operation: Sendable {
    // Files: contents.

    /// Writes all bytes, one after the other, starting at `at`. Completes when every byte is in
    /// the page cache (or with the device, for a file opened `.readWriteDirect`, whose cache may
    /// hold them): written is not durable.
    case write(FileID, at: FilePosition, bytes: [OwnedBytes])
    /// Writes all bytes and completes when they are durable, and so is what is needed to read
    /// them: pwritev2(2) with RWF_DSYNC. Says nothing of other writes. After a failure these bytes
    /// are in doubt for good.
    case writeDurably(FileID, at: FilePosition, bytes: [OwnedBytes])
    /// Reads up to `into.count` bytes. Fewer come only at the end of the file.
    case read(FileID, at: FilePosition, into: DiskBuffer)
    /// Reads what is in memory of up to `into.count` bytes and never waits for the device:
    /// preadv2(2) with RWF_NOWAIT. Fewer bytes come where the next one is not in memory or the file
    /// ends; fails with EAGAIN where the first one is not. Reads as `.read` does on file systems
    /// that cannot tell.
    case readResident(FileID, at: FilePosition, into: DiskBuffer)
    /// Makes everything written before this operation started durable: fdatasync(2), or fsync(2)
    /// where `.dataAndMetadata` is asked. After a failure the written bytes are in doubt for good.
    case sync(FileID, SyncScope)
    /// Asks for write-back to start, without waiting: sync_file_range(2) SYNC_FILE_RANGE_WRITE.
    /// Never a proof of durability.
    case startWriteBack(FileID, from: FilePosition, count: Int)
    /// Turns read-ahead off for a file that is read here and there: posix_fadvise(2)
    /// POSIX_FADV_RANDOM. A hint.
    case expectRandomReads(FileID)
    /// Lets the page cache forget a clean range: posix_fadvise(2) POSIX_FADV_DONTNEED.
    case dropFromCache(FileID, from: FilePosition, count: Int)
    /// Sets the file's length; new bytes read as zeros.
    case truncate(FileID, to: FilePosition)
    /// Reserves space for a range without changing what it reads as: fallocate(2).
    case allocate(FileID, from: FilePosition, count: Int, keepSize: Bool)

    // Files: existence.

    /// Opens a file: open(2). One that is made has the mode 0644; its name is durable only after
    /// its folder is synced.
    case open(path: String, OpenMode)
    /// The file is named no more from here on; its descriptor stays open until the operations in
    /// flight on it have completed, and a submitted close completes after them.
    case close(FileID)
    /// The file's length in bytes: fstat(2).
    case size(FileID)
    /// Renames over whatever stands at `to`. Durable only after both folders are synced.
    case rename(from: String, to: String)
    /// Takes a file's name away: unlink(2). Durable only after its folder is synced.
    case removeFile(path: String)

    // Folders.

    /// Makes a folder with the mode 0755: mkdir(2). Fails with EEXIST where the name is taken.
    /// Durable only after the folder around it is synced.
    case createFolder(path: String)
    /// Removes an empty folder.
    case removeFolder(path: String)
    /// The entries of a folder but for `.` and `..`.
    case list(folder: String)
    /// Makes the entries of a folder durable: fsync(2) on the folder.
    case syncFolder(path: String)

    // The file system.

    /// Bytes that can still be written to the file system that holds `path`.
    case freeSpace(path: String)
}

/// What a sync makes durable.
public enum SyncScope: Sendable {
    /// The contents and what is needed to read them, such as the length: fdatasync(2).
    case data
    /// The file's times and mode besides: fsync(2).
    case dataAndMetadata
}

/// How a file is opened, and what happens where it exists or does not.
public enum OpenMode: Sendable, Hashable {
    /// Fails with ENOENT where there is no such file.
    case readOnly
    /// Fails with ENOENT where there is no such file.
    case readWrite
    /// Opens the file, making an empty one where there is none.
    case readWriteOrCreate
    /// Fails with EEXIST where there is one.
    case createNew
    /// As `readWrite`, past the page cache: open(2) O_DIRECT. Positions, counts and the memory of
    /// every read and write are multiples of 4,096; others fail with EINVAL. So does the opening
    /// itself on a file system that cannot do it.
    case readWriteDirect
}

/// What a finished operation found.
public enum Outcome: Sendable {
    /// `.write`, `.writeDurably`, `.sync`, `.close` and the others that only succeed.
    case done
    /// `.read`: how many bytes came. `.size` and `.freeSpace`: how many there are.
    case bytes(Int)
    /// `.open`
    case opened(FileID)
    /// `.list`, in no particular order.
    case entries([FolderEntry])
}

/// One entry of a folder.
public struct FolderEntry: Sendable, Hashable {
    /// Without the folder's path.
    public let name: String
    /// Whether it is a folder or, on Linux, a symbolic link to one.
    public let isFolder: Bool

    public init(name: String, isFolder: Bool) {
        self.name = name
        self.isFolder = isFolder
    }
}
