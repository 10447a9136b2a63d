import NIOCore

/// The memory in which one event loop receives: buffers for reads, runs for large frames.
///
/// Confined to the loop.
final class LoopMemory {
    let receive: ReceivePool
    let frames: FramePool

    init(limits: TransportLimits) {
        self.receive = ReceivePool(bufferBytes: limits.readBufferBytes)
        self.frames = FramePool(
            keptBytes: limits.pooledFrameBytes, maxBytes: limits.queuedFrameBytes)
    }
}

/// The buffers that the sockets of one event loop are read into, shared by its connections.
///
/// A connection has one only while it reads. A buffer that is given back while frames still
/// refer to it becomes free with the last of them.
final class ReceivePool {
    /// Buffers kept. As many may be pinned by frames at once; from then on frames are copied.
    static let maxBuffers = 32

    private let bufferBytes: Int
    private var buffers: [ByteBuffer] = []

    init(bufferBytes: Int) {
        self.bufferBytes = bufferBytes
    }

    /// Whether a frame may keep referring to the buffer it came in.
    var mayBePinned: Bool { buffers.count < Self.maxBuffers }

    /// An empty buffer that nobody else refers to.
    func take() -> ByteBuffer {
        // The last given back is the warmest.
        for index in buffers.indices.reversed() {
            let isFree: Void? = buffers[index].modifyIfUniquelyOwned { $0.clear() }
            if isFree != nil {
                buffers.swapAt(index, buffers.endIndex - 1)
                return buffers.removeLast()
            }
        }
        return ByteBufferAllocator().buffer(capacity: bufferBytes)
    }

    func giveBack(_ buffer: ByteBuffer) {
        guard buffers.count < Self.maxBuffers else { return }
        buffers.append(buffer)
    }
}
