import Disk

extension Disk {
    /// The contents of a small file; `nil` where there is none.
    ///
    /// - Throws: `.tooLarge` before anything is allocated, `.disk` for what the system refuses.
    public func readSideFile(_ path: String, limit: Int) throws(SideFileError) -> [UInt8]? {
        do {
            let file = try open(path, .readOnly)
            do {
                let count = try size(of: file)
                if count > limit {
                    try close(file)
                    throw SideFileError.tooLarge(path: path, byteCount: count, limit: limit)
                }
                let buffer = DiskBuffer(count: count)
                let read = try self.read(file, at: .zero, into: buffer)
                try close(file)
                return Array(buffer.bytes.prefix(read))
            } catch let error as DiskError {
                _ = try? close(file)  // the first failure is the one to report
                throw error
            }
        } catch let error as DiskError {
            if error.isMissing { return nil }
            throw .disk(error)
        } catch let error as SideFileError {
            throw error
        } catch {
            preconditionFailure("reading throws a disk error or a side-file error")
        }
    }

    /// The same for a file that is written in place when a partition's folder is made: a crash can
    /// leave its length without its contents, which counts as an empty file.
    func readSideFileOrBlank(_ path: String, limit: Int) throws(SideFileError) -> [UInt8]? {
        guard let bytes = try readSideFile(path, limit: limit) else { return nil }
        return bytes.allSatisfy { $0 == 0 } ? [] : bytes
    }

    /// Replaces a small file whole, durably (see `replaceFile`).
    func replaceSideFile(_ path: String, with contents: [UInt8]) throws(SideFileError) {
        do {
            try replaceFile(path, with: contents)
        } catch {
            throw .disk(error)
        }
    }

    /// Removes a file, durably; nothing happens where there is none.
    func removeSideFile(_ name: String, in folder: String) throws(SideFileError) {
        do throws(DiskError) {
            guard try removeFileIfPresent("\(folder)/\(name)") else { return }
            _ = try perform(.syncFolder(path: folder))
        } catch {
            throw .disk(error)
        }
    }
}
