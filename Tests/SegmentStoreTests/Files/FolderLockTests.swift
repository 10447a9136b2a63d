import Glibc
import SegmentStore
import TestData
import Testing

struct FolderLockTests {
    @Test
    func `a folder is locked once and again after release`() throws {
        let folder = try temporaryFolder()
        let lock = try FolderLock(folder: folder)

        let refusal = complaint { _ = try FolderLock(folder: folder) }
        lock.release()
        lock.release()
        let again = try FolderLock(folder: folder)

        #expect(refusal.contains("\(folder)/.lock is locked by process \(getpid()) ("))
        again.release()
    }

    @Test
    func `a lock is given free with its last reference`() throws {
        let folder = try temporaryFolder()

        _ = try FolderLock(folder: folder)

        _ = try FolderLock(folder: folder)
    }

    @Test
    func `the refused attempt does not break the lock that stands`() throws {
        let folder = try temporaryFolder()
        let lock = try FolderLock(folder: folder)
        _ = complaint { _ = try FolderLock(folder: folder) }

        // Only another process can see a POSIX lock of this one.
        let status = try attemptByAnotherProcess(on: "\(folder)/.lock")

        #expect(status == 1)
        lock.release()
        #expect(try attemptByAnotherProcess(on: "\(folder)/.lock") == 0)
    }

    @Test
    func `a folder locked by another process names it`() throws {
        let folder = try temporaryFolder()
        let holder = try Holder(path: "\(folder)/.lock")
        defer { holder.end() }

        let refusal = complaint { _ = try FolderLock(folder: folder) }

        #expect(refusal.contains("is locked by process \(holder.pid) (python3"))
        #expect(refusal.contains("stop it"))
    }

    @Test
    func `a folder that does not exist is refused`() {
        let refusal = complaint { _ = try FolderLock(folder: "/nonexistent-folder") }

        #expect(refusal.contains("/nonexistent-folder/.lock"))
        #expect(refusal.contains("no such file or folder"))
    }

    /// 0 when another process gets the lock, 1 when it is refused.
    private func attemptByAnotherProcess(on path: String) throws -> Int32 {
        try Child(
            "import fcntl,sys\nf=open(sys.argv[1],'r+')\n"
                + "try: fcntl.lockf(f,fcntl.LOCK_EX|fcntl.LOCK_NB)\nexcept OSError: sys.exit(1)",
            path
        ).wait()
    }
}

/// Another process that holds a lock as Java would take it, until it is ended.
private struct Holder {
    let pid: pid_t
    private let input: Int32

    init(path: String) throws {
        var pipes: [Int32] = [0, 0]
        var answers: [Int32] = [0, 0]
        guard pipe(&pipes) == 0, pipe(&answers) == 0 else { throw MissingFile(path: "pipe") }
        // The child must not keep its own input open: it would never see the end of it.
        for end in pipes + answers { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child = try Child(
            "import fcntl,sys\nf=open(sys.argv[1],'w+')\nfcntl.lockf(f,fcntl.LOCK_EX)\n"
                + "sys.stdout.write('x');sys.stdout.flush();sys.stdin.read()",
            path, input: pipes[0], output: answers[1])
        close(pipes[0])
        close(answers[1])
        var byte: UInt8 = 0
        guard read(answers[0], &byte, 1) == 1 else { throw MissingFile(path: "lock holder") }
        close(answers[0])
        pid = child.pid
        input = pipes[1]
    }

    func end() {
        close(input)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }
}

private struct Child {
    let pid: pid_t

    init(_ script: String, _ argument: String, input: Int32 = 0, output: Int32 = 1) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if input != 0 { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        if output != 1 { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        let words = ["python3", "-c", script, argument]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var pid = pid_t()
        guard posix_spawnp(&pid, "python3", &actions, nil, arguments, environ) == 0 else {
            throw MissingFile(path: "python3")
        }
        self.pid = pid
    }

    func wait() -> Int32 {
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return status >> 8 & 0xFF
    }
}
