import EmbeddedStore

/// Jobs that are done once: a log in which a job's record stands until its tombstone.
///
/// A job is a record keyed by its number, a job that is done a record of that key without a value.
/// Compaction forgets jobs that are done, so that the log's size follows the jobs that are left and
/// not the jobs there ever were. Opening the queue reads the log and finds what is left.
actor WorkQueue {
    private let log: EventLog
    nonisolated let executor: StoreExecutor
    /// What is left to do, by job.
    private(set) var waiting: [Int: String] = [:]
    private var next = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    static var settings: LogSettings {
        var settings = LogSettings()
        // What is appended to is never compacted: small segments keep that part small.
        settings.segmentBytes = 16 << 10
        var compaction = CompactionSettings()
        // Nobody else reads this log: tombstones need not wait for others to see them.
        compaction.deleteRetentionMilliseconds = 0
        settings.compaction = compaction
        return settings
    }

    init(_ store: EventStore) async throws {
        executor = store.executor
        log = try await store.log("jobs", Self.settings)
        try await rebuild()
    }

    private func rebuild() async throws {
        for try await batch in log.batches(from: .zero) {
            for record in try batch.records() {
                guard let key = record.key, let job = Int(String(decoding: key, as: UTF8.self))
                else { continue }
                waiting[job] = record.value.map { String(decoding: $0, as: UTF8.self) }
                next = max(next, job + 1)
            }
        }
    }

    /// Adds jobs; they survive a crash when this returns. Returns their numbers.
    func add(_ jobs: [String]) async throws -> Range<Int> {
        let numbers = next..<next + jobs.count
        next = numbers.upperBound
        var batch = EventBatchBuilder(codec: .lz4)
        for (number, job) in zip(numbers, jobs) {
            batch.append(key: Self.key(of: number), value: Array(job.utf8))
        }
        try await log.append(batch.seal())
        for (number, job) in zip(numbers, jobs) { waiting[number] = job }
        return numbers
    }

    /// Takes jobs off the queue that are done; a crash before this returns lets them be done again.
    func finish(_ jobs: some Sequence<Int> & Sendable) async throws {
        var batch = EventBatchBuilder()
        for job in jobs { batch.append(key: Self.key(of: job), value: nil) }
        guard !batch.isEmpty else { return }
        try await log.append(batch.seal())
        for job in jobs { waiting[job] = nil }
    }

    /// Lets the log forget what is done.
    func compact() async throws { try await log.compact() }

    /// How many records the log holds.
    func recordCount() async throws -> Int {
        var count = 0
        for try await batch in log.batches(from: .zero) { count += Int(batch.header.recordCount) }
        return count
    }

    private static func key(of job: Int) -> [UInt8] { Array(String(job).utf8) }
}
