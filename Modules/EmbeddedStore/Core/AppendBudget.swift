import Vocabulary

/// The bytes that appends may have under way, handed out in the order they were asked for.
///
/// An append that is larger than the whole budget passes when it is alone.
final class AppendBudget: Sendable {
    private struct Waiting {
        let byteCount: Int
        /// `true` when the bytes were granted, `false` when the wait was cancelled.
        let answer: Answer<Bool>
    }

    private struct State {
        var used = 0
        var waiting: [Waiting] = []
    }

    private let limit: Int
    private let state = Lock(State())

    init(limit: Int) {
        precondition(limit > 0, "a budget has at least a byte")
        self.limit = limit
    }

    /// How many bytes are under way.
    var used: Int { state.withLock { $0.used } }

    /// How many appends wait for their bytes.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Takes the bytes, waiting until there is room; `false` if the task was cancelled meanwhile:
    /// then nothing was taken.
    func take(_ byteCount: Int) async -> Bool {
        let waiting = state.withLock { state -> Answer<Bool>? in
            if state.waiting.isEmpty, fits(byteCount, beside: state.used) {
                state.used += byteCount
                return nil
            }
            let answer = Answer<Bool>()
            state.waiting.append(Waiting(byteCount: byteCount, answer: answer))
            return answer
        }
        guard let waiting else { return true }
        let isGranted = await waiting.value(ifCancelled: false)
        // Those behind a wait that was given up must not wait for it.
        if !isGranted { giveBack(0) }
        return isGranted
    }

    /// Gives bytes back and grants what fits now. Any thread.
    func giveBack(_ byteCount: Int) {
        state.withLock { state in
            state.used -= byteCount
            var done = 0
            for waiting in state.waiting {
                if !waiting.answer.isGiven {
                    guard fits(waiting.byteCount, beside: state.used) else { break }
                    if waiting.answer.give(true) { state.used += waiting.byteCount }
                }
                done += 1
            }
            state.waiting.removeFirst(done)
        }
    }

    private func fits(_ byteCount: Int, beside used: Int) -> Bool {
        used == 0 || used + byteCount <= limit
    }
}
