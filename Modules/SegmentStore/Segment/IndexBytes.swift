/// Big-endian integers of index entries.
extension [UInt8] {
    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    func bigEndian<Integer: FixedWidthInteger & BitwiseCopyable>(at position: Int) -> Integer {
        withUnsafeBytes {
            precondition(
                position >= 0 && position <= $0.count - MemoryLayout<Integer>.size,
                "a field lies within its bytes")
            return Integer(bigEndian: $0.loadUnaligned(fromByteOffset: position, as: Integer.self))
        }
    }
}
