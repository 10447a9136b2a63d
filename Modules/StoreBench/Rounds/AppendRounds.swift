import Disk

/// Appends batches, of a store or past it, and is measured.
protocol AppendRounds: AnyObject {
    /// Appends `count` batches, up to `inFlight` at once, and waits for their acknowledgement.
    func run(count: Int, inFlight: Int) throws(BenchError) -> RoundOutcome

    /// Ends the rounds; what was written is on the device then, where the durability asks for it.
    func close() throws(BenchError)
}

/// Reads as well what it appended.
protocol TailRounds: AppendRounds {
    /// Appends a batch, waits for its acknowledgement and reads it back.
    func appendAndRead(_ number: Int, into buffer: DiskBuffer) throws(BenchError)
}
