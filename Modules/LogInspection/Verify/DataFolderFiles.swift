import Disk
import Metadata
import SegmentStore
import Vocabulary

/// The files of a data folder that speak of all partitions.
struct DataFolderFiles: Sendable {
    let path: String
    /// The last broker left the folder in order.
    let wasClosed: Bool
    private var checkpoints: [OffsetCheckpointFile.Kind: OffsetCheckpointFile] = [:]
    private(set) var identity: MetaProperties?
    /// What the metadata log says; `nil` in a folder of Kafka's.
    var cluster: ClusterState?
    private(set) var findings: [Finding] = []
    private(set) var fileCount = 0
    private(set) var byteCount = 0

    /// Reads what there is; a folder that has none of it is no data folder: `nil`.
    init?(_ path: String, on disk: any Disk, options: VerifyOptions) throws(DiskError) {
        self.path = path
        let names = Set(try disk.list(path).filter { !$0.isFolder }.map(\.name))
        wasClosed = names.contains(CleanShutdownMark.name)
        let kinds = OffsetCheckpointFile.Kind.allCases.filter { names.contains($0.rawValue) }
        guard names.contains(MetaProperties.name) || !kinds.isEmpty else { return nil }
        for kind in kinds {
            read(self.path(kind), on: disk, options) { files, bytes throws(SideFileFault) in
                files.checkpoints[kind] = try SideFileCheck.checkpoint(
                    bytes, path: files.path(kind))
            }
        }
        guard names.contains(MetaProperties.name) else { return }
        let properties = "\(path)/\(MetaProperties.name)"
        read(properties, on: disk, options) { files, bytes throws(SideFileFault) in
            do throws(SideFileError) {
                files.identity = try MetaProperties(parsing: bytes, path: properties)
            } catch {
                throw SideFileFault(error)
            }
        }
    }

    func path(_ kind: OffsetCheckpointFile.Kind) -> String { "\(path)/\(kind.rawValue)" }

    func has(_ kind: OffsetCheckpointFile.Kind) -> Bool { checkpoints[kind] != nil }

    func offset(_ kind: OffsetCheckpointFile.Kind, of partition: TopicPartition) -> Offset? {
        checkpoints[kind]?[partition]
    }

    func topicID(of topic: String) -> TopicID? { cluster?.topic(named: topic)?.id }

    /// The partitions that checkpoints name.
    var named: Set<TopicPartition> {
        Set(checkpoints.values.flatMap { $0.entries.map(\.partition) })
    }

    private mutating func read(
        _ file: String, on disk: any Disk, _ options: VerifyOptions,
        _ body: (inout DataFolderFiles, [UInt8]) throws(SideFileFault) -> Void
    ) {
        do throws(SideFileFault) {
            guard let bytes = try SideFileCheck.bytes(file, on: disk, isLive: options.isLive)
            else { return }
            fileCount += 1
            byteCount += bytes.count
            try body(&self, bytes)
        } catch {
            findings.append(Finding(.damage, file, error.place, error.reason))
        }
    }
}
