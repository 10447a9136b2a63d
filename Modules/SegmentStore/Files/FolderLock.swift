import Disk
import Glibc
import Vocabulary

/// Keeps every other broker, ours or Kafka, out of a data folder by locking its `.lock` file.
///
/// It is a POSIX record lock, fcntl(2) F_SETLK over the whole file: what Java's
/// `FileChannel.tryLock` takes, so that the two see each other. Such a lock belongs to the process
/// and is lost when *any* descriptor of the file is closed; therefore this process remembers which
/// files it has locked and never opens one twice. Open-file-description locks have no such trap,
/// but do not tell the pid of their holder.
///
/// The lock lasts until `release` or the end of the process, however it ends.
public final class FolderLock: Sendable {
    /// The file's name in the data folder, Kafka's.
    public static let name = ".lock"

    private struct FileIdentity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    private static let held = Lock<Set<FileIdentity>>([])

    private let identity: FileIdentity
    private let descriptor: Lock<Int32?>

    /// Locks `folder`, which must exist; makes `.lock` where there is none.
    ///
    /// - Throws: `.locked` with the holder, `.disk`. Never waits. Any thread.
    public init(folder: String) throws(SideFileError) {
        let path = "\(folder)/\(Self.name)"
        let taken = Self.held.withLock { held in Self.take(path, held: &held) }
        let (open, identity) = try taken.get()
        self.identity = identity
        descriptor = Lock(open)
    }

    deinit { release() }

    /// Gives the folder free. Doing so twice is harmless.
    public func release() {
        descriptor.withLock { descriptor in
            guard let open = descriptor else { return }
            // One step under the same lock: nobody may open the file between the two.
            Self.held.withLock { held in
                _ = Glibc.close(open)
                _ = held.remove(identity)
            }
            descriptor = nil
        }
    }

    /// Runs under `held`'s lock, so that no other thread opens and closes the file meanwhile.
    private static func take(
        _ path: String, held: inout Set<FileIdentity>
    ) -> Result<(Int32, FileIdentity), SideFileError> {
        var status = stat()
        if stat(path, &status) == 0, held.contains(Self.identity(of: status)) {
            return .failure(.locked(path: path, holder: .ourselves))
        }
        let open = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard open >= 0 else { return .failure(refusal("open", path)) }
        guard fstat(open, &status) == 0 else {
            let refusal = refusal("stat", path)
            _ = Glibc.close(open)
            return .failure(refusal)
        }
        // The holder may let go between the refusal and the question who it is: ask again then.
        for _ in 0..<3 {
            var request = wholeFile()
            if fcntl(open, F_SETLK, &request) == 0 {
                let identity = Self.identity(of: status)
                held.insert(identity)
                return .success((open, identity))
            }
            guard errno == EACCES || errno == EAGAIN else { break }
            var found = wholeFile()
            guard fcntl(open, F_GETLK, &found) == 0 else { break }
            if found.l_type != Int16(F_UNLCK) {
                _ = Glibc.close(open)
                return .failure(.locked(path: path, holder: LockHolder(pid: found.l_pid)))
            }
        }
        let refusal = refusal("lock", path)
        _ = Glibc.close(open)
        return .failure(refusal)
    }

    private static func identity(of status: stat) -> FileIdentity {
        FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    private static func wholeFile() -> flock {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        return lock
    }

    private static func refusal(_ operation: String, _ path: String) -> SideFileError {
        .disk(DiskError(operation: operation, path: path, code: errno))
    }
}
