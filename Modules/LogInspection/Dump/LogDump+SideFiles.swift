import Disk
import Metadata
import SegmentStore
import Vocabulary

/// The small files beside the segments. They are read whole, and refused whole where they are
/// damaged: there is no part of them that could be trusted.
extension LogDump {
    mutating func dumpSideFile(_ kind: InspectedFile, _ path: String) throws(DiskError) {
        let bytes: [UInt8]
        do throws(SideFileError) {
            guard let found = try disk.readSideFile(path, limit: SideFileContents.byteLimit) else {
                throw .disk(
                    DiskError(operation: "open", path: path, code: DiskError.noSuchEntry))
            }
            bytes = found
        } catch {
            if case .disk(let cause) = error { throw cause }
            return damage(path, .wholeFile, "\(error)")
        }
        do throws(SideFileFault) {
            for item in try SideFileContents.items(kind, bytes, path: path) { emit(item, path) }
        } catch {
            damage(path, error.place, error.reason)
        }
    }
}

/// Files of ours that Kafka does not have.
extension LogDump {
    mutating func dumpJournal(_ path: String) throws(DiskError) {
        let window = try FileWindow(path, on: disk)
        do throws(SideFileFault) {
            var reader = try JournalFileReader(window)
            emit(.journalHeader(reader.header), path)
            while let write = try reader.next() {
                emit(.journalWrite(write), path)
                for entry in write.entries { emit(.journalEntry(entry), path) }
            }
        } catch {
            damage(path, error.place, error.reason)
        }
    }
}

/// What is wrong with a small file, and where.
struct SideFileFault: Error {
    var place: Finding.Place
    var reason: String

    init(_ error: SideFileError) {
        guard case .malformed(let fault) = error else {
            self.init(.wholeFile, "\(error)")
            return
        }
        let words = fault.place.split(separator: " ")
        let number = words.last.flatMap { Int($0) }
        let reason = "expected \(fault.expected), found \(fault.found); \(fault.remedy)"
        switch (words.first, number) {
        case ("line", let number?): self.init(.line(number), reason)
        case ("byte", let number?): self.init(.byte(number), reason)
        default: self.init(.wholeFile, "\(fault.place): \(reason)")
        }
    }

    init(_ place: Finding.Place, _ reason: String) {
        self.place = place
        self.reason = reason
    }
}

/// Takes small files apart.
enum SideFileContents {
    /// As large as the largest of them may be, a metadata snapshot.
    static let byteLimit = MetadataSnapshot.byteLimit

    static func items(
        _ kind: InspectedFile, _ bytes: [UInt8], path: String
    ) throws(SideFileFault) -> [DumpItem] {
        do {
            return switch kind {
            case .producerSnapshot:
                try ProducerSnapshot(parsing: bytes, path: path).entries.map { .producer($0) }
            case .leaderEpochs:
                try LeaderEpochCheckpoint.parse(bytes, path: path).entries.map { .epoch($0) }
            case .offsetCheckpoint:
                try OffsetCheckpointFile(parsing: bytes, path: path).entries
                    .map { .checkpoint($0.partition, $0.offset) }
            case .partitionMetadata:
                [
                    .property(
                        key: "topic_id",
                        value: "\(try PartitionMetadataFile.parse(bytes, path: path))")
                ]
            case .metaProperties: try properties(bytes, path: path)
            case .cleanMark:
                [
                    .property(
                        key: "brokerEpoch",
                        value: CleanShutdownMark(reading: bytes).brokerEpoch.map(String.init)
                            ?? "none")
                ]
            case .metadataSnapshot: try metadata(bytes, path: path)
            case .manifest: try manifest(bytes, path: path)
            case .changedLogs: try changedLogs(bytes)
            case .incarnation: cuts(try LogCuts(parsing: bytes, path: path))
            default: []
            }
        } catch let error as SideFileError {
            throw SideFileFault(error)
        } catch let error as MetadataError {
            throw SideFileFault(error)
        } catch let error as SideFileFault {
            throw error
        } catch {
            preconditionFailure("reading a small file throws errors of three types")
        }
    }

    private static func cuts(_ cuts: LogCuts) -> [DumpItem] {
        let count = DumpItem.property(key: "incarnation", value: "\(cuts.incarnation)")
        guard cuts.staleEnd > cuts.durableEnd else { return [count] }
        return [
            count, .property(key: "durableEnd", value: "\(cuts.durableEnd)"),
            .property(key: "staleEnd", value: "\(cuts.staleEnd)"),
        ]
    }

    private static func properties(
        _ bytes: [UInt8], path: String
    ) throws(SideFileError) -> [DumpItem] {
        _ = try MetaProperties(parsing: bytes, path: path)
        return try JavaProperties(parsing: bytes, path: path).entries
            .map { .property(key: $0.key, value: $0.value) }
    }

    private static func manifest(
        _ bytes: [UInt8], path: String
    ) throws(SideFileFault) -> [DumpItem] {
        let manifest: Manifest
        do throws(SideFileError) {
            manifest = try Manifest(decoding: bytes, path: path)
        } catch {
            throw SideFileFault(error)
        }
        // Its checksum leaves out the bytes in front of it.
        guard manifest.encoded == bytes else {
            throw SideFileFault(.byte(0), "the header is not as any broker writes it")
        }
        return [.property(key: "generation", value: "\(manifest.generation)")]
            + manifest.logs.map { .outline($0) }
    }

    private static func changedLogs(_ bytes: [UInt8]) throws(SideFileFault) -> [DumpItem] {
        let list = try ChangedLogsReader(bytes)
        return [
            .property(key: "generation", value: "\(list.generation)"),
            .property(key: "file", value: "\(list.number) of \(list.count)"),
        ] + list.partitions.map { .changedLog($0) }
    }

    private static func metadata(
        _ bytes: [UInt8], path: String
    ) throws(MetadataError) -> [DumpItem] {
        let snapshot = try MetadataSnapshot(decoding: bytes, path: path)
        return [.property(key: "generation", value: "\(snapshot.generation)")]
            + snapshot.records.map { .metadata($0, at: nil) }
    }
}

extension SideFileFault {
    init(_ error: MetadataError) {
        if case .corruptRecord(_, let place, let reason) = error {
            let words = place.split(separator: " ")
            if words.first == "byte", let position = words.last.flatMap({ Int($0) }) {
                self.init(.byte(position), reason)
            } else {
                self.init(.wholeFile, "\(place): \(reason)")
            }
        } else {
            self.init(.wholeFile, "\(error)")
        }
    }
}
