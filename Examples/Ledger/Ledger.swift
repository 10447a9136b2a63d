import EmbeddedStore

/// Accounts whose balances are what their events say, and nothing else.
///
/// A transfer is decided on, appended, and only then applied: what was told to a customer is on
/// stable storage. Opening the ledger reads all events again. The actor lives on the store's own
/// thread, so that an append costs it no switch.
actor Ledger {
    struct Overdrawn: Error {}
    struct NotATransfer: Error { let offset: Offset }

    /// Where money enters the ledger; the one account that may be below zero.
    static let bank = 0

    private let log: EventLog
    nonisolated let executor: StoreExecutor
    private(set) var balances: [Int: Int] = [:]
    /// What was promised by transfers that are being appended.
    private var reserved: [Int: Int] = [:]
    /// How many transfers there are.
    private(set) var count = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Rebuilds the balances from the log.
    init(_ store: EventStore) async throws {
        executor = store.executor
        log = try await store.log("transfers")
        try await rebuild()
    }

    private func rebuild() async throws {
        for try await batch in log.batches(from: .zero) {
            var unreadable: Offset?
            try batch.forEachRecord { record in
                guard let transfer = Transfer(record.value) else {
                    unreadable = record.offset(in: batch.header)
                    return false
                }
                apply(transfer)
                return true
            }
            if let unreadable { throw NotATransfer(offset: unreadable) }
        }
    }

    /// Books all of the transfers or none; they are on stable storage when this returns.
    @discardableResult
    func book(_ transfers: [Transfer]) async throws -> Offset {
        var drawn: [Int: Int] = [:]
        for transfer in transfers where transfer.from != Self.bank {
            drawn[transfer.from, default: 0] += transfer.cents
        }
        for (account, cents) in drawn {
            guard balances[account, default: 0] - reserved[account, default: 0] >= cents else {
                throw Overdrawn()
            }
        }
        for (account, cents) in drawn { reserved[account, default: 0] += cents }
        defer { for (account, cents) in drawn { reserved[account, default: 0] -= cents } }

        var batch = EventBatchBuilder()
        for transfer in transfers { batch.append(key: nil, value: transfer.encoded) }
        // One batch is appended whole or not at all, also when the power fails in between.
        let range = try await log.append(batch.seal())
        for transfer in transfers { apply(transfer) }
        return range.last
    }

    private func apply(_ transfer: Transfer) {
        balances[transfer.from, default: 0] -= transfer.cents
        balances[transfer.to, default: 0] += transfer.cents
        count += 1
    }
}
