import Glibc
import Vocabulary

/// Remembers the temporary folders of this process and removes them when it exits.
final class FoldersToRemove: Sendable {
    static let shared = FoldersToRemove()

    private let folders = Lock<[String]>([])

    private init() {
        atexit { FoldersToRemove.shared.removeAll() }
    }

    func add(_ folder: String) { folders.withLock { $0.append(folder) } }

    private func removeAll() {
        let doomed = folders.withLock { folders in
            defer { folders = [] }
            return folders
        }
        for folder in doomed {
            // A folder that cannot be removed is left to the machine's own cleaning of /tmp.
            try? run("rm", ["-rf", folder])
        }
    }
}
