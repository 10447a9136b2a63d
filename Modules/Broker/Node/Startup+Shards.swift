import Glibc
import IORing
import LinuxDisk
import Logging
import NIOCore
import SegmentStore
import Vocabulary

/// The event loops, each with its shard.
extension Startup {
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
        settings.shareFileSystem(among: loops.count)
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
}
