import Disk
import IORing
import SegmentStore

/// Why nothing was measured.
public enum BenchError: Error, Sendable {
    /// The folder cannot be written to, or the system refused something else.
    case disk(DiskError)
    /// There is not enough space for the measurement and for what must stay free.
    case noSpace(folder: String, needed: Int, free: Int, reserved: Int)
    /// There is no io_uring to measure with.
    case ring(IORingError)
    /// The store refused what it should have done; its own error says why.
    case store(StoreError)
    /// The user asked to stop.
    case interrupted
}

extension BenchError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .disk(let error): error.description
        case .noSpace(let folder, let needed, let free, let reserved):
            """
            \(folder) has \(ByteWords.of(free)) free; the measurement needs \
            \(ByteWords.of(needed)) and leaves \(ByteWords.of(reserved)) alone. Choose another \
            folder or smaller rounds (--bytes)
            """
        case .ring(let error):
            "io_uring cannot be used, and without it there is nothing to compare: \(error)"
        case .store(let error): error.description
        case .interrupted: "stopped; what was made is removed"
        }
    }
}
