import EmbeddedStore

// The code of the documentation, so that it compiles. DocumentationTests compares the two.

func documentedCode(
    in folder: String, batches: [EventBatch], seen: @escaping @Sendable (Offset) -> Void
) async throws -> Int {
    var bytes = 0

    let store = try await EventStore.open(folder)
    let orders = try await store.log("orders")

    var batch = EventBatchBuilder(codec: .zstd)
    batch.append(key: Array("17".utf8), value: Array("two chairs".utf8))
    batch.append(key: Array("18".utf8), value: Array("a lamp".utf8))
    let range = try await orders.append(batch.seal())

    for try await batch in orders.batches(from: range.base) {
        try batch.forEachRecord { record in
            bytes += record.value?.count ?? 0
            return true
        }
    }

    try await withThrowingTaskGroup { group in
        for batch in batches {
            group.addTask { try await orders.append(batch) }
        }
        try await group.waitForAll()
    }

    try await withTaskExecutorPreference(store.executor) {
        for batch in batches { try await orders.append(batch) }
    }

    let follower = Task {
        for try await batch in orders.batches(from: .zero, following: true) {
            seen(batch.nextOffset)
        }
    }
    try await orders.wait(for: orders.readEnd - 1)
    follower.cancel()
    try await follower.value

    var settings = LogSettings()
    settings.retentionMilliseconds = 7 * 24 * 3_600 * 1_000
    try await orders.apply(settings)
    try await orders.advanceStart(to: range.base)

    try await store.close()
    return bytes
}
