/// What of the files is in memory. Everything is, until a test says otherwise.
extension SimulatedDisk {
    private static let pageSize = 4_096

    /// Drops all files from memory; a page comes back when it is read or written.
    public func forgetPages() {
        coldPages = [:]
        forgetPages(in: tree.root)
    }

    private func forgetPages(in folder: SimulatedFolder) {
        for node in folder.entries.values {
            switch node {
            case .file(let file):
                coldPages[ObjectIdentifier(file)] = Set(
                    0..<(file.contents.count + Self.pageSize - 1) / Self.pageSize)
            case .folder(let folder): forgetPages(in: folder)
            }
        }
    }

    /// Notes that a range was read or written.
    func touchPages(of file: SimulatedFile, _ range: Range<Int>) {
        guard !coldPages.isEmpty, !range.isEmpty else { return }
        let pages = range.lowerBound / Self.pageSize...(range.upperBound - 1) / Self.pageSize
        coldPages[ObjectIdentifier(file)]?.subtract(pages)
    }

    /// How many bytes from the start of a range on are in memory.
    func residentCount(of file: SimulatedFile, _ range: Range<Int>) -> Int {
        guard let cold = coldPages[ObjectIdentifier(file)] else { return range.count }
        var end = range.lowerBound
        while end < range.upperBound, !cold.contains(end / Self.pageSize) {
            end = (end / Self.pageSize + 1) * Self.pageSize
        }
        return min(end, range.upperBound) - range.lowerBound
    }
}
