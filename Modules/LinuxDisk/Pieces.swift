import Vocabulary

extension [OwnedBytes] {
    /// The most pieces that one writev(2) takes: IOV_MAX on Linux.
    static let mostPieces = 1_024

    /// What is left after the first `done` bytes, at most `mostPieces` of it, without empty ones.
    func pieces(from done: Int) -> [UnsafeRawBufferPointer] {
        var pieces: [UnsafeRawBufferPointer] = []
        pieces.reserveCapacity(Swift.min(count, Self.mostPieces))
        var skip = done
        for bytes in self {
            guard bytes.count > skip else {
                skip -= bytes.count
                continue
            }
            pieces.append(
                UnsafeRawBufferPointer(start: bytes.base + skip, count: bytes.count - skip))
            skip = 0
            if pieces.count == Self.mostPieces { break }
        }
        return pieces
    }
}
