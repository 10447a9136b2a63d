import Metadata
import NIOCore
import SegmentStore
import Vocabulary

/// The cluster's metadata as asynchronous code reaches it. The store itself is touched on the
/// metadata shard's loop only.
struct MetadataGate: Sendable {
    let eventLoop: any EventLoop
    private let bound: NIOLoopBound<EmbeddedMetadataStore>

    /// Must be called on the loop.
    init(_ store: EmbeddedMetadataStore, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        bound = NIOLoopBound(store, eventLoop: eventLoop)
    }

    /// What is durable. On the loop only; a trap elsewhere.
    var stateOnLoop: ClusterState { bound.value.state }

    /// What is durable; from anywhere.
    func state() async -> ClusterState {
        await withCheckedContinuation { continuation in
            eventLoop.execute { continuation.resume(returning: stateOnLoop) }
        }
    }

    /// Keeps `records`; returns when they are durable and in the state.
    func write(_ records: [MetadataRecord]) async throws(MetadataError) {
        let outcome: Result<Void, MetadataError> = await withCheckedContinuation { continuation in
            eventLoop.execute {
                bound.value.change(now: .now()) { _ in
                    records
                } then: {
                    continuation.resume(returning: $0)
                }
            }
        }
        try outcome.get()
    }
}
