import Vocabulary

extension SimulatedFile {
    /// How much of what was not durable a power cut spares.
    enum Mercy: CaseIterable {
        case nothing
        case everything
        /// Changes up to some point; the one after it is torn.
        case beginning
        /// Each sector and the length on their own: torn and out of order.
        case anything

        static func drawn(using random: inout SeededRandom) -> Mercy {
            // Drawn twice as often: it finds most.
            [.nothing, .everything, .beginning, .anything, .anything].randomElement(using: &random)
                ?? .anything
        }
    }

    /// What the device holds after a power cut now.
    ///
    /// A sector holds one of the versions it has had since the last sync, never a mix and never
    /// an older one: the page cache writes whole sectors, the newest contents last.
    func surviving(_ mercy: Mercy, using random: inout SeededRandom) -> [UInt8] {
        switch mercy {
        case .nothing: return durable
        case .everything:
            var image = durable
            for change in unsynced { Self.apply(change, to: &image) }
            return image
        case .beginning:
            var image = durable
            let kept = Int.random(in: 0...unsynced.count, using: &random)
            for change in unsynced.prefix(kept) { Self.apply(change, to: &image) }
            guard kept < unsynced.count else { return image }
            return tear(image, [unsynced[kept]], using: &random)
        case .anything:
            return tear(durable, unsynced, using: &random)
        }
    }

    private func tear(
        _ image: [UInt8], _ changes: [Change], using random: inout SeededRandom
    ) -> [UInt8] {
        var image = image
        var length = image.count
        var lengthIsFrozen = false
        var frozen: Set<Int> = []
        for change in changes {
            if change.length != length && !lengthIsFrozen {
                lengthIsFrozen = random.chance(oneIn: 3)
                if !lengthIsFrozen { length = change.length }
            }
            for index in 0..<change.bytes.count / Self.sectorSize {
                let sector = change.firstSector + index
                guard !frozen.contains(sector) else { continue }
                if random.chance(oneIn: 3) {
                    frozen.insert(sector)
                    continue
                }
                let start = sector * Self.sectorSize
                let end = start + Self.sectorSize
                if image.count < end {
                    image.append(contentsOf: repeatElement(0, count: end - image.count))
                }
                let bytes = change.bytes[
                    index * Self.sectorSize..<(index + 1) * Self.sectorSize]
                image.replaceSubrange(start..<end, with: bytes)
            }
        }
        if image.count > length { image.removeSubrange(length...) }
        image.append(contentsOf: repeatElement(0, count: length - image.count))
        return image
    }
}
