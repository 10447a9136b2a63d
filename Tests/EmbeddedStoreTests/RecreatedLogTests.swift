import EmbeddedStore
import Glibc
import Testing

@testable import TestData

/// A log that is made anew under the name of a deleted one inherits nothing of it.
struct RecreatedLogTests {
    private static let logStarts = "log-start-offset-checkpoint"

    /// A store in which `events` begins at 3 of 5.
    private static func fill(_ store: EventStore) async throws {
        let log = try await store.log("events")
        for number in 0..<5 { try await log.append(batch(["old \(number)"])) }
        try await log.advanceStart(to: Offset(3))
    }

    @Test
    func `checkpoints that a crash left of a deleted log do not hide the new one's records`()
        async throws
    {
        let folder = try freshFolder()
        let sent = (0..<10).map { "new \($0)" }
        var copy = ""
        try await withEventStore(at: folder) { store in
            try await Self.fill(store)
            copy = try crashCopy(of: folder)
        }
        // The deletion's folder sync came to pass, its checkpoints did not.
        try run("rm", ["-r", "\(copy)/events-0"])

        var second = ""
        try await withEventStore(at: copy) { store in
            let log = try await store.log("events")
            for value in sent { try await log.append(batch([value])) }
            second = try crashCopy(of: copy)
        }

        try await withEventStore(at: second) { store in
            let log = try await store.log("events")
            #expect(log.state.startOffset == .zero)
            #expect(try await values(log, from: log.state.startOffset) == sent)
        }
    }

    @Test
    func `a log is not made anew while checkpoints that cannot be written name the old one`()
        async throws
    {
        let folder = try freshFolder()
        let sent = (0..<10).map { "new \($0)" }
        var copy = ""
        try await withEventStore(at: folder) { store in
            try await Self.fill(store)
            // In the way of the file that is to become the checkpoint.
            mkdir("\(folder)/\(Self.logStarts).tmp", 0o755)

            await #expect(throws: EventStoreError.self) { try await store.deleteLog("events") }
            await #expect(throws: EventStoreError.self) { try await store.log("events") }
            #expect(try await store.logNames() == [])

            rmdir("\(folder)/\(Self.logStarts).tmp")
            let log = try await store.log("events")
            for value in sent { try await log.append(batch([value])) }
            copy = try crashCopy(of: folder)
        }

        try await withEventStore(at: copy) { store in
            let log = try await store.log("events")
            #expect(log.state.startOffset == .zero)
            #expect(try await values(log, from: log.state.startOffset) == sent)
        }
    }
}
