import Glibc
import Scratch

extension Program {
    /// Runs this program as a child that books, kills it once it has spoken `lineCount` times, and
    /// returns how many transfers it had acknowledged.
    static func killWhileBooking(in folder: String, after lineCount: Int) throws -> Int {
        var pipe: [Int32] = [0, 0]
        guard Glibc.pipe(&pipe) == 0 else { throw SystemError(call: "pipe", code: errno) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, pipe[0])
        let words = [CommandLine.arguments[0], "book", folder]
        let arguments = words.map { word in strdup(word) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        let result = posix_spawn(&child, "/proc/self/exe", &actions, nil, arguments, environ)
        close(pipe[1])
        defer { close(pipe[0]) }
        guard result == 0 else { throw SystemError(call: "posix_spawn", code: result) }

        var lines = 0
        var promised = 0
        var number = 0
        var isKilled = false
        var buffer = [UInt8](repeating: 0, count: 4_096)
        // What the child had said before it died is read to the end: all of it is promised.
        while true {
            let count = read(pipe[0], &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                if byte == UInt8(ascii: "\n") {
                    promised = max(promised, number)
                    number = 0
                    lines += 1
                } else {
                    number = number * 10 + Int(byte) - 0x30
                }
            }
            if lines >= lineCount, !isKilled {
                kill(child, SIGKILL)
                isKilled = true
            }
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard isKilled else { throw SystemError(call: "the child ended by itself", code: status) }
        return promised
    }
}
