import Disk
import Glibc
import LinuxDisk
import SegmentStore
import TestData
import Testing
import Vocabulary

/// A copy of one folder that Kafka wrote, on the kernel's file system.
final class KafkaBench {
    let folder: String
    let name: String
    let store: Store
    private let source: String

    init(_ path: String) throws {
        source = try KafkaFolders.unpacked()
        name = path.split(separator: "/").last.map(String.init) ?? path
        folder = "\(try temporaryFolder())/\(name)"
        store = Store(disk: try LinuxDisk(.inline))
        #expect(mkdir(folder, 0o755) == 0)
        for file in try namesInFolder("\(source)/\(path)") {
            try Self.write(try readFile("\(source)/\(path)/\(file)"), to: "\(folder)/\(file)")
        }
    }

    /// Every file's bytes.
    func contents() throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for file in try namesInFolder(folder) { contents[file] = try readFile("\(folder)/\(file)") }
        return contents
    }

    var recoveryPoint: Offset {
        get throws {
            let text = String(
                decoding: try readFile("\(source)/clean/recovery-point-offset-checkpoint"),
                as: UTF8.self)
            let dash = name.lastIndex(of: "-") ?? name.endIndex
            let start = "\(name[..<dash]) \(name[name.index(after: dash)...]) "
            let line = text.split(separator: "\n").first { $0.hasPrefix(start) }
            return Offset(line.flatMap { Int64($0.dropFirst(start.count)) } ?? 0)
        }
    }

    func open(clean: Bool) throws -> Log {
        try store.openLog(
            folder: folder, settings: LogSettings(),
            hint: OpenHint(
                cleanShutdown: clean, recoveryPoint: clean ? try recoveryPoint : .zero),
            now: Timestamp(1_000_000))
    }

    struct DumpedBatch {
        var file = ""
        var base: Int64 = 0
        var last: Int64 = 0
        var position: Int64 = 0
        var size = 0
    }

    /// What Kafka's dump tool says of the batches.
    func dumpedBatches() throws -> [DumpedBatch] {
        var batches: [DumpedBatch] = []
        var file = ""
        for line in try dump() {
            if line.hasPrefix("## ") { file = String(line.dropFirst(3)) }
            guard file.hasSuffix(".log"), line.hasPrefix("baseOffset: ") else { continue }
            batches.append(
                DumpedBatch(
                    file: file, base: Self.number("baseOffset", in: line),
                    last: Self.number("lastOffset", in: line),
                    position: Self.number("position", in: line),
                    size: Int(Self.number("size", in: line))))
        }
        return batches
    }

    func dumpedRecords() throws -> [(offset: Int64, timestamp: Int64)] {
        try dump().filter { $0.hasPrefix("| offset: ") }.map {
            let kind = $0.contains("LogAppendTime") ? "LogAppendTime" : "CreateTime"
            return (Self.number("offset", in: $0), Self.number(kind, in: $0))
        }
    }

    private func dump() throws -> [Substring] {
        String(decoding: try readFile("\(source)/dump/\(name).txt"), as: UTF8.self)
            .split(separator: "\n")
    }

    private static func number(_ field: String, in line: Substring) -> Int64 {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "\(field):"), index + 1 < words.count else {
            return -1
        }
        return Int64(words[index + 1]) ?? -1
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "wb") else { throw MissingFile(path: path) }
        defer { fclose(file) }
        guard bytes.isEmpty || fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw MissingFile(path: path)
        }
    }
}
