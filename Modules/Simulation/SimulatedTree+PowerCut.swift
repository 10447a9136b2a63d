import Vocabulary

extension SimulatedTree {
    /// What the device holds after a power cut now.
    func surviving(using random: inout SeededRandom) -> SimulatedTree {
        var cut = PowerCut(lastGroup: lastGroup, random: random)
        let survivor = SimulatedTree(root: cut.survivor(of: root))
        random = cut.random
        return survivor
    }
}

/// One power cut. A rename's changes are spared or lost together, across folders.
private struct PowerCut {
    var random: SeededRandom
    private var groups: [Int: Bool] = [:]
    private let mercy: SimulatedFile.Mercy
    private var files: [ObjectIdentifier: SimulatedFile] = [:]
    private var folders: [ObjectIdentifier: SimulatedFolder] = [:]
    /// Under `.beginning`: the groups after it are lost.
    private let lastSpared: Int

    init(lastGroup: Int, random: SeededRandom) {
        self.random = random
        mercy = .drawn(using: &self.random)
        // Near the end: older changes have mostly been synced.
        lastSpared = lastGroup - Int.random(in: 0...8, using: &self.random)
    }

    mutating func survivor(of folder: SimulatedFolder) -> SimulatedFolder {
        if let known = folders[ObjectIdentifier(folder)] { return known }
        let survivor = SimulatedFolder()
        folders[ObjectIdentifier(folder)] = survivor
        var entries = folder.durable
        for change in folder.unsynced where spares(change.group) {
            entries[change.name] = change.node
        }
        for (name, node) in entries.sorted(by: { $0.key < $1.key }) {
            let kept: SimulatedNode =
                switch node {
                case .file(let file): .file(self.survivor(of: file))
                case .folder(let folder): .folder(self.survivor(of: folder))
                }
            survivor.entries[name] = kept
            survivor.durable[name] = kept
        }
        return survivor
    }

    private mutating func survivor(of file: SimulatedFile) -> SimulatedFile {
        if let known = files[ObjectIdentifier(file)] { return known }
        let bytes = file.surviving(.drawn(using: &random), using: &random)
        let survivor = SimulatedFile(surviving: bytes)
        files[ObjectIdentifier(file)] = survivor
        return survivor
    }

    private mutating func spares(_ group: Int) -> Bool {
        if let decided = groups[group] { return decided }
        let spared: Bool
        switch mercy {
        case .nothing: spared = false
        case .everything: spared = true
        case .beginning: spared = group <= lastSpared
        case .anything: spared = !random.chance(oneIn: 2)
        }
        groups[group] = spared
        return spared
    }
}
