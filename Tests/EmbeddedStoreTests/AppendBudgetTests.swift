import Testing

@testable import EmbeddedStore

/// Who may have bytes under way, and who waits.
struct AppendBudgetTests {
    @Test
    func `whoever finds room takes it at once`() async {
        let budget = AppendBudget(limit: 10)

        #expect(await budget.take(4))
        #expect(await budget.take(6))

        #expect(budget.used == 10)
    }

    @Test
    func `an append larger than the budget passes alone`() async {
        let budget = AppendBudget(limit: 10)

        #expect(await budget.take(50))
        budget.giveBack(50)

        #expect(budget.used == 0)
    }

    @Test
    func `bytes are granted in the order they were asked for`() async {
        let budget = AppendBudget(limit: 10)
        _ = await budget.take(10)
        let large = Task { await budget.take(9) }
        while budget.waitingCount < 1 { await Task.yield() }
        let small = Task { await budget.take(1) }
        while budget.waitingCount < 2 { await Task.yield() }

        // There is room for the small one, but the large one came first.
        budget.giveBack(1)
        #expect(budget.waitingCount == 2)
        budget.giveBack(9)

        #expect(await large.value)
        #expect(await small.value)
        #expect(budget.used == 10)
    }

    @Test
    func `a wait that is given up takes nothing and does not hold up those behind it`() async {
        let budget = AppendBudget(limit: 10)
        _ = await budget.take(5)
        let large = Task { await budget.take(9) }
        while budget.waitingCount < 1 { await Task.yield() }
        let small = Task { await budget.take(5) }
        while budget.waitingCount < 2 { await Task.yield() }

        large.cancel()

        #expect(await large.value == false)
        #expect(await small.value)
        #expect(budget.used == 10)
        #expect(budget.waitingCount == 0)
    }

    @Test
    func `the first answer counts, and the giver of another learns so`() async {
        let answer = Answer<Int>()

        #expect(answer.give(1))
        #expect(!answer.give(2))

        #expect(await answer.value() == 1)
        #expect(!answer.give(3))
    }

    @Test
    func `a task that is cancelled before it waits is answered too`() async {
        let task = Task { () -> Int in
            while !Task.isCancelled { await Task.yield() }
            return await Answer<Int>().value(ifCancelled: -1)
        }

        task.cancel()

        #expect(await task.value == -1)
    }
}
