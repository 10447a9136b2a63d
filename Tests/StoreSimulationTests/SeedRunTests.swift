import StoreSimulation
import Testing

struct SeedRunTests {
    @Test
    func `a seed says everything: two runs of it are the same`() throws {
        var digests: Set<UInt64> = []
        for seed in 1...6 as ClosedRange<UInt64> {
            let first = try SeedRun(seed: seed).run()
            let second = try SeedRun(seed: seed).run()

            #expect(first == second, "seed \(seed)")
            digests.insert(first.digest)
        }
        #expect(digests.count == 6)
    }

    @Test
    func `a run crashes, appends and tells what it does`() throws {
        var lines = 0
        let run = SeedRun(seed: 3) { _ in lines += 1 }

        let outcome = try run.run()

        #expect(outcome.crashes > 5)
        #expect(outcome.operations > 100)
        #expect(outcome.appendedBatches > 0)
        #expect(lines > outcome.operations)
    }
}
