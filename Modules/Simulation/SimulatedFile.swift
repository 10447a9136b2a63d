/// The contents of one file: as programs see them, and as the device holds them.
///
/// The device is the page cache's follower: it has applied a prefix of the changes, and a power
/// cut applies any of the rest, sector by sector (`SimulatedFile+PowerCut.swift`).
final class SimulatedFile {
    /// The device never tears within so many bytes.
    static let sectorSize = 512
    /// What the page cache keeps and forgets as a whole.
    static let pageSize = 4_096

    /// What programs read.
    private(set) var contents: [UInt8] = []
    /// What a power cut cannot take away.
    private(set) var durable: [UInt8] = []
    /// Changes that are not durable, oldest first.
    private(set) var unsynced: [Change] = []
    /// The number of changes that are durable, or lost for good by a failed sync.
    private(set) var settled = 0
    /// Bytes reserved beyond the end.
    private(set) var reserved = 0

    /// New contents of whole sectors, and the file's length after it.
    struct Change {
        let firstSector: Int
        let bytes: [UInt8]
        let length: Int
    }

    init() {}

    /// A copy, for a disk that goes its own way from here.
    init(copying other: SimulatedFile) {
        contents = other.contents
        durable = other.durable
        unsynced = other.unsynced
        settled = other.settled
        reserved = other.reserved
    }

    /// A file all of whose contents are durable.
    init(surviving bytes: [UInt8]) {
        contents = bytes
        durable = bytes
    }

    /// The number of changes so far; a sync covers those made before it started.
    var changeCount: Int { settled + unsynced.count }

    /// Bytes it takes up on the device.
    var footprint: Int { max(contents.count, reserved) }

    func write(_ bytes: ArraySlice<UInt8>, at position: Int) {
        guard !bytes.isEmpty else { return }
        let oldLength = contents.count
        let end = position + bytes.count
        if contents.count < end {
            contents.append(contentsOf: repeatElement(0, count: end - contents.count))
        }
        contents.replaceSubrange(position..<end, with: bytes)
        note(min(position, oldLength)..<end)
    }

    /// A write that is durable as soon as it takes effect: of its sectors no older version can
    /// come back. What else was not durable still is not.
    func writeDurably(_ bytes: ArraySlice<UInt8>, at position: Int) {
        guard !bytes.isEmpty else { return }
        write(bytes, at: position)
        let change = unsynced.removeLast()
        unsynced = unsynced.map { $0.patched(by: change) }
        Self.apply(change.reaching(atLeast: durable.count), to: &durable)
    }

    func truncate(to length: Int) {
        let oldLength = contents.count
        if length < oldLength {
            contents.removeSubrange(length...)
        } else {
            contents.append(contentsOf: repeatElement(0, count: length - oldLength))
        }
        reserved = 0
        note(min(length, oldLength)..<max(length, oldLength))
    }

    func reserve(through end: Int) { reserved = max(reserved, end) }

    /// Makes the first `count` changes since the file's beginning durable.
    func sync(through count: Int) {
        let covered = max(0, count - settled)
        for change in unsynced.prefix(covered) { Self.apply(change, to: &durable) }
        settle(covered)
    }

    /// A sync that failed: the changes count as clean although the device never got them. But not
    /// that the file was cut: this lies with the file system, which did not fail.
    func loseSilently(through count: Int) {
        let covered = max(0, count - settled)
        var length = durable.count
        var cuts: [Change] = []
        for change in unsynced.prefix(covered) where change.length < length {
            length = change.length
            cuts.append(Change(firstSector: 0, bytes: [], length: length))
        }
        settle(covered)
        unsynced.insert(contentsOf: cuts, at: 0)
        settled -= cuts.count
    }

    /// Lets the page cache forget the pages that lie in `range`, but for what is not written yet:
    /// where a sync failed, programs read again what the device has.
    func forgetPages(in range: Range<Int>) {
        let first = (range.lowerBound + Self.pageSize - 1) / Self.pageSize * Self.pageSize
        let isToEnd = range.upperBound >= contents.count
        let last = isToEnd ? contents.count : range.upperBound / Self.pageSize * Self.pageSize
        guard first < last else { return }
        var image = durable
        for change in unsynced { Self.apply(change, to: &image) }
        if image.count < last {
            image.append(contentsOf: repeatElement(0, count: last - image.count))
        }
        contents.replaceSubrange(first..<last, with: image[first..<last])
    }

    func flip(bit: Int, at position: Int) {
        contents[position] ^= 1 << UInt8(bit)
        if position < durable.count { durable[position] ^= 1 << UInt8(bit) }
    }

    static func apply(_ change: Change, to image: inout [UInt8]) {
        let start = change.firstSector * sectorSize
        if image.count < change.length {
            image.append(contentsOf: repeatElement(0, count: change.length - image.count))
        } else if image.count > change.length {
            image.removeSubrange(change.length...)
        }
        let end = min(start + change.bytes.count, image.count)
        if start < end {
            image.replaceSubrange(start..<end, with: change.bytes.prefix(end - start))
        }
    }

    private func settle(_ count: Int) {
        unsynced.removeFirst(count)
        settled += count
    }

    /// Remembers the sectors that `range` touches as they are now, zeros beyond the end.
    private func note(_ range: Range<Int>) {
        let first = range.lowerBound / Self.sectorSize
        let start = first * Self.sectorSize
        let end = (range.upperBound + Self.sectorSize - 1) / Self.sectorSize * Self.sectorSize
        var bytes = Array(contents[min(start, contents.count)..<min(end, contents.count)])
        bytes.append(contentsOf: repeatElement(0, count: end - start - bytes.count))
        unsynced.append(Change(firstSector: first, bytes: bytes, length: contents.count))
    }
}

extension SimulatedFile.Change {
    /// The same change where a later one reached the device first: its sectors have that one's
    /// bytes, and the file is no shorter than it left it.
    fileprivate func patched(by later: Self) -> Self {
        var bytes = bytes
        let size = SimulatedFile.sectorSize
        let count = later.bytes.count / size
        for sector in later.firstSector..<later.firstSector + count {
            let target = (sector - firstSector) * size
            guard bytes.indices.contains(target) else { continue }
            let source = (sector - later.firstSector) * size
            bytes.replaceSubrange(target..<target + size, with: later.bytes[source..<source + size])
        }
        let end = (later.firstSector + count) * size
        return Self(
            firstSector: firstSector, bytes: bytes,
            length: max(length, min(later.length, end)))
    }

    /// The same change in a file of which the device has so many bytes; it gets longer only as
    /// far as these bytes reach.
    fileprivate func reaching(atLeast count: Int) -> Self {
        let end = firstSector * SimulatedFile.sectorSize + bytes.count
        return Self(
            firstSector: firstSector, bytes: bytes, length: max(count, min(length, end)))
    }
}
