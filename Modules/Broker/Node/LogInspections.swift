import Disk
import IORing
import LinuxDisk
import NIOPosix
import SegmentStore
import Synchronization
import Vocabulary

/// Looking into logs of which nothing is known for certain, several at a time.
///
/// Each on a thread of its own with a disk of its own: reading waits for the device, checking takes
/// processors, and syncs at the same time share the file system's commits. The event loops have
/// nothing to do with it.
enum LogInspections {
    /// One log to look into.
    struct Request: Sendable {
        let partition: TopicPartition
        let topicID: TopicID
        let folder: String
        let settings: LogSettings
        let hint: OpenHint
        let knownEpoch: LeaderEpoch?
        let journaled: JournaledBatches
    }

    typealias Outcome = Result<InspectedLog, StoreError>

    static let threadCount = 8

    /// What is left to do, shared by the threads.
    private final class Agenda: Sendable {
        let requests: [Request]
        let settings: StoreSettings
        private let next = Atomic(0)

        init(_ requests: [Request], _ settings: StoreSettings) {
            self.requests = requests
            self.settings = settings
        }

        func takeNext() -> Int? {
            let index = next.add(1, ordering: .relaxed).oldValue
            return index < requests.count ? index : nil
        }
    }

    /// The outcomes, in the order of the requests.
    static func run(
        _ requests: [Request], decompressedBatchLimit: Int
    ) async throws -> [Outcome] {
        guard !requests.isEmpty else { return [] }
        var settings = StoreSettings()
        settings.openSegmentLimit = 64
        settings.decompressedBatchLimit = decompressedBatchLimit
        let agenda = Agenda(requests, settings)
        let count = min(threadCount, requests.count)
        let pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
        let found: [(Int, Outcome)]
        do {
            found = try await withThrowingTaskGroup(of: [(Int, Outcome)].self) { group in
                for _ in 0..<count {
                    group.addTask { try await pool.runIfActive { try work(on: agenda) } }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        } catch {
            try await pool.shutdownGracefully()
            throw error
        }
        try await pool.shutdownGracefully()
        return found.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Looks into one log after the other until none is left.
    private static func work(on agenda: Agenda) throws(IORingError) -> [(Int, Outcome)] {
        let disk = try LinuxDisk(.inline)
        defer { disk.close() }
        let store = Store(disk: disk, settings: agenda.settings)
        var found: [(Int, Outcome)] = []
        while let index = agenda.takeNext() {
            let request = agenda.requests[index]
            let outcome = Outcome { () throws(StoreError) in
                try store.inspectLog(
                    folder: request.folder, topicID: request.topicID, settings: request.settings,
                    hint: request.hint, knownEpoch: request.knownEpoch,
                    replaying: request.journaled, now: .now())
            }
            found.append((index, outcome))
        }
        return found
    }
}
