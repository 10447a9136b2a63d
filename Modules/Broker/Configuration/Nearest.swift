/// Guesses which key was meant.
enum Nearest {
    /// The key whose name differs from `name` by the fewest typing mistakes, if they are few.
    static func name(to name: String, in keys: [SettingKey]) -> String? {
        let wanted = Array(name.lowercased().utf8.prefix(100))
        var best: (name: String, distance: Int)?
        for key in keys {
            let distance = distance(wanted, Array(key.name.utf8))
            if distance < best?.distance ?? Int.max { best = (key.name, distance) }
        }
        guard let best, best.distance <= max(2, wanted.count / 4) else { return nil }
        return best.name
    }

    /// Insertions, deletions and replacements that lead from one to the other (Levenshtein).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let replaced = diagonal + (byte == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
