import EmbeddedStore
import Testing

/// Making batches, and what they hold when they were read again.
struct EventBatchBuilderTests {
    @Test(arguments: Codec.allCases)
    func `a builder makes one batch after the other, each with its own records`(
        _ codec: Codec
    ) async throws {
        var builder = EventBatchBuilder(codec: codec)
        builder.append(
            key: Array("k".utf8), value: Array("v".utf8),
            headers: [RecordHeader(key: "h", value: nil)], timestamp: Timestamp(5))
        builder.append(key: Array("k".utf8), value: nil, timestamp: Timestamp(7))
        let first = try builder.seal()
        #expect(builder.isEmpty)
        builder.append(key: nil, value: [1, 2, 3], timestamp: Timestamp(3))
        let second = try builder.seal()

        try await withEventStore(at: try freshFolder()) { store in
            let log = try await store.log("events")
            try await log.append(contentsOf: [first, second, first])
            var found: [Record] = []
            for try await batch in log.batches(from: .zero) { found += try batch.records() }

            #expect(found.map(\.offset) == (0..<5).map { Offset($0) })
            #expect(found.map(\.timestamp.rawValue) == [5, 7, 3, 5, 7])
            #expect(found.map(\.key) == [[0x6B], [0x6B], nil, [0x6B], [0x6B]])
            #expect(found.map(\.value) == [[0x76], nil, [1, 2, 3], [0x76], nil])
            #expect(found[0].headers == [RecordHeader(key: "h", value: nil)])
        }
    }

    @Test
    func `a level that a codec does not have is refused and the records are kept`() throws {
        var builder = EventBatchBuilder(codec: .gzip, level: 77)
        builder.append(key: nil, value: [1])

        #expect {
            _ = try builder.seal()
        } throws: { error in
            guard case .compression = error as? EventStoreError else { return false }
            return true
        }
        #expect(builder.recordCount == 1)
    }
}
