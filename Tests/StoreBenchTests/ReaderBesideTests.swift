import Dispatch
import Testing

@testable import StoreBench

@Suite struct ReaderBesideTests {
    /// Reads a byte at a time, each when it may.
    private struct GatedReader: PortionReader {
        let gate: DispatchSemaphore
        private(set) var byteCount = 0

        init(_ gate: DispatchSemaphore) { self.gate = gate }

        mutating func next() throws(BenchError) -> Int {
            gate.wait()
            byteCount += 1
            return 1
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `who asks for a portion goes on while it is read`() throws {
        let gate = DispatchSemaphore(value: 0)
        let reader = ReaderBeside { () throws(BenchError) -> any PortionReader in
            GatedReader(gate)
        }

        for _ in 0..<3 { reader.readPortion() }
        for _ in 0..<3 { gate.signal() }

        #expect(try reader.finish() == 3)
    }

    @Test func `what keeps the reader from reading is told in the end`() {
        let reader = ReaderBeside { () throws(BenchError) -> any PortionReader in
            throw .interrupted
        }

        reader.readPortion()

        #expect(throws: BenchError.self) { try reader.finish() }
        reader.stop()
    }
}
