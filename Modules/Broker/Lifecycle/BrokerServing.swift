import NIOCore
import Vocabulary

/// The part of the broker behind the transport: what answers requests and owns the data.
///
/// A stop has two steps, so that the last answers leave before the connections close:
/// `finishParked`, then (answers sent, connections closed) `close`.
public protocol BrokerServing: RequestHandling {
    /// The number by which clients know this broker.
    var nodeID: BrokerID { get }

    /// Answers every parked request as soon as it can be: waiting fetches at once with what is
    /// there, produces when their records are written or durable. Requests that arrive later are
    /// answered without being parked. Returns when all have been answered.
    func finishParked() async

    /// Closes the store: syncs, checkpoints, clean mark. No request comes after this.
    func close() async
}
