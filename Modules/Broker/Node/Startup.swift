import Disk
import LinuxDisk
import Logging
import Metadata
import SegmentStore
import Vocabulary

/// The steps of a start, in order.
struct Startup {
    /// With what was set while the broker ran before, once that is known.
    var configuration: BrokerConfiguration
    let logger: Logger
    let folder: DataFolderGuard
    let path: String
    let disk: LinuxDisk
    private let identity: MetaProperties

    /// Locks the folder, making it if need be, and learns whose it is.
    init(configuration: BrokerConfiguration, logger: Logger) throws(NodeStartError) {
        self.configuration = configuration
        self.logger = logger
        path = configuration.dataFolder
        do {
            disk = try LinuxDisk(.inline)
            try Self.makeFolder(path, on: disk)
            folder = try DataFolderGuard(path: path, on: disk)
        } catch {
            throw NodeStartError(error)
        }
        do throws(MetadataError) {
            identity = try ClusterIdentity.establish(
                in: path, configured: configuration.nodeIDIfSet, on: disk)
        } catch {
            folder.release(isClean: folder.wasClean, logger: logger)
            throw .metadata(error)
        }
    }

    private static func makeFolder(_ path: String, on disk: LinuxDisk) throws(DiskError) {
        do throws(DiskError) {
            _ = try disk.perform(.createFolder(path: path))
            // The folder's own entry: a power cut must not take everything in it away.
            _ = try disk.perform(.syncFolder(path: "\(path)/.."))
        } catch {
            guard error.code == DiskError.exists else { throw error }
        }
    }

    /// Opens metadata and logs and puts the node together.
    func run(_ shards: [ShardHandle]) async throws(NodeStartError) -> Node {
        let nodeID = identity.nodeID ?? BrokerID(configuration.nodeID)
        let clusterID = identity.clusterID ?? ""
        let gate = try await openMetadata(on: shards[0], clusterID, nodeID)
        try await finishDeletions(in: gate)
        let known = try KnownLogs(
            of: path, wasClean: folder.wasClean, on: disk, logger: logger)
        try await adoptFolders(into: gate, known: known)

        let published = PublishedTopics()
        let state = await gate.state()
        var startup = self
        startup.configuration = await effectiveConfiguration(state, nodeID, shards)
        let configuration = startup.configuration
        let opened = try await startup.openTopics(of: state, known: known, on: shards)
        published.publish(opened.topics)
        let checkpointer = Checkpointer(
            folder: path, shards: shards, keeping: opened.kept, logger: logger)
        if opened.checkpointsNameOthers || opened.hasInspected { await checkpointer.writeAll() }
        try await noteChanges(since: opened, known: known, on: shards)
        let sessions = FetchSessionCache(limit: configuration.maxFetchSessions)
        let services = Services(
            configuration: configuration, clusterID: clusterID, nodeID: nodeID,
            topics: published,
            registry: TopicRegistry(
                executor: gate.eventLoop.executor, metadata: gate, shards: shards,
                published: published, sessions: sessions, checkpointer: checkpointer,
                configuration: configuration, nodeID: nodeID, logger: logger),
            sessions: sessions, shards: shards, logger: logger)
        let registry = services.registry
        for shard in shards {
            _ = await shard.visit { shard in
                shard.onLaterEpoch = { registry.noteLaterEpoch($2, of: $0, $1) }
                shard.startTicking()
            }
        }
        await checkpointer.start()
        let cleaner = LogCleaner(
            shards: shards, settings: configuration.cleaner, checkpointer: checkpointer,
            logger: logger)
        await cleaner.start()
        await startJournals(on: shards)
        let snapshot = published.current
        logger.info(
            "data folder open",
            metadata: [
                "folder": "\(path)", "cluster": "\(clusterID)", "node": "\(nodeID)",
                "topics": "\(snapshot.byName.count)",
                "partitions": "\(snapshot.byName.values.reduce(0) { $0 + $1.places.count })",
                "afterCleanStop": "\(folder.wasClean)",
            ])
        return Node(
            services: services, folder: folder, checkpointer: checkpointer, cleaner: cleaner)
    }

    /// From here on changes are noted beside a manifest that says what the logs are like now.
    ///
    /// Where there is no space for that, the broker does without.
    private func noteChanges(
        since opened: OpenedTopics, known: KnownLogs, on shards: [ShardHandle]
    ) async throws(NodeStartError) {
        do {
            var generation = known.generation ?? .random()
            if known.generation == nil || opened.hasInspected || !folder.wasClean {
                let manifest = Manifest(generation: .random(), logs: opened.outlines)
                generation = manifest.generation
                try manifest.write(on: disk, folder: path)
            }
            for shard in shards {
                try await shard.submit { [path, generation, count = shards.count] shard in
                    shard.store.changedLogs = try ChangedLogs(
                        shard.index, of: count, generation: generation, folder: path,
                        on: shard.store.disk)
                }.get()
            }
        } catch {
            logger.warning(
                "changed logs cannot be noted: a start after a crash looks into each log",
                metadata: ["reason": "\(error)"])
            for shard in shards { _ = await shard.visit { $0.store.changedLogs = nil } }
            do throws(SideFileError) {
                try Manifest.remove(on: disk, folder: path)
            } catch {
                throw NodeStartError(error)
            }
        }
    }

    /// The settings with what was set while the broker ran before, for the shards, too.
    private func effectiveConfiguration(
        _ state: ClusterState, _ nodeID: BrokerID, _ shards: [ShardHandle]
    ) async -> BrokerConfiguration {
        var refused: [String] = []
        let dynamic = DynamicSettings(
            broker: state.brokerConfigs(of: nodeID), cluster: state.brokerConfigs(of: nil),
            refused: &refused)
        for name in refused.sorted() {
            logger.error(
                "a setting that was changed while the broker ran is ignored",
                metadata: ["key": "\(name)"])
        }
        let effective = configuration.with(dynamic)
        for shard in shards { _ = await shard.visit { $0.configuration = effective } }
        return effective
    }
}

extension BrokerConfiguration {
    /// The operator's `node.id`; `nil` where it is left to the data folder.
    fileprivate var nodeIDIfSet: BrokerID? {
        settings.settings["node.id"] == nil ? nil : BrokerID(nodeID)
    }
}
