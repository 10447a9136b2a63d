import Logging
import NIOCore

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
