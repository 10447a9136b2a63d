import Disk
import Glibc

/// The folders of a simulated disk, found by path.
struct SimulatedTree {
    let root: SimulatedFolder
    /// Changes of folders are numbered in the order they were made.
    private(set) var lastGroup: Int

    init(root: SimulatedFolder = SimulatedFolder(), lastGroup: Int = 0) {
        self.root = root
        self.lastGroup = lastGroup
    }

    /// Errors are errno numbers here; the disk adds the operation and the path.
    struct Refusal: Error {
        let code: Int32
    }

    func node(at path: String) throws(Refusal) -> SimulatedNode {
        var node = SimulatedNode.folder(root)
        for name in path.split(separator: "/") {
            guard case .folder(let folder) = node else { throw Refusal(code: ENOTDIR) }
            guard let next = folder.entries[String(name)] else { throw Refusal(code: ENOENT) }
            node = next
        }
        return node
    }

    func folder(at path: String) throws(Refusal) -> SimulatedFolder {
        guard case .folder(let folder) = try node(at: path) else { throw Refusal(code: ENOTDIR) }
        return folder
    }

    mutating func createFolder(at path: String) throws(Refusal) {
        let (parent, name) = try place(of: path)
        guard parent.entries[name] == nil else { throw Refusal(code: EEXIST) }
        parent.set(name, to: .folder(SimulatedFolder()), group: newGroup())
    }

    /// The file at `path`, made where the mode asks for it.
    mutating func openFile(at path: String, _ mode: OpenMode) throws(Refusal) -> SimulatedFile {
        let (parent, name) = try place(of: path)
        switch parent.entries[name] {
        case .folder:
            throw Refusal(code: mode == .createNew ? EEXIST : EISDIR)
        case .file(let file):
            guard mode != .createNew else { throw Refusal(code: EEXIST) }
            return file
        case nil:
            guard mode == .createNew || mode == .readWriteOrCreate else {
                throw Refusal(code: ENOENT)
            }
            let file = SimulatedFile()
            parent.set(name, to: .file(file), group: newGroup())
            return file
        }
    }

    mutating func removeFile(at path: String) throws(Refusal) {
        let (parent, name) = try place(of: path)
        switch parent.entries[name] {
        case nil: throw Refusal(code: ENOENT)
        case .folder: throw Refusal(code: EISDIR)
        case .file: parent.set(name, to: nil, group: newGroup())
        }
    }

    mutating func removeFolder(at path: String) throws(Refusal) {
        let (parent, name) = try place(of: path)
        switch parent.entries[name] {
        case nil: throw Refusal(code: ENOENT)
        case .file: throw Refusal(code: ENOTDIR)
        case .folder(let folder):
            guard folder.entries.isEmpty else { throw Refusal(code: ENOTEMPTY) }
            parent.set(name, to: nil, group: newGroup())
        }
    }

    mutating func rename(from: String, to: String) throws(Refusal) {
        // In the kernel's order: both folders are found first, then the entries are looked at.
        let (source, oldName) = try place(of: from)
        let (target, newName) = try place(of: to)
        guard let moved = source.entries[oldName] else { throw Refusal(code: ENOENT) }
        guard from != to else { return }
        guard !to.hasPrefix(from + "/") else { throw Refusal(code: EINVAL) }
        guard !from.hasPrefix(to + "/") else { throw Refusal(code: ENOTEMPTY) }
        switch (moved, target.entries[newName]) {
        case (_, nil): break
        case (.file, .file): break
        case (.file, .folder): throw Refusal(code: EISDIR)
        case (.folder, .file): throw Refusal(code: ENOTDIR)
        case (.folder, .folder(let replaced)):
            guard replaced.entries.isEmpty else { throw Refusal(code: ENOTEMPTY) }
        }
        let group = newGroup()
        target.set(newName, to: moved, group: group)
        source.set(oldName, to: nil, group: group)
    }

    private mutating func newGroup() -> Int {
        lastGroup += 1
        return lastGroup
    }

    private func place(of path: String) throws(Refusal) -> (SimulatedFolder, String) {
        let names = path.split(separator: "/")
        guard let last = names.last else { throw Refusal(code: EBUSY) }
        let parent = try folder(at: "/" + names.dropLast().joined(separator: "/"))
        return (parent, String(last))
    }
}
