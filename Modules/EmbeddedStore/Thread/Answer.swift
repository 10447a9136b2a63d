import Vocabulary

/// One value that one task waits for: given from any thread, and only the first giver counts.
///
/// That is what makes cancelling safe: whoever cancels gives an answer too, and the loser of the
/// race learns that it lost.
final class Answer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(UnsafeContinuation<Value, Never>)
        case given(Value)
        case taken
    }

    private let state = Lock(State.open)

    /// Whether somebody has given the answer.
    var isGiven: Bool {
        state.withLock { state in
            switch state {
            case .open, .awaited: false
            case .given, .taken: true
            }
        }
    }

    /// Returns whether this was the first answer. Any thread.
    @discardableResult
    func give(_ value: Value) -> Bool {
        let (isFirst, waiting) = state.withLock {
            state -> (Bool, UnsafeContinuation<Value, Never>?) in
            switch state {
            case .open:
                state = .given(value)
                return (true, nil)
            case .awaited(let continuation):
                state = .taken
                return (true, continuation)
            case .given, .taken:
                return (false, nil)
            }
        }
        waiting?.resume(returning: value)
        return isFirst
    }

    /// Waits for the answer; called once.
    func value() async -> Value {
        await withUnsafeContinuation { continuation in
            let early = state.withLock { state -> Value? in
                switch state {
                case .open:
                    state = .awaited(continuation)
                    return nil
                case .given(let value):
                    state = .taken
                    return value
                case .awaited, .taken:
                    preconditionFailure("an answer is awaited once")
                }
            }
            if let early { continuation.resume(returning: early) }
        }
    }

    /// Waits for the answer; if the task is cancelled first, that is answered with `cancelled`.
    func value(ifCancelled cancelled: Value) async -> Value {
        await withTaskCancellationHandler {
            await value()
        } onCancel: {
            give(cancelled)
        }
    }
}
