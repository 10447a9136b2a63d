import Glibc
import SegmentStore
import TestData

/// The bytes of a file below the folders that Kafka wrote.
func kafkaFile(_ path: String) throws -> [UInt8] {
    try fileContents("\(try KafkaFolders.unpacked())/\(path)")
}

func fileContents(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw MissingFile(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
        let count = fread(&chunk, 1, chunk.count, file)
        if count == 0 { return bytes }
        bytes += chunk[..<count]
    }
}

struct MissingFile: Error {
    let path: String
}

/// The message of the error that `body` throws; empty when it throws none.
func complaint(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        return "\(error)"
    }
}
