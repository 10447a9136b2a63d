/// The bits of KIP-430: which operations the client may carry out. Without an authorizer, all that
/// Kafka's `AclEntry.supportedOperations` lists for the kind of resource.
enum AuthorizedOperations {
    private enum Operation: Int32 {
        case read = 3
        case write, create, delete, alter, describe, clusterAction, describeConfigs, alterConfigs
        case idempotentWrite
    }

    static let ofTopic = bits(
        .read, .write, .create, .delete, .alter, .describe, .describeConfigs, .alterConfigs)
    static let ofCluster = bits(
        .create, .alter, .describe, .clusterAction, .describeConfigs, .alterConfigs,
        .idempotentWrite)
    /// The client did not ask.
    static let unasked = Int32.min

    private static func bits(_ operations: Operation...) -> Int32 {
        operations.reduce(0) { $0 | 1 << $1.rawValue }
    }
}
