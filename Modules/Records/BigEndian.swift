/// Big-endian integers at any address, bounds checked.
///
/// These are the only places where header fields are loaded from and stored to raw memory.
extension UnsafeRawBufferPointer {
    @inline(__always)
    func bigEndian<Integer: FixedWidthInteger & BitwiseCopyable>(
        at position: Int, as type: Integer.Type
    ) -> Integer {
        precondition(
            position >= 0 && position <= count - MemoryLayout<Integer>.size,
            "a field lies within its bytes")
        return Integer(bigEndian: loadUnaligned(fromByteOffset: position, as: type))
    }
}

extension UnsafeMutableRawBufferPointer {
    @inline(__always)
    func storeBigEndian(_ value: some FixedWidthInteger & BitwiseCopyable, at position: Int) {
        precondition(
            position >= 0 && position <= count - (value.bitWidth / 8),
            "a field lies within its bytes")
        storeBytes(of: value.bigEndian, toByteOffset: position, as: type(of: value))
    }
}
