/// The frame that Kafka's checkpoint files share: a version, a count, then one entry per line.
///
/// ```
/// 0            version
/// 1            number of entries
/// compacted 0 2375
/// ```
/// An empty file, and one that ends after the version, hold no entries (Kafka's
/// `CheckpointFile.read`).
enum CheckpointText {
    static let version = 0
    /// Far above what a broker's hundred thousand partitions need.
    static let byteLimit = 64 << 20

    /// - Throws: `.malformed` naming the line, `.newerVersion`.
    static func parse<Entry>(
        _ bytes: [UInt8], path: String, entryForm: String, remedy: String,
        entry: ([ArraySlice<UInt8>]) -> Entry?
    ) throws(SideFileError) -> [Entry] {
        var lines = TextLines(bytes, path: path, remedy: remedy)
        guard let versionLine = lines.next() else { return [] }
        guard let found: Int = TextLines.number(versionLine), found >= 0 else {
            throw lines.fault(expected: "version 0", found: versionLine)
        }
        guard found == version else {
            throw .newerVersion(path: path, found: found, supported: version)
        }
        guard let countLine = lines.next() else { return [] }
        guard let count: Int = TextLines.number(countLine), count >= 0 else {
            throw lines.fault(expected: "a number of entries", found: countLine)
        }

        // The count is only compared, never trusted with an allocation.
        var entries: [Entry] = []
        while let line = lines.next() {
            guard entries.count < count else {
                throw lines.fault(
                    expected: "the end of the file after \(count) entries", found: line)
            }
            guard let value = entry(TextLines.words(of: line)) else {
                throw lines.fault(expected: "`\(entryForm)`", found: line)
            }
            entries.append(value)
        }
        guard entries.count == count else {
            throw lines.fault(expected: "\(count) entries, not \(entries.count)", found: nil)
        }
        return entries
    }

    static func encode(_ entries: [String]) -> [UInt8] {
        var text = "\(version)\n\(entries.count)\n"
        for entry in entries { text += entry + "\n" }
        return Array(text.utf8)
    }
}
