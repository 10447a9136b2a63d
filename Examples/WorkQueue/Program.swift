import EmbeddedStore
import Glibc
import Scratch

/// Shows a work queue on a compacted log: adds jobs, does most of them, compacts, restarts, and
/// compares what is left.
@main
struct Program {
    static func main() async {
        do {
            try await demonstrate()
        } catch {
            print("work-queue: \(error)")
            exit(1)
        }
    }

    private static func demonstrate() async throws {
        let parent = try ScratchFolder()
        defer { parent.remove() }
        let folder = "\(parent.path)/queue"
        var left: [Int: String] = [:]
        for round in 1...3 {
            left = try await withEventStore(at: folder) { store in
                let queue = try await WorkQueue(store)
                let found = await queue.waiting
                try check(found == left, "other jobs are left after a restart")
                try await work(on: queue, round)
                let waiting = await queue.waiting
                let before = try await queue.recordCount()
                try await queue.compact()
                let after = try await queue.recordCount()
                print(
                    "round \(round): \(waiting.count) jobs left; \(before) records,",
                    "\(after) once compacted")
                // Tombstones of a round stay until the next one's compaction; of the jobs that were
                // done nothing else is left, however many there were.
                try check(after < 3_200, "compaction forgot too little")
                let same = await queue.waiting
                try check(same == waiting, "compaction changed what is left")
                return waiting
            }
        }
        try check(left.count == 30, "a job is lost, or was done twice")
        print("work-queue: the jobs that are left agree after every restart")
    }

    /// Adds jobs and does all but a few of them.
    private static func work(on queue: WorkQueue, _ round: Int) async throws {
        for batch in 0..<50 {
            let numbers = try await queue.add(
                (0..<40).map { "round \(round), batch \(batch), job \($0)" })
            try await queue.finish(numbers.dropFirst(batch % 5 == 0 ? 1 : 0))
        }
    }
}
