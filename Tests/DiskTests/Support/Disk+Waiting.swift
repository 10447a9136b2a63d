import Disk
import Vocabulary

extension Disk {
    /// Submits and waits until everything in flight has completed; completions by ticket.
    func finish(_ operations: [Operation]) -> [UInt64: Result<Outcome, DiskError>] {
        submit(
            operations.enumerated().map {
                Submission(ticket: Ticket(UInt64($0.offset)), operation: $0.element)
            })
        return finishAll()
    }

    func finishAll() -> [UInt64: Result<Outcome, DiskError>] {
        var results: [UInt64: Result<Outcome, DiskError>] = [:]
        while inFlight > 0 {
            wait()
            drain { results[$0.ticket.rawValue] = $0.result }
        }
        return results
    }
}

extension Result where Success == Outcome, Failure == DiskError {
    var isDone: Bool {
        if case .success(.done) = self { true } else { false }
    }

    var byteCount: Int? {
        if case .success(.bytes(let count)) = self { count } else { nil }
    }

    var errorCode: Int32? {
        if case .failure(let error) = self { error.code } else { nil }
    }
}

/// The errno of the `DiskError` that `body` throws; `nil` if it throws none, -1 for another error.
func errorCode(_ body: () throws -> Void) -> Int32? {
    do {
        try body()
        return nil
    } catch {
        return (error as? DiskError)?.code ?? -1
    }
}
