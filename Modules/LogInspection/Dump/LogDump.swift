import Compression
import Disk
import Metadata
import Records
import SegmentStore
import Vocabulary

/// Prints files that the store or Kafka wrote, for people or as JSON.
///
/// What is damaged is named with its place, and everything else is printed all the same. Changes
/// nothing. Belongs to the thread of its disk; memory is bounded by the largest batch.
public struct LogDump {
    let disk: any Disk
    let options: DumpOptions
    private let write: (String) -> Void
    /// How much damage was found.
    public private(set) var damageCount = 0
    let decompressor = Decompressor()

    /// - Parameter write: takes one line, without its end.
    public init(disk: any Disk, options: DumpOptions, write: @escaping (String) -> Void) {
        self.disk = disk
        self.options = options
        self.write = write
    }

    /// Prints a file, all files of a partition's folder, or a data folder with its partitions.
    ///
    /// What of a folder cannot be read is named, and the rest is printed; what is removed
    /// meanwhile, as a running broker does, is no damage.
    ///
    /// - Throws: `unknownFile`, `nothingToInspect`, `disk` where the system refuses to open it.
    public mutating func dump(_ path: String) throws(InspectionError) {
        guard let entries = try list(path) else {
            let isKnown: Bool
            do throws(DiskError) {
                isKnown = try dumpFile(path)
            } catch {
                throw .disk(error)
            }
            guard isKnown else { throw .unknownFile(path: path) }
            return
        }
        guard dumpFolder(path, entries) else { throw .nothingToInspect(path: path) }
    }

    /// `nil` for a file.
    private func list(_ path: String) throws(InspectionError) -> [FolderEntry]? {
        do throws(DiskError) {
            return try disk.list(path)
        } catch {
            if error.code == Self.notAFolder { return nil }
            throw .disk(error)
        }
    }

    /// ENOTDIR, errno(3).
    private static let notAFolder: Int32 = 20

    /// Prints what has a known name; `false` where nothing has.
    private mutating func dumpFolder(_ path: String, _ entries: [FolderEntry]) -> Bool {
        var found = false
        for entry in entries.sorted(by: { $0.name < $1.name }) where !entry.isFolder {
            guard isWanted(entry.name, among: entries) else {
                found = true
                continue
            }
            let inner = "\(path)/\(entry.name)"
            do throws(DiskError) {
                if try dumpFile(inner) { found = true }
            } catch {
                found = true
                unreadable(inner, error)
            }
        }
        for entry in entries.sorted(by: { $0.name < $1.name }) where entry.isFolder {
            guard case .partition = PartitionFolderName(entry.name) else { continue }
            let inner = "\(path)/\(entry.name)"
            do throws(DiskError) {
                if dumpFolder(inner, try disk.list(inner)) { found = true }
            } catch {
                found = true
                unreadable(inner, error)
            }
        }
        return found
    }

    /// Whether a segment's file can hold an offset that is wanted.
    private func isWanted(_ name: String, among entries: [FolderEntry]) -> Bool {
        guard options.from != nil || options.to != nil, let parts = SegmentName.parse(name),
            parts.kind != .snapshot
        else { return true }
        let next = entries.compactMap { entry -> Offset? in
            guard let other = SegmentName.parse(entry.name), other.kind == .log,
                other.stage == nil, other.base > parts.base
            else { return nil }
            return other.base
        }.min()
        return options.wants(parts.base, next.map { $0 - 1 } ?? .limit)
    }

    /// Prints one file; `false` for a name that says nothing.
    private mutating func dumpFile(_ path: String) throws(DiskError) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        var kind = InspectedFile(name: name)
        if kind == .passing, let parts = SegmentName.parse(name) {
            kind = .segment(parts.base, parts.kind)
        }
        guard kind != .foreign, kind != .passing else { return false }
        emit(.file(path: path, kind), path)
        try dumpContents(kind, path)
        return true
    }

    private mutating func dumpContents(_ kind: InspectedFile, _ path: String) throws(DiskError) {
        switch kind {
        case .log: try dumpLog(path)
        case .offsetIndex(let base): try dumpOffsetIndex(path, base: base)
        case .timeIndex(let base): try dumpTimeIndex(path, base: base)
        case .abortedTransactions: try dumpAbortedTransactions(path)
        case .journal: try dumpJournal(path)
        default: try dumpSideFile(kind, path)
        }
    }

    mutating func emit(_ item: DumpItem, _ path: String) {
        if case .finding(let finding) = item, finding.severity == .damage { damageCount += 1 }
        switch options.format {
        case .text: write(item.text(contentLimit: options.contentLimit))
        case .json: write(item.json(path: path, contentLimit: options.contentLimit).text)
        }
    }

    mutating func damage(_ path: String, _ place: Finding.Place, _ reason: String) {
        emit(.finding(Finding(.damage, path, place, reason)), path)
    }

    private mutating func unreadable(_ path: String, _ error: DiskError) {
        let finding =
            error.isMissing
            ? Finding(.notice, path, .wholeFile, "was removed meanwhile")
            : Finding(.damage, path, .wholeFile, "cannot be read: \(error)")
        emit(.finding(finding), path)
    }
}
