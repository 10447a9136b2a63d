/// Frames made by hand, right or wrong.
enum Frame {
    /// A request header and nothing behind it, in a frame of its own.
    static func header(apiKey: Int16, version: Int16, correlationID: Int32 = 1) -> [UInt8] {
        framed(
            bigEndian(apiKey) + bigEndian(version) + bigEndian(correlationID)
                + bigEndian(Int16(-1)))
    }

    static func framed(_ body: [UInt8]) -> [UInt8] { bigEndian(Int32(body.count)) + body }

    static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
