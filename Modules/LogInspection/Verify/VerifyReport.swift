import JSONText

/// What a check found.
public struct VerifyReport: Sendable, Equatable {
    /// In the order of the files.
    public internal(set) var findings: [Finding] = []
    /// Folders of partitions that were checked.
    public internal(set) var partitionCount = 0
    /// Files that were read: segments, their indexes, and the small files beside them.
    public internal(set) var fileCount = 0
    /// Bytes of the `.log` files; indexes and small files are not counted.
    public internal(set) var byteCount = 0
    /// Batches whose checksum is right.
    public internal(set) var batchCount = 0
    /// Records as the headers count them.
    public internal(set) var recordCount = 0

    /// Findings that are damage, not notices: a check with any has failed.
    public var damageCount: Int { findings.count { $0.severity == .damage } }

    /// The counts in one object of `"type": "summary"`, without the findings themselves.
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
