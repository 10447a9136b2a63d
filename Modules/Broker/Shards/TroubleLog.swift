import Logging
import Metadata
import SegmentStore
import Vocabulary

/// Tells the operator about logs that take no records, once for each thing that happened and not
/// for each request that meets it. Belongs to its shard's loop.
final class TroubleLog {
    private let logger: Logger
    private var isMetadataFailureTold = false
    /// When space ran out; `nil` while there is some.
    private var shortSince: Timestamp?

    init(logger: Logger) { self.logger = logger }

    /// An append was refused.
    func refused(_ partition: TopicPartition, _ error: StoreError, now: Timestamp) {
        // A failed log has told of itself when it failed.
        guard case .outOfSpace = error, shortSince == nil else { return }
        shortSince = now
        logger.error(
            "no space left: records are refused until there is some",
            metadata: ["partition": "\(partition)", "reason": "\(error)"])
    }

    /// Appends that were accepted had to be given up.
    func cutBack(_ partition: TopicPartition, to end: Offset, now: Timestamp) {
        guard shortSince == nil else { return }
        shortSince = now
        logger.error(
            "no space left: records that nobody was told of are given up",
            metadata: ["partition": "\(partition)", "from": "\(end)"])
    }

    /// An append was accepted. Not believed in the second after space ran out: at the brim small
    /// appends fit and large ones do not, and one that is queued may still be cut back.
    func accepted(now: Timestamp) {
        guard let shortSince, now >= shortSince + 1_000 else { return }
        self.shortSince = nil
        logger.notice("there is space again: records are accepted")
    }

    /// A log cannot be opened.
    func offline(_ partition: TopicPartition, _ error: StoreError) {
        logger.error(
            "partition offline: its log cannot be opened",
            metadata: ["partition": "\(partition)", "reason": "\(error)"])
    }

    /// A log cannot be read. The caller says it once.
    func unreadable(_ partition: TopicPartition, _ error: StoreError) {
        logger.error(
            "records cannot be read",
            metadata: ["partition": "\(partition)", "reason": "\(error)"])
    }

    /// A log takes nothing more.
    func failed(_ partition: TopicPartition, _ error: StoreError) {
        logger.error(
            "partition takes no more records: its log failed",
            metadata: ["partition": "\(partition)", "reason": "\(error)"])
    }

    /// The metadata log takes nothing more. Said once, however often it is called.
    func failed(_ error: MetadataError) {
        guard !isMetadataFailureTold else { return }
        isMetadataFailureTold = true
        logger.error(
            "topics cannot be changed any more: the metadata log failed",
            metadata: ["reason": "\(error)"])
    }
}
