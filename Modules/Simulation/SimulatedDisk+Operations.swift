import Disk
import Glibc
import Vocabulary

extension SimulatedDisk {
    /// Lets an operation take effect.
    func carryOut(_ work: SimulatedWork) -> Result<Outcome, DiskError> {
        let result: Result<Outcome, DiskError>
        if let code = fault(for: work) {
            suffer(work)
            result = .failure(refusal(of: work, code))
        } else {
            do throws(SimulatedTree.Refusal) {
                if let open = work.open {
                    result = .success(try carryOut(work, on: open))
                } else {
                    result = .success(try carryOut(work.operation, covered: work.covered))
                }
            } catch {
                result = .failure(refusal(of: work, error.code))
            }
        }
        if case .failure = result {
            record(.effective, work, failed: true)
        } else {
            record(.effective, work, failed: false)
        }
        return result
    }

    /// Bytes taken up on the device: by every file that is named or open.
    var usedBytes: Int {
        var seen: Set<ObjectIdentifier> = []
        var total = 0
        func count(_ file: SimulatedFile) {
            if seen.insert(ObjectIdentifier(file)).inserted { total += file.footprint }
        }
        func count(_ folder: SimulatedFolder) {
            for node in folder.entries.values {
                switch node {
                case .file(let file): count(file)
                case .folder(let folder): count(folder)
                }
            }
        }
        count(tree.root)
        for open in openFiles.values { count(open.file) }
        return total
    }

    private static let terabyte = 1 << 40

    private func freeBytes() -> Int {
        guard let capacity else { return Self.terabyte }
        return max(0, capacity - usedBytes)
    }

    /// What a failing operation does nevertheless.
    private func suffer(_ work: SimulatedWork) {
        switch work.operation {
        case .sync:
            work.open?.file.loseSilently(through: work.covered)
            syncHasFailed = true
        case .syncFolder(let path):
            // A folder that is not there has nothing to lose.
            (try? tree.folder(at: path))?.loseSilently(through: work.covered)
            folderSyncHasFailed = true
        case .write(_, let position, let bytes), .writeDurably(_, let position, let bytes):
            let all = bytes.flatMap { $0.copied() }
            let count = Int.random(in: 0...all.count, using: &random)
            let fitting = min(count, roomFor(work.open?.file, at: Int(position.rawValue)))
            work.open?.file.write(all[..<fitting], at: Int(position.rawValue))
        default:
            break
        }
    }

    /// How many bytes can be written at a position before the device is full.
    private func roomFor(_ file: SimulatedFile?, at position: Int) -> Int {
        guard capacity != nil, let file else { return .max }
        return max(0, file.footprint + freeBytes() - position)
    }

    private func carryOut(
        _ work: SimulatedWork, on open: SimulatedOpenFile
    ) throws(SimulatedTree.Refusal) -> Outcome {
        let file = open.file
        switch work.operation {
        case .write(_, let position, let bytes):
            try write(bytes, at: Int(position.rawValue), to: open, isDurable: false)
        case .writeDurably(_, let position, let bytes):
            try write(bytes, at: Int(position.rawValue), to: open, isDurable: true)
        case .read(_, let position, let buffer):
            try requireAligned(open, position: Int(position.rawValue), count: buffer.count)
            let start = min(Int(position.rawValue), file.contents.count)
            let bytes = file.contents[start...].prefix(buffer.count)
            touchPages(of: file, start..<start + bytes.count)
            work.bytesRead = bytes
            return .bytes(bytes.count)
        case .readResident(_, let position, let buffer):
            let start = min(Int(position.rawValue), file.contents.count)
            let end = min(start + buffer.count, file.contents.count)
            let count = residentCount(of: file, start..<end)
            guard count > 0 || end == start else { throw SimulatedTree.Refusal(code: EAGAIN) }
            work.bytesRead = file.contents[start..<start + count]
            return .bytes(count)
        case .sync:
            // A length that data beyond it needs is durable with fdatasync(2) too.
            file.sync(through: work.covered)
        case .truncate(_, let end):
            try requireWritable(open, orElse: EINVAL)
            let length = Int(end.rawValue)
            guard length <= file.footprint || length - file.footprint <= freeBytes() else {
                throw SimulatedTree.Refusal(code: ENOSPC)
            }
            file.truncate(to: length)
        case .allocate(_, let start, let count, let keepSize):
            try requireWritable(open, orElse: EBADF)
            let end = Int(start.rawValue) + count
            guard end <= file.footprint || end - file.footprint <= freeBytes() else {
                throw SimulatedTree.Refusal(code: ENOSPC)
            }
            if !keepSize && end > file.contents.count { file.truncate(to: end) }
            file.reserve(through: end)
        case .dropFromCache(_, let start, let count):
            file.forgetPages(in: Int(start.rawValue)..<Int(start.rawValue) + count)
        case .size:
            return .bytes(file.contents.count)
        default:
            break
        }
        return .done
    }

    private func write(
        _ bytes: [OwnedBytes], at position: Int, to open: SimulatedOpenFile, isDurable: Bool
    ) throws(SimulatedTree.Refusal) {
        try requireWritable(open, orElse: EBADF)
        for piece in bytes {
            try requireAligned(open, position: Int(bitPattern: piece.base), count: piece.count)
        }
        let all = bytes.flatMap { $0.copied() }
        try requireAligned(open, position: position, count: all.count)
        let fitting = min(all.count, roomFor(open.file, at: position))
        if isDurable {
            open.file.writeDurably(all[..<fitting], at: position)
        } else {
            open.file.write(all[..<fitting], at: position)
        }
        guard fitting == all.count else { throw SimulatedTree.Refusal(code: ENOSPC) }
    }

    /// As the kernel does with O_DIRECT, whose unit is taken to be 4,096 everywhere.
    private func requireAligned(
        _ open: SimulatedOpenFile, position: Int, count: Int
    ) throws(SimulatedTree.Refusal) {
        guard !open.isDirect || (position % 4_096 == 0 && count % 4_096 == 0) else {
            throw SimulatedTree.Refusal(code: EINVAL)
        }
    }

    private func carryOut(
        _ operation: Operation, covered: Int
    ) throws(SimulatedTree.Refusal) -> Outcome {
        switch operation {
        case .open(let path, let mode):
            let file = try tree.openFile(at: path, mode)
            return .opened(
                add(
                    SimulatedOpenFile(
                        file: file, path: path, isWritable: mode != .readOnly,
                        isDirect: mode == .readWriteDirect)))
        case .rename(let from, let to): try tree.rename(from: from, to: to)
        case .removeFile(let path): try tree.removeFile(at: path)
        case .createFolder(let path): try tree.createFolder(at: path)
        case .removeFolder(let path): try tree.removeFolder(at: path)
        case .list(let path):
            let entries = try tree.folder(at: path).entries.sorted { $0.key < $1.key }
            return .entries(
                entries.map { name, node in
                    if case .folder = node { return FolderEntry(name: name, isFolder: true) }
                    return FolderEntry(name: name, isFolder: false)
                })
        case .syncFolder(let path): try tree.folder(at: path).sync(through: covered)
        case .freeSpace(let path):
            _ = try tree.node(at: path)
            return .bytes(freeBytes())
        default: break
        }
        return .done
    }

    private func requireWritable(
        _ open: SimulatedOpenFile, orElse code: Int32
    ) throws(SimulatedTree.Refusal) {
        guard open.isWritable else { throw SimulatedTree.Refusal(code: code) }
    }

    private func refusal(of work: SimulatedWork, _ code: Int32) -> DiskError {
        DiskError(operation: work.operation.name, path: work.path, code: code)
    }
}
