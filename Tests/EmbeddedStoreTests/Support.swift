import EmbeddedStore
import Glibc

@testable import TestData

/// A folder that is not there yet and is removed with the process.
func freshFolder() throws -> String { "\(try temporaryFolder())/store" }

/// A batch of records whose values are the given texts.
func batch(_ values: [String], codec: Codec = .none) throws -> EventBatch {
    var builder = EventBatchBuilder(codec: codec)
    for value in values {
        builder.append(key: nil, value: Array(value.utf8), timestamp: Timestamp(1_000))
    }
    return try builder.seal()
}

/// The values of all records from `offset` up to the end of the log.
func values(_ log: EventLog, from offset: Offset = .zero) async throws -> [String] {
    var found: [String] = []
    for try await batch in log.batches(from: offset) {
        found += try batch.records(from: offset).map {
            String(decoding: $0.value ?? [], as: UTF8.self)
        }
    }
    return found
}

/// Makes a folder look as after a crash.
func removeCleanMark(of folder: String) {
    unlink("\(folder)/\(CleanShutdownMark.name)")
}

/// A copy of a store's folder as a crash at this moment leaves it.
func crashCopy(of folder: String) throws -> String {
    var attempts = 0
    while true {
        let copy = try freshFolder()
        do {
            try run("cp", ["-r", folder, copy])
            return copy
        } catch {
            // A file that was replaced between being listed and being read: once more.
            attempts += 1
            if attempts == 20 { throw error }
        }
    }
}

/// Changes one byte of a file; a position below 0 counts from its end.
func flipByte(of path: String, at position: Int) throws {
    let size = try readFile(path).count
    let file = open(path, O_RDWR)
    defer { close(file) }
    let place = position < 0 ? size + position : position
    var byte: UInt8 = 0
    pread(file, &byte, 1, place)
    byte ^= 0x40
    pwrite(file, &byte, 1, place)
}
