import KafkaProtocol
import Logging
import NIOCore
import SegmentStore
import Vocabulary

/// A broker without its transport: the shards with their logs, and the handlers of every API.
///
/// Requests come in on the loops of the shards; a connection's loop finds its shard by identity.
public final class Node: BrokerServing {
    let services: Services
    private let folder: DataFolderGuard
    private let checkpointer: Checkpointer
    private let cleaner: LogCleaner

    init(
        services: Services, folder: DataFolderGuard, checkpointer: Checkpointer,
        cleaner: LogCleaner
    ) {
        self.services = services
        self.folder = folder
        self.checkpointer = checkpointer
        self.cleaner = cleaner
    }

    /// The cluster that the data belongs to.
    public var clusterID: String { services.clusterID }

    /// The number by which clients know this broker.
    public var nodeID: BrokerID { services.nodeID }

    // MARK: Requests

    /// Reads the header and hands the body to the API's handler; on the connection's loop.
    ///
    /// What cannot be parsed or is not served closes the connection. A version of ApiVersions that
    /// is not served is answered (KIP-511).
    public func handle(_ request: Request) {
        let shard = shard(of: request.connection)
        guard let handler = ApiTable.handler(for: request.apiKey) else {
            refuse(request, "no API with the key \(request.apiKey) is served")
            return
        }
        guard handler.declaration.versions.contains(request.apiVersion) else {
            if handler.declaration.apiKey == .apiVersions {
                ApiVersionsApi.answerUnknownVersion(request)
            } else {
                refuse(
                    request,
                    "version \(request.apiVersion) of \(handler.declaration.apiKey) is not served")
            }
            return
        }
        var body = request.frame
        do throws(ProtocolError) {
            let header = try RequestHeader(reading: &body)
            let call = Call(request: request, header: header, shard: shard, services: services)
            try handler.run(call, &body)
        } catch {
            refuse(request, "\(handler.declaration.apiKey) v\(request.apiVersion): \(error)")
        }
    }

    /// Lets the shard forget the connection's waiting fetches; on the connection's loop.
    public func connectionClosed(_ connection: ConnectionInfo) {
        shard(of: connection).connectionClosed(connection.id)
    }

    /// As Kafka does with what it cannot parse: the connection closes, nothing is answered.
    private func refuse(_ request: Request, _ reason: String) {
        services.logger.warning(
            "request refused, connection closes",
            metadata: [
                "client": "\(request.connection.clientHost):\(request.connection.clientPort)",
                "reason": "\(reason)",
            ])
        request.close(reason)
    }

    private func shard(of connection: ConnectionInfo) -> Shard {
        for handle in services.shards where handle.eventLoop === connection.eventLoop {
            return handle.shard
        }
        preconditionFailure("connections live on the loops of the shards")
    }

    // MARK: Stopping

    /// Gives up compacting, then answers: fetches at once, produces as the device releases them.
    public func finishParked() async {
        // It would take the loops' and the device's time from the answers; `close` awaits its end.
        await cleaner.cancel()
        for handle in services.shards { await handle.visit { $0.stopParking() } }
        // Produces are released by the device; nothing else can end their wait.
        for handle in services.shards { await handle.visit { $0.finishProduces() } }
    }

    /// Closes every log, writes the checkpoints, and leaves manifest and clean mark if nothing
    /// failed.
    public func close() async {
        await cleaner.stop()
        await checkpointer.stop()
        var points: [CheckpointPoint] = []
        var outlines: [LogOutline] = []
        var isClean = true
        for handle in services.shards {
            guard let (found, resting, clean) = await handle.visit({ $0.close() }) else {
                // Without its loop nothing is known of its logs: the files stay as they are.
                folder.release(isClean: false, logger: services.logger)
                return
            }
            points += found
            outlines += resting
            isClean = isClean && clean
        }
        await checkpointer.write(points)
        // What was not recovered after a crash is not called clean: it would not be checked again.
        if !folder.wasClean {
            let isMissing = services.topics.current.byName.values.contains { topic in
                topic.places.contains { $0 == nil }
            }
            let keepsOthers = await checkpointer.keepsOthers
            isClean = isClean && !isMissing && !keepsOthers
        }
        // Left as it is otherwise: what changed since is named beside it.
        if isClean {
            isClean = folder.leave(
                Manifest(generation: .random(), logs: outlines), logger: services.logger)
        }
        folder.release(isClean: isClean, logger: services.logger)
    }
}

extension ShardHandle {
    /// Runs `body` on the shard's loop and waits for it; `nil` only when the loop is gone.
    func visit<Value: Sendable>(_ body: @escaping @Sendable (Shard) -> Value) async -> Value? {
        // A submission fails only when the loop is shut down: then there is nothing to visit.
        try? await submit { body($0) }.get()
    }
}
