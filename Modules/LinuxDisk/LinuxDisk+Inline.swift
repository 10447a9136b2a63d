import CLinux
import Disk
import Glibc
import Vocabulary

/// Every operation as plain system calls.
extension LinuxDisk {
    func carryOut(_ operation: Operation) throws(DiskError) -> Outcome {
        switch operation {
        case .write(let file, let position, let bytes):
            try write(bytes, to: openEntry(file), at: position, flags: 0, as: operation)
        case .writeDurably(let file, let position, let bytes):
            try write(
                bytes, to: openEntry(file), at: position, flags: Int32(CLINUX_RWF_DSYNC),
                as: operation)
        case .read(let file, let position, let buffer):
            return .bytes(try read(openEntry(file), at: position, into: buffer))
        case .readResident(let file, let position, let buffer):
            return .bytes(try readResident(openEntry(file), at: position, into: buffer))
        case .expectRandomReads(let file):
            PageCache.expectRandomReads(of: openEntry(file).descriptor)
        case .sync(let file, let scope):
            let entry = openEntry(file)
            try check("sync", entry.path) {
                scope == .data ? fdatasync(entry.descriptor) : fsync(entry.descriptor)
            }
        case .startWriteBack(let file, let position, let count):
            guard count > 0 else { break }  // 0 would mean "to the end"
            let entry = openEntry(file)
            try checkNegated("startWriteBack", entry.path) {
                clinux_sync_file_range(
                    entry.descriptor, position.rawValue, Int64(count),
                    UInt32(CLINUX_SYNC_RANGE_WRITE))
            }
        case .dropFromCache(let file, let position, let count):
            guard count > 0 else { break }  // 0 would mean "to the end"
            let entry = openEntry(file)
            try checkNegated("dropFromCache", entry.path) {
                -posix_fadvise(
                    entry.descriptor, Int(position.rawValue), count, Int32(CLINUX_ADVICE_DONTNEED))
            }
        case .truncate(let file, let end):
            let entry = openEntry(file)
            try check("truncate", entry.path) { ftruncate(entry.descriptor, Int(end.rawValue)) }
        case .allocate(let file, let position, let count, let keepSize):
            let entry = openEntry(file)
            try checkNegated("allocate", entry.path) {
                clinux_fallocate(
                    entry.descriptor, keepSize ? Int32(CLINUX_FALLOCATE_KEEP_SIZE) : 0,
                    position.rawValue, Int64(count))
            }
        case .open(let path, let mode):
            return .opened(try open(path, flags: mode.flags))
        case .close(let file):
            try close(file)
        case .size(let file):
            return .bytes(try fileSize(openEntry(file)))
        case .rename(let from, let to):
            try check("rename", from) { Glibc.rename(from, to) }
        case .removeFile(let path):
            try check("removeFile", path) { unlink(path) }
        case .createFolder(let path):
            try check("createFolder", path) { mkdir(path, 0o755) }
        case .removeFolder(let path):
            try check("removeFolder", path) { rmdir(path) }
        case .list(let folder):
            return .entries(try listEntries(of: folder))
        case .syncFolder(let path):
            let descriptor = try openFolder(path)
            defer { _ = Glibc.close(descriptor) }
            try check("syncFolder", path) { fsync(descriptor) }
        case .freeSpace(let path):
            return .bytes(try spaceLeft(at: path))
        }
        return .done
    }

    /// Closes a file that nothing in flight uses. The descriptor is gone even where close(2)
    /// reports an error, which is then one of earlier writes.
    func closeNow(_ file: FileID) -> Result<Outcome, DiskError> {
        let entry = files[file]
        files.remove(file)
        guard Glibc.close(entry.descriptor) == 0 || errno == EINTR else {
            return .failure(DiskError(operation: "close", path: entry.path, code: errno))
        }
        return .success(.done)
    }

    private func openEntry(_ file: FileID) -> FileTable.Entry {
        let entry = files[file]
        precondition(entry.closing == nil, "operations go to an open file")
        return entry
    }

    private func open(_ path: String, flags: Int32) throws(DiskError) -> FileID {
        let descriptor = try check("open", path) { Glibc.open(path, flags | O_CLOEXEC, 0o644) }
        return files.add(descriptor: descriptor, path: path)
    }

    private func close(_ file: FileID) throws(DiskError) {
        guard openEntry(file).inFlight == 0 else {
            files[file].closing = .silent
            return
        }
        _ = try closeNow(file).get()
    }

    private func write(
        _ bytes: [OwnedBytes], to entry: FileTable.Entry, at position: FilePosition, flags: Int32,
        as operation: Operation
    ) throws(DiskError) {
        let total = bytes.reduce(0) { $0 + $1.count }
        var done = 0
        while done < total {
            let result = pwritev(
                bytes, from: done, to: entry.descriptor, at: position + done, flags: flags)
            if result == -Int(EINTR) { continue }
            guard result > 0 else {
                let code = result == 0 ? DiskError.inputOutput : Int32(-result)
                throw DiskError(operation: operation.name, path: entry.path, code: code)
            }
            done += result
        }
    }

    /// One pwritev(2) of what is left after `done` bytes; the result is negated on failure.
    private func pwritev(
        _ bytes: [OwnedBytes], from done: Int, to descriptor: Int32, at position: FilePosition,
        flags: Int32
    ) -> Int {
        withUnsafeTemporaryAllocation(
            of: iovec.self, capacity: min(bytes.count, [OwnedBytes].mostPieces)
        ) { vectors in
            defer { extendLifetime(bytes) }
            var count = 0
            var skip = done
            for piece in bytes where count < vectors.count {
                guard piece.count > skip else {
                    skip -= piece.count
                    continue
                }
                vectors[count] = iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: piece.base + skip),
                    iov_len: piece.count - skip)
                skip = 0
                count += 1
            }
            return Int(
                clinux_pwritev2(
                    descriptor, vectors.baseAddress, Int32(count), position.rawValue, flags))
        }
    }

    private func readResident(
        _ entry: FileTable.Entry, at position: FilePosition, into buffer: DiskBuffer
    ) throws(DiskError) -> Int {
        var vector = iovec(iov_base: buffer.base, iov_len: buffer.count)
        while true {
            let result = clinux_preadv2(
                entry.descriptor, &vector, 1, position.rawValue, Int32(CLINUX_RWF_NOWAIT))
            if result >= 0 { return Int(result) }
            if result == -Int64(EINTR) { continue }
            if result == -Int64(EOPNOTSUPP) {
                return try read(entry, at: position, into: buffer)
            }
            throw DiskError(operation: "readResident", path: entry.path, code: Int32(-result))
        }
    }

    private func read(
        _ entry: FileTable.Entry, at position: FilePosition, into buffer: DiskBuffer
    ) throws(DiskError) -> Int {
        var done = 0
        while done < buffer.count {
            let result = pread(
                entry.descriptor, buffer.base + done, buffer.count - done,
                Int((position + done).rawValue))
            if result < 0 && errno == EINTR { continue }
            guard result >= 0 else {
                throw DiskError(operation: "read", path: entry.path, code: errno)
            }
            if result == 0 { break }
            done += result
        }
        return done
    }
}

extension OpenMode {
    var flags: Int32 {
        switch self {
        case .readOnly: O_RDONLY
        case .readWrite: O_RDWR
        case .readWriteOrCreate: O_RDWR | O_CREAT
        case .createNew: O_RDWR | O_CREAT | O_EXCL
        case .readWriteDirect: O_RDWR | clinux_direct_flag()
        }
    }
}
