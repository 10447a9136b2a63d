import Disk
import Vocabulary

extension SimulatedDisk {
    /// The disk as the next start finds it after a power cut at this moment.
    ///
    /// Each operation in flight has taken effect or not; each unsynced sector, length and folder
    /// entry is kept, lost or torn. This disk goes on undisturbed, so that several cuts can be
    /// tried from one moment, each by a `seed` of its own.
    public func crash(seed: UInt64) -> SimulatedDisk {
        let end = ended(seed: seed)
        end.tree = end.tree.surviving(using: &end.random)
        return end
    }

    /// The disk as the next start finds it after the process was killed at this moment: each
    /// operation in flight has taken effect or not, everything written stays. What was not synced
    /// still is not: a power cut on the disk returned can take it away.
    public func kill(seed: UInt64) -> SimulatedDisk { ended(seed: seed) }

    private func ended(seed: UInt64) -> SimulatedDisk {
        var copier = SimulatedTreeCopier()
        let end = SimulatedDisk(
            random: SeededRandom(seed: seed), settings: settings, capacity: capacity,
            tree: SimulatedTree(root: copier.copy(tree.root), lastGroup: tree.lastGroup))
        for flight in pending.shuffled(using: &end.random) {
            if end.random.chance(oneIn: 2) {
                _ = end.carryOut(SimulatedWork(copying: flight.work, by: &copier))
            } else if case .writeDurably(_, let position, let bytes) = flight.work.operation,
                let open = flight.work.open
            {
                // Under way: any of its sectors may have reached the device.
                let all = bytes.flatMap { $0.copied() }
                copier.copy(open.file).write(all[...], at: Int(position.rawValue))
            }
        }
        end.openFiles = [:]
        end.trace = []
        return end
    }
}

extension SimulatedDisk {
    /// The bytes of a file that a power cut at this moment cannot take away; `nil` where it could
    /// take away the file itself.
    public func durableContents(of path: String) -> [UInt8]? {
        var node = SimulatedNode.folder(tree.root)
        for name in path.split(separator: "/") {
            guard case .folder(let folder) = node,
                let next = folder.durable[String(name)],
                !folder.unsynced.contains(where: { $0.name == name })
            else { return nil }
            node = next
        }
        guard case .file(let file) = node else { return nil }
        return file.durable
    }

    /// Whether all that a file holds up to `end` would survive a power cut at this moment, with
    /// the file's place in its folders.
    public func isDurable(_ path: String, upTo end: FilePosition) -> Bool {
        guard let durable = durableContents(of: path),
            case .file(let file)? = try? tree.node(at: path)
        else { return false }
        let count = Int(end.rawValue)
        return durable.count >= count && file.contents.count >= count
            && durable[..<count] == file.contents[..<count]
            && !file.unsynced.contains { $0.length < count }
    }

    /// Adds a remark to the trace, such as "acknowledged 17", to check what came before it.
    public func note(_ remark: String) {
        guard settings.traces else { return }
        trace.append(
            DiskTraceEntry(phase: .note, operation: remark, path: "", range: nil, failed: false))
    }

    func record(_ phase: DiskTraceEntry.Phase, _ work: SimulatedWork, failed: Bool) {
        guard settings.traces else { return }
        trace.append(
            DiskTraceEntry(
                phase: phase, operation: work.operation.name, path: work.path, range: work.range,
                failed: failed))
    }
}
