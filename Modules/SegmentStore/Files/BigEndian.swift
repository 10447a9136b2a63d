/// Reads fixed-width integers, most significant byte first, from bytes whose length was checked.
struct BigEndianReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }

    mutating func next<Number: FixedWidthInteger>() -> Number {
        let size = MemoryLayout<Number>.size
        precondition(remaining >= size, "a number is read where its bytes were counted before")
        defer { position += size }
        return bytes.withUnsafeBytes {
            Number(bigEndian: $0.loadUnaligned(fromByteOffset: position, as: Number.self))
        }
    }
}

/// Builds bytes from fixed-width integers, most significant byte first.
struct BigEndianWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func replace(at position: Int, with number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) {
            bytes.replaceSubrange(position..<position + $0.count, with: $0)
        }
    }
}
