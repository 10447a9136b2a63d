import JSONText

/// What a check found.
public struct VerifyReport: Sendable, Equatable {
    /// In the order of the files.
    public internal(set) var findings: [Finding] = []
    public internal(set) var partitionCount = 0
    public internal(set) var fileCount = 0
    public internal(set) var byteCount = 0
    public internal(set) var batchCount = 0
    public internal(set) var recordCount = 0

    public var damageCount: Int { findings.count { $0.severity == .damage } }

    public var json: JSONValue {
        [
            "type": "summary", "damage": .integer(Int64(damageCount)),
            "notices": .integer(Int64(findings.count - damageCount)),
            "partitions": .integer(Int64(partitionCount)), "files": .integer(Int64(fileCount)),
            "bytes": .integer(Int64(byteCount)), "batches": .integer(Int64(batchCount)),
            "records": .integer(Int64(recordCount)),
        ]
    }
}
