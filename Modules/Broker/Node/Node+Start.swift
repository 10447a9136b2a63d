import Disk
import Glibc
import IORing
import LinuxDisk
import Logging
import Metadata
import NIOCore
import SegmentStore
import Vocabulary

extension Node {
    /// Opens the data folder and everything in it, one shard per event loop.
    ///
    /// Returns when every log is known and requests may come; each is opened when it is first
    /// needed. The loops are the caller's, and so is their end: after `close`.
    /// - Throws: what keeps the folder from being used: locked by another process, foreign,
    ///   unreadable, written by a later version. A single bad log is no reason: its partition is
    ///   offline, the others are served.
    public static func start(
        configuration: BrokerConfiguration, loops: [any EventLoop], logger: Logger
    ) async throws(NodeStartError) -> Node {
        let startup = try Startup(configuration: configuration, logger: logger)
        do throws(NodeStartError) {
            let shards = try await startup.makeShards(loops)
            do throws(NodeStartError) {
                return try await startup.run(shards)
            } catch {
                await Startup.letGo(of: shards)
                throw error
            }
        } catch {
            startup.folder.release(isClean: startup.folder.wasClean, logger: logger)
            throw error
        }
    }
}

/// Why a data folder cannot be served.
public enum NodeStartError: Error, Sendable, CustomStringConvertible {
    /// An operation on the folder was refused.
    case disk(DiskError)
    /// io_uring cannot be used; the error says what to do.
    case ring(IORingError)
    /// A small file cannot be read, or another process has the folder.
    case sideFile(SideFileError)
    /// The cluster's state cannot be read, or is another broker's.
    case metadata(MetadataError)
    /// Anything else, such as an event loop that was shut down meanwhile.
    case loop(String)

