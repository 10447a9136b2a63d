import SegmentStore

/// A promise of the store that a run found broken.
public struct Violation: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Runs `body`, which has to succeed: a refusal is a violation.
func expecting<Result>(
    _ what: @autoclosure () -> String, _ body: () throws(StoreError) -> Result
) throws(Violation) -> Result {
    do throws(StoreError) {
        return try body()
    } catch {
        throw Violation("\(what()): \(error)")
    }
}

/// Fails unless `condition` holds.
func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(Violation) {
    guard condition else { throw Violation(what()) }
}
