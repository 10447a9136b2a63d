/// The same tree again, for a disk that goes its own way. A node named in several places, or
/// still open, stays one node.
struct SimulatedTreeCopier {
    private var files: [ObjectIdentifier: SimulatedFile] = [:]
    private var folders: [ObjectIdentifier: SimulatedFolder] = [:]

    mutating func copy(_ file: SimulatedFile) -> SimulatedFile {
        if let known = files[ObjectIdentifier(file)] { return known }
        let copy = SimulatedFile(copying: file)
        files[ObjectIdentifier(file)] = copy
        return copy
    }

    mutating func copy(_ folder: SimulatedFolder) -> SimulatedFolder {
        if let known = folders[ObjectIdentifier(folder)] { return known }
        let made = SimulatedFolder()
        folders[ObjectIdentifier(folder)] = made
        made.settled = folder.settled
        made.entries = copy(folder.entries)
        made.durable = copy(folder.durable)
        for change in folder.unsynced {
            let node = change.node.map { copy($0) }
            made.unsynced.append(.init(name: change.name, node: node, group: change.group))
        }
        return made
    }

    private mutating func copy(_ entries: [String: SimulatedNode]) -> [String: SimulatedNode] {
        // By name, so that the order never depends on hashing.
        var copies: [String: SimulatedNode] = [:]
        for (name, node) in entries.sorted(by: { $0.key < $1.key }) { copies[name] = copy(node) }
        return copies
    }

    private mutating func copy(_ node: SimulatedNode) -> SimulatedNode {
        switch node {
        case .file(let file): .file(copy(file))
        case .folder(let folder): .folder(copy(folder))
        }
    }
}