    public var description: String {
        switch self {
        case .disk(let error): error.description
        case .ring(let error): String(describing: error)
        case .sideFile(let error): error.description
        case .metadata(let error): error.description
        case .loop(let reason): "an event loop failed: \(reason)"
        }
    }
}

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

    /// A shard on each loop, its ring watched.
    func makeShards(_ loops: [any EventLoop]) async throws(NodeStartError) -> [ShardHandle] {
        var settings = StoreSettings()
        // What cold reads leave in memory for a while comes out of the same budget.
        settings.pageCacheBudget =
            Int(configuration.pageCacheBudgetBytes) / max(1, loops.count)
            - configuration.coldFootprintBytes
        settings.decompressedBatchLimit = configuration.maxDecompressedBytes
        settings.retentionCheckMilliseconds = configuration.retentionCheckMilliseconds
        settings.reservedBytes = min(settings.reservedBytes, fileSystemBytes / 16)
        settings.openSegmentLimit = openSegmentLimit(loops: loops.count)
        let pace = SharedReadPace(bytesPerSecond: configuration.coldReadBytesPerSecond)
        var shards: [ShardHandle] = []
        do {
            for (index, loop) in loops.enumerated() {
                let handle = try await loop.flatSubmit { [settings, configuration, logger] in
                    Self.makeShard(index, on: loop, settings, configuration, pace, logger)
                }.get()
                shards.append(handle)
            }
            for shard in shards {
                _ = await shard.visit { [shards] shard in shard.outbox.connect(shards) }
            }
            return shards
        } catch {
            await Self.letGo(of: shards)
            throw NodeStartError(error)
        }
    }

    /// Ends the shards of a start that failed, before their loops end.
    static func letGo(of shards: [ShardHandle]) async {
        for shard in shards { _ = await shard.visit { $0.stopWatching() } }
    }

    /// How many segment files each store may keep open: half of what the system allows, the other
    /// half is for connections.
    private func openSegmentLimit(loops: Int) -> Int {
        min(4_096, max(64, (OpenFileLimit.raise() - 256) / 2 / max(1, loops)))
    }

    /// The size of the file system that holds the data.
    var fileSystemBytes: Int {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return Int.max }
        let (bytes, overflow) = Int(facts.f_blocks).multipliedReportingOverflow(
            by: Int(facts.f_frsize))
        return overflow ? Int.max : bytes
    }

    private static func makeShard(
        _ index: Int, on loop: any EventLoop, _ settings: StoreSettings,
        _ configuration: BrokerConfiguration, _ pace: SharedReadPace, _ logger: Logger
    ) -> EventLoopFuture<ShardHandle> {
        do throws(IORingError) {
            let disk = try makeDisk(logger)
            let shard = Shard(
                index: index, eventLoop: loop, store: Store(disk: disk, settings: settings),
                configuration: configuration, coldReadPace: pace, logger: logger)
            let handle = ShardHandle(shard)
            guard let descriptor = disk.completionDescriptor else {
                return loop.makeSucceededFuture(handle)
            }
            return CompletionWatcher.watch(descriptor, on: loop) { shard.drain() }
                .map { channel in
                    handle.shard.watcher = channel
                    return handle
                }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    /// A disk with a ring, or one without where the system forbids rings.
    private static func makeDisk(_ logger: Logger) throws(IORingError) -> LinuxDisk {
        do throws(IORingError) {
            return try LinuxDisk()
        } catch {
            logger.warning(
                "io_uring cannot be used; every sync will stall its event loop",
                metadata: ["reason": "\(error)"])
            return try LinuxDisk(.inline)
        }
    }

    // MARK: The data

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

    private func openMetadata(
        on shard: ShardHandle, _ clusterID: String, _ nodeID: BrokerID
    ) async throws(NodeStartError) -> MetadataGate {
        do {
            let gate = try await shard.submit { [path, logger] shard in
                let metadata = try EmbeddedMetadataStore(
                    in: path, store: shard.store, now: .now())
                for notice in metadata.openingNotices {
                    logger.notice("metadata", metadata: ["found": "\(notice)"])
                }
                shard.metadata = metadata
                return MetadataGate(metadata, eventLoop: shard.eventLoop)
            }.get()
            try await gate.write(
                gate.state().decideRegistration(clusterID: clusterID, nodeID: nodeID))
            return gate
        } catch {
            throw NodeStartError(error)
        }
    }

    /// Takes in the topics of folders that the metadata does not know: Kafka's, above all.
    private func adoptFolders(
        into gate: MetadataGate, known: KnownLogs
    ) async throws(NodeStartError) {
        do {
            let state = await gate.state()
            let found = try DataFolder(scanning: path, on: disk) { partition in
                guard let id = known.topicID(of: partition),
                    state.topic(named: partition.topic)?.id == id
                else { return nil }
                return id
            }
            let adoption = Adoption(of: found, into: state)
            for notice in adoption.notices {
                logger.notice("data folder", metadata: ["found": "\(notice)"])
            }
            try adoption.writeIdentities(on: disk)
            for case .topicCreated(let name, let id, let count) in adoption.records {
                logger.info(
                    "topic adopted",
                    metadata: ["topic": "\(name)", "id": "\(id)", "partitions": "\(count)"])
            }
            try await gate.write(adoption.records)
            for leftover in found.leftovers { removeTree(leftover) }
        } catch {
            throw NodeStartError(error)
        }
    }

    /// Removes what a crash left of topics that were being deleted.
    private func finishDeletions(in gate: MetadataGate) async throws(NodeStartError) {
        for topic in await gate.state().topicsBeingDeleted {
            var isGone = true
            for partition in topic.partitions {
                let folder = "\(path)/\(partition)"
                do {
                    // A topic of the same name may have been created since: its folders stay.
                    if try PartitionFolder.belongs(folder, to: topic.id, on: disk) {
                        isGone = removeTree(folder) && isGone
                    }
                } catch {
                    isGone = false
                    logger.warning(
                        "a deleted partition's folder cannot be read and is left behind",
                        metadata: ["folder": "\(folder)", "reason": "\(error)"])
                }
            }
            // The topic stays among those being deleted: nobody adopts what is left of it.
            guard isGone else { continue }
            do {
                // A power cut must not bring back a folder that nobody remembers as deleted.
                _ = try disk.perform(.syncFolder(path: path))
                try await gate.write(await gate.state().decideDeletionFinished(of: topic.id))
            } catch {
                throw NodeStartError(error)
            }
            logger.info(
                "deletion finished", metadata: ["topic": "\(topic.name)", "id": "\(topic.id)"])
        }
    }

    /// Removes a deleted partition's folder; says whether it is gone.
    @discardableResult
    private func removeTree(_ folder: String) -> Bool {
        do throws(DiskError) {
            try remove(folder)
            return true
        } catch {
            logger.warning(
                "a deleted partition's folder is left behind",
                metadata: ["folder": "\(folder)", "reason": "\(error)"])
            return false
        }
    }

    /// Removes a file, a link itself and not what it leads to, or a folder with what is in it.
    private func remove(_ path: String) throws(DiskError) {
        do throws(DiskError) {
            _ = try disk.perform(.removeFile(path: path))
            return
        } catch {
            // unlink(2) of a folder; POSIX has EPERM for it.
            guard error.code == EISDIR || error.code == EPERM else { throw error }
        }
        for entry in try disk.list(path) { try remove("\(path)/\(entry.name)") }
        _ = try disk.perform(.removeFolder(path: path))
    }
}

extension NodeStartError {
    /// What was thrown by the steps above; each throws one of these.
    init(_ error: any Error) {
        switch error {
        case let error as NodeStartError: self = error
        case let error as DiskError: self = .disk(error)
        case let error as IORingError: self = .ring(error)
        case let error as SideFileError: self = .sideFile(error)
        case let error as MetadataError: self = .metadata(error)
        default: self = .loop(String(describing: error))
        }
    }
}

extension BrokerConfiguration {
    /// The operator's `node.id`; `nil` where it is left to the data folder.
    fileprivate var nodeIDIfSet: BrokerID? {
        settings.settings["node.id"] == nil ? nil : BrokerID(nodeID)
    }
}
