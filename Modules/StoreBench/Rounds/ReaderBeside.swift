import Dispatch
import Vocabulary

/// A reader on a thread of its own, which reads a portion each time it is asked, beside whatever
/// the asking thread does meanwhile.
final class ReaderBeside: Sendable {
    private struct State {
        var portionsAsked = 0
        var isEnded = false
        var byteCount = 0
        var failure: BenchError?
    }

    private let state = Lock(State())
    private let wasAsked = DispatchSemaphore(value: 0)
    private let isOpen = DispatchSemaphore(value: 0)
    private let isDone = DispatchGroup()

    /// Returns when the reader is there.
    ///
    /// - Parameter open: makes the reader; it is used and let go on the thread that made it.
    init(_ open: @escaping @Sendable () throws(BenchError) -> any PortionReader) {
        DispatchQueue(label: "millrace.bench.reader").async(group: isDone) { [self] in
            do throws(BenchError) {
                defer { isOpen.signal() }
                var reader = try open()
                isOpen.signal()
                while nextIsWanted() {
                    let count = try reader.next()
                    state.withLock { $0.byteCount += count }
                }
            } catch {
                state.withLock { $0.failure = error }
            }
        }
        isOpen.wait()
    }

    /// Has one more portion read; does not wait for it.
    func readPortion() {
        state.withLock { $0.portionsAsked += 1 }
        wasAsked.signal()
    }

    /// Waits until all that was asked for is read; returns how many bytes that was.
    func finish() throws(BenchError) -> Int {
        end(droppingRest: false)
        let (byteCount, failure) = state.withLock { ($0.byteCount, $0.failure) }
        if let failure { throw failure }
        return byteCount
    }

    /// Reads no further portion; returns when the reader is gone.
    func stop() { end(droppingRest: true) }

    private func end(droppingRest: Bool) {
        state.withLock { state in
            state.isEnded = true
            if droppingRest { state.portionsAsked = 0 }
        }
        wasAsked.signal()
        isDone.wait()
    }

    private func nextIsWanted() -> Bool {
        while true {
            wasAsked.wait()
            let isWanted = state.withLock { state -> Bool? in
                if state.portionsAsked > 0 {
                    state.portionsAsked -= 1
                    return true
                }
                return state.isEnded ? false : nil
            }
            if let isWanted { return isWanted }
        }
    }
}
