import Records
import Vocabulary

/// Tells, batch by batch in the order of the log, which belong to aborted transactions and which
/// markers have nothing left to mark.
struct TransactionWalk {
    private struct Ongoing {
        let transaction: AbortedTransaction
        var hasBatches = false
    }

    /// Those that did not begin yet, by first offset, the first one last.
    private var ahead: [AbortedTransaction]
    private var aborted: [ProducerID: Ongoing] = [:]
    private var committed: Set<ProducerID> = []
    /// The aborted transactions of which something stays, with their markers passed.
    private(set) var marked: [AbortedTransaction] = []

    /// - Parameter start: where the walk begins; transactions that ended before are left out.
    init(_ transactions: [AbortedTransaction], from start: Offset) {
        ahead = transactions.filter { $0.lastOffset >= start }
            .sorted { $0.firstOffset > $1.firstOffset }
    }

    /// Hands over what was `marked`, for the index of the segment that ends here.
    mutating func takeMarked() -> [AbortedTransaction] {
        defer { marked.removeAll() }
        return marked
    }

    /// Whether a data batch belongs to an aborted transaction.
    mutating func passes(_ header: BatchHeader) -> Bool {
        begin(upTo: header)
        guard header.attributes.isTransactional, let producer = header.producerID else {
            return false
        }
        guard aborted[producer] != nil else {
            committed.insert(producer)
            return false
        }
        aborted[producer]?.hasBatches = true
        return true
    }

    /// What a control batch means for its transaction.
    enum Marker {
        /// Something of the transaction is still there, or the batch is no transaction's marker.
        case needed
        /// Nothing of its transaction is left.
        case idle
        /// An abort of records that no index says are aborted: they cannot be told from others.
        case unknownAbort
    }

    /// Takes up a control batch; `record` is `nil` for one that was emptied before.
    mutating func passesMarker(_ header: BatchHeader, _ record: ControlRecord?) -> Marker {
        begin(upTo: header)
        guard header.recordCount > 0 else { return .idle }
        guard let producer = header.producerID,
            case .endTransaction(let isCommit, _)? = record
        else { return .needed }
        if isCommit { return committed.remove(producer) == nil ? .idle : .needed }
        guard let ongoing = aborted.removeValue(forKey: producer) else {
            return committed.contains(producer) ? .unknownAbort : .idle
        }
        guard ongoing.hasBatches else { return .idle }
        marked.append(ongoing.transaction)
        return .needed
    }

    /// Takes up the transactions that begin with a batch or in front of it, and drops its
    /// producer's if that ended there: where an entry outlived its marker, as one that a cut or an
    /// interrupted swap left, what follows is another transaction's.
    private mutating func begin(upTo header: BatchHeader) {
        while let next = ahead.last, next.firstOffset <= header.lastOffset {
            ahead.removeLast()
            let standing = aborted[next.producerID]?.transaction
            if standing.map({ $0.lastOffset < next.firstOffset }) ?? true {
                aborted[next.producerID] = Ongoing(transaction: next)
            }
        }
        guard let producer = header.producerID, let standing = aborted[producer],
            standing.transaction.lastOffset < header.baseOffset
        else { return }
        aborted[producer] = nil
    }
}
