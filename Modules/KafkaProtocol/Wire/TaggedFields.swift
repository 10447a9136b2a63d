/// Walks through the tagged fields at the end of a flexible structure (KIP-482).
///
/// Each is a tag, a length and that many bytes. Fields whose tag is unknown are skipped, as Kafka
/// does; a known one must use exactly the bytes it states, so that a liar cannot shift what
/// follows.
public struct TaggedFields {
    private let field: StaticString
    private var left: UInt32
    private var tag: UInt32 = 0
    private var start = 0
    private var stated = 0

    fileprivate init(count: UInt32, field: StaticString) {
        self.left = count
        self.field = field
    }

    /// The next tag, whose bytes are read or skipped before the next call; `nil` at the end.
    public mutating func next(_ reader: inout WireReader) throws(ProtocolError) -> UInt32? {
        let used = reader.position - start
        guard stated == used || start == 0 else {
            throw reader.failure(
                .taggedFieldLength(tag: tag, stated: stated, used: used), field)
        }
        if left == 0 { return nil }
        left -= 1
        tag = try reader.unsignedVarint(field)
        stated = Int(try reader.unsignedVarint(field))
        guard stated <= reader.bytesLeft else {
            throw reader.failure(.truncated(needed: stated, available: reader.bytesLeft), field)
        }
        start = reader.position
        return tag
    }

    /// Passes over the bytes of the tag that `next` gave.
    public mutating func skip(_ reader: inout WireReader) {
        reader.skip(stated)
    }
}

extension WireReader {
    /// Reads how many tagged fields follow; `TaggedFields.next` walks through them.
    ///
    /// - Throws: `.tooManyElements` for more than the remaining bytes can hold.
    public mutating func taggedFields(_ field: StaticString) throws(ProtocolError) -> TaggedFields {
        let count = try unsignedVarint(field)
        // Each takes two bytes at least: its tag and its length.
        guard Int(count) <= bytesLeft / 2 else {
            throw failure(.tooManyElements(count: Int(count), limit: bytesLeft / 2), field)
        }
        return TaggedFields(count: count, field: field)
    }

    /// Passes over the tagged fields of a structure that knows none.
    public mutating func skipTaggedFields(_ field: StaticString) throws(ProtocolError) {
        var tags = try taggedFields(field)
        while try tags.next(&self) != nil { tags.skip(&self) }
    }
}
