/// A file or a folder, wherever it is named.
enum SimulatedNode {
    case file(SimulatedFile)
    case folder(SimulatedFolder)

    var identity: ObjectIdentifier {
        switch self {
        case .file(let file): ObjectIdentifier(file)
        case .folder(let folder): ObjectIdentifier(folder)
        }
    }
}

/// The entries of one folder: as programs see them, and as the device holds them.
final class SimulatedFolder {
    var entries: [String: SimulatedNode] = [:]
    var durable: [String: SimulatedNode] = [:]
    /// Changes that are not durable, oldest first.
    var unsynced: [Change] = []
    /// The number of changes that are durable, or lost for good by a failed sync.
    var settled = 0

    struct Change {
        let name: String
        /// `nil` removes the entry.
        let node: SimulatedNode?
        /// Changes of one rename share it: a power cut keeps all or none of them.
        let group: Int
    }

    var changeCount: Int { settled + unsynced.count }

    func set(_ name: String, to node: SimulatedNode?, group: Int) {
        entries[name] = node
        unsynced.append(Change(name: name, node: node, group: group))
    }

    func sync(through count: Int) {
        let covered = max(0, count - settled)
        for change in unsynced.prefix(covered) { durable[change.name] = change.node }
        settle(covered)
    }

    /// A sync that failed: the changes count as clean although the device never got them.
    func loseSilently(through count: Int) { settle(max(0, count - settled)) }

    private func settle(_ count: Int) {
        unsynced.removeFirst(count)
        settled += count
    }
}
