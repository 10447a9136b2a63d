import Vocabulary

/// Keeps the cluster's state and makes every change durable before anyone sees it.
///
/// On one machine the embedded store does that; a cluster will put another behind this seam. A
/// store belongs to one thread.
public protocol MetadataStore: AnyObject {
    /// What is durable. Copying it is cheap; keeping a copy makes the next change copy it whole.
    var state: ClusterState { get }

    /// Decides on a change and keeps it.
    ///
    /// ```
    /// store.change(now: now) { state throws(MetadataError) in
    ///     try state.decideDeletion(of: id)
    /// } then: { result in … }
    /// ```
    /// `decide` is called at once, with the state as it will be when all changes before this one
    /// are kept; it must not change anything. What it throws goes to `then` at once. Otherwise
    /// `then` is called, in the order of the changes, when the records are durable and `state`
    /// contains them, or when they could not be kept.
    func change(
        now: Timestamp,
        _ decide: (ClusterState) throws(MetadataError) -> [MetadataRecord],
        then: @escaping (Result<Void, MetadataError>) -> Void)
}

extension MetadataStore {
    /// Gives out a block of producer ids that is durably taken from the state.
    public func allocateProducerIDs(
        now: Timestamp, then: @escaping (Result<ProducerIDBlock, MetadataError>) -> Void
    ) {
        var decided: ProducerIDBlock?
        change(now: now) { state in
            let (block, records) = state.decideProducerIDBlock()
            decided = block
            return records
        } then: { result in
            then(
                result.map {
                    guard let decided else {
                        preconditionFailure("a block is decided before it is kept")
                    }
                    return decided
                })
        }
    }
}
