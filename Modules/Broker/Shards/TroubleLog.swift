import Logging
import NIOCore
import SegmentStore
import Vocabulary

/// Tells the operator about logs that take no records, once for each thing that happened and not
/// for each request that meets it. Belongs to its shard's loop.
final class TroubleLog {
    private let logger: Logger
    private var isSpaceShort = false

    init(logger: Logger) { self.logger = logger }

    /// An append was refused.
    func refused(_ partition: TopicPartition, _ error: StoreError) {
        // A failed log has told of itself when it failed.
        guard case .outOfSpace = error, !isSpaceShort else { return }
        isSpaceShort = true
        logger.error(
            "no space left: records are refused until there is some",
            metadata: ["partition": "\(partition)", "reason": "\(error)"])
    }

    /// Appends that were accepted had to be given up.
    func cutBack(_ partition: TopicPartition, to end: Offset) {
        isSpaceShort = true
        logger.error(
            "no space left: records that nobody was told of are given up",
            metadata: ["partition": "\(partition)", "from": "\(end)"])
    }

    /// An append was accepted.
    func accepted() {
        guard isSpaceShort else { return }
        isSpaceShort = false
        logger.notice("there is space again: records are accepted")
    }

    /// A log takes nothing more.
    func failed(_ partition: TopicPartition, _ error: StoreError) {
        logger.critical(
            "partition takes no more records: its log failed",
            metadata: ["partition": "\(partition)", "reason": "\(error)"])
    }
}
