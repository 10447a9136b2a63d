import NIOCore
import Testing

@testable import Broker

@Suite("Memory for large frames")
struct FramePoolTests {
    private func address(_ buffer: ByteBuffer) -> UInt {
        buffer.withVeryUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    }

    private func fill(_ pool: FramePool, length: Int) throws -> ByteBuffer {
        var frame = try #require(pool.take(length: length))
        let start = address(frame)
        frame.writeRepeatingByte(1, count: length)
        #expect(address(frame) == start, "a frame is filled where it is")
        pool.complete(frame)
        return frame
    }

    @Test func `a frame has room for exactly its bytes`() throws {
        let pool = FramePool(keptBytes: 1 << 20, maxBytes: 1 << 24)

        for length in [8, 16_383, 16_384, 16_385, 65_536, 1_000_001] {
            let frame = try #require(pool.take(length: length))
            #expect(frame.writableBytes == length)
            #expect(frame.readableBytes == 0)
            pool.abandon(frame)
        }
    }

    @Test(arguments: [8, 9_000, 16_000, 16_383])
    func `small frames leave no trace, though malloc may round them up`(length: Int) throws {
        let pool = FramePool(keptBytes: 1 << 20, maxBytes: 1 << 24)

        for _ in 0..<3 { _ = try fill(pool, length: length) }

        #expect(pool.byteCount == 0)
        #expect(pool.fillingBytes == 0)
    }

    @Test func `memory is used again when nobody refers to it`() throws {
        let pool = FramePool(keptBytes: 1 << 22, maxBytes: 1 << 24)
        var first: ByteBuffer? = try fill(pool, length: 1_000_000)
        let start = address(try #require(first))
        first = nil

        for length in [700_000, 1_000_000, 1 << 20] {
            let frame = try fill(pool, length: length)
            #expect(address(frame) == start)
        }
    }

    @Test func `memory that a slice still refers to is left alone`() throws {
        let pool = FramePool(keptBytes: 1 << 22, maxBytes: 1 << 24)
        var first: ByteBuffer? = try fill(pool, length: 1_000_000)
        let slice = try #require(first?.getSlice(at: 500_000, length: 10))
        first = nil

        let second = try fill(pool, length: 1_000_000)

        #expect(address(second) != address(slice))
        #expect(Array(slice.readableBytesView) == Array(repeating: 1, count: 10))
    }

    @Test func `what is in flight is bounded, one frame is always admitted`() throws {
        let pool = FramePool(keptBytes: 0, maxBytes: 100_000)

        let first = try fill(pool, length: 1_000_000)
        #expect(pool.take(length: 20_000) == nil)
        #expect(pool.take(length: 100) != nil, "small frames are malloc's own business")

        #expect(first.readableBytes == 1_000_000)
    }

    @Test func `one frame that is partly there may pass the bound, a second waits`() throws {
        let pool = FramePool(keptBytes: 0, maxBytes: 100_000)
        let parts = try [#require(pool.take(length: 50_000))]
        #expect(pool.take(length: 70_000) == nil)

        let whole = try #require(pool.take(length: 70_000, mayPassBound: true))

        #expect(pool.take(length: 70_000, mayPassBound: true) == nil)
        #expect(whole.writableBytes == 70_000)
        #expect(parts[0].writableBytes == 50_000)
    }

    @Test func `no more than the kept bytes stay when nothing is in flight`() throws {
        let pool = FramePool(keptBytes: 1 << 20, maxBytes: 1 << 24)

        var frames = try (0..<6).map { _ in try fill(pool, length: 1 << 20) }
        #expect(pool.byteCount == 6 << 20)
        frames = []
        _ = try fill(pool, length: 40_000)

        #expect(pool.byteCount <= (1 << 20) + 65_536)
        #expect(frames.isEmpty)
    }
}
