import Glibc
import TestData

/// What a broker's data folder looks like while it runs, as a crash at that moment leaves it.
enum DataFolderCopy {
    static func make(of source: String, at target: String) throws {
        for name in try entries(of: source) where name != ".lock" {
            var status = stat()
            guard lstat("\(source)/\(name)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                mkdir("\(target)/\(name)", 0o755)
                try make(of: "\(source)/\(name)", at: "\(target)/\(name)")
            } else {
                try write(try readFile("\(source)/\(name)"), to: "\(target)/\(name)")
            }
        }
    }

    static func journals(in folder: String) throws -> [String] {
        try entries(of: folder).filter { $0.hasPrefix("journal-") }.sorted()
    }

    /// How many journal files have a write behind their header.
    static func journalsWithWrites(in folder: String) throws -> Int {
        try journals(in: folder).count { name in
            guard !name.hasSuffix(".tmp") else { return false }
            let bytes = try readFile("\(folder)/\(name)")
            return bytes.count > 4_100 && bytes[4_096] == UInt8(ascii: "M")
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "wb") else { throw CopyFault() }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw CopyFault() }
    }

    private static func entries(of folder: String) throws -> [String] {
        guard let stream = opendir(folder) else { throw CopyFault() }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                })
        }
        return names.filter { $0 != "." && $0 != ".." }
    }

    private struct CopyFault: Error {}
}
