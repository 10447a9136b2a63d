import NIOCore

/// Cuts request frames out of a stream of bytes: a 4-byte length, then that many bytes.
///
/// A frame that lies wholly in the input is cut out of it: copied when it is small, so that it
/// does not pin the receive buffer, shared otherwise. A frame that does not is assembled in memory
/// of its own, and its missing bytes can be received right there. Either way a frame is one
/// contiguous run of bytes.
///
/// A length alone reserves little: a connection gets as much memory at once as its largest frame so
/// far had, up to a bound, and twice what it has filled from then on. Whoever only announces large
/// frames cannot keep others' frames waiting for memory.
struct FrameAssembler {
    /// Frames below this size are copied out of the receive buffer: 16 KiB cost about 1 µs.
    static let smallestShared = 16 * 1024

    /// What a connection is given for its first large frame, before it has sent any of it.
    static let firstGrant = 64 * 1024
    /// What it is given at the most: a batch of the default `message.max.bytes` fits.
    static let largestGrant = 2 * 1024 * 1024

    /// What came of the input so far.
    enum Step {
        case frame(ByteBuffer)
        case needsBytes
        /// The pool is at its bound; try again when frames have been released.
        case needsMemory
        case refused(FrameRefusal)
    }

    private enum State {
        /// The first `count` bytes of the length are in the low bytes of `value`.
        case length(value: UInt32, count: Int)
        /// The frame wants memory: its first, or more than the `partial` frame has filled.
        case waitingForMemory(length: Int, partial: ByteBuffer?)
        /// What is there of the frame, in memory for all of it or for the next part.
        case filling(ByteBuffer, length: Int)
        /// The partial frame is with the channel, which reads into it.
        case lent(capacity: Int, length: Int)
        case refused(FrameRefusal)
    }

    private let maxFrameBytes: Int
    private var state = State.length(value: 0, count: 0)
    /// Memory that the connection gets without having filled any.
    private var grant = Self.firstGrant

    init(maxFrameBytes: Int) {
        self.maxFrameBytes = maxFrameBytes
    }

    /// Takes bytes from the front of `input` up to the end of one frame.
    mutating func next(from input: inout ByteBuffer, memory: LoopMemory) -> Step {
        while true {
            switch state {
            case .length(let value, let count):
                guard let length = readLength(value, count, from: &input) else {
                    return .needsBytes
                }
                if let refusal = check(length) {
                    state = .refused(refusal)
                } else if let frame = Self.cut(Int(length), from: &input, memory: memory) {
                    state = .length(value: 0, count: 0)
                    return .frame(frame)
                } else {
                    state = .waitingForMemory(length: Int(length), partial: nil)
                }
            case .waitingForMemory(let length, let partial):
                guard let frame = memoryFor(length, partial, memory: memory) else {
                    return .needsMemory
                }
                state = .filling(frame, length: length)
            case .filling(var frame, let length):
                // The state lets go of the memory first: written while shared, it would be copied.
                state = .lent(capacity: frame.capacity, length: length)
                Self.fill(&frame, from: &input)
                if frame.writableBytes > 0 {
                    state = .filling(frame, length: length)
                    return .needsBytes
                }
                if frame.readableBytes < length {
                    state = .waitingForMemory(length: length, partial: frame)
                } else {
                    state = .length(value: 0, count: 0)
                    grant = min(max(grant, length), Self.largestGrant)
                    memory.frames.complete(frame)
                    return .frame(frame)
                }
            case .lent(let capacity, _):
                // The channel gave up on a read and dropped the bytes that were there already.
                memory.frames.lost(length: capacity)
                state = .refused(.lost)
            case .refused(let refusal):
                return .refused(refusal)
            }
        }
    }

    /// Hands out the partial frame, so that its missing bytes are received right there: at least
    /// one is missing, and no more fit. `giveBack` follows.
    mutating func takePartialFrame() -> ByteBuffer? {
        guard case .filling(let frame, let length) = state, frame.writableBytes > 0 else {
            return nil
        }
        state = .lent(capacity: frame.capacity, length: length)
        return frame
    }

    mutating func giveBack(_ frame: ByteBuffer) {
        guard case .lent(let capacity, let length) = state, frame.capacity == capacity else {
            preconditionFailure("the frame that comes back is the one that was lent")
        }
        state = .filling(frame, length: length)
    }

    /// The stream ends here: a partial frame gives back its memory.
    mutating func abandon(memory: LoopMemory) {
        switch state {
        case .filling(let frame, _), .waitingForMemory(_, let frame?):
            memory.frames.abandon(frame)
        case .lent(let capacity, _): memory.frames.lost(length: capacity)
        case .length, .waitingForMemory(_, nil), .refused: break
        }
        state = .length(value: 0, count: 0)
    }

    /// Memory for a frame of `length` bytes, or for the next part of it, with what is there
    /// already; `nil` while the pool is at its bound.
    private func memoryFor(
        _ length: Int, _ partial: ByteBuffer?, memory: LoopMemory
    ) -> ByteBuffer? {
        guard let partial else { return memory.frames.take(length: min(length, grant)) }
        // The only reference is here: memory that is shared would be copied by the first write.
        guard
            var frame = memory.frames.take(length: min(length, 2 * partial.capacity))
                ?? memory.frames.take(length: length, mayPassBound: true)
        else { return nil }
        partial.withUnsafeReadableBytes { _ = frame.writeBytes($0) }
        memory.frames.abandon(partial)
        return frame
    }

    private mutating func readLength(
        _ value: UInt32, _ count: Int, from input: inout ByteBuffer
    ) -> Int32? {
        if count == 0, let length = input.readInteger(as: Int32.self) { return length }
        var value = value
        var count = count
        while count < 4, let byte = input.readInteger(as: UInt8.self) {
            value = value << 8 | UInt32(byte)
            count += 1
        }
        state = .length(value: value, count: count)
        return count == 4 ? Int32(bitPattern: value) : nil
    }

    private func check(_ length: Int32) -> FrameRefusal? {
        if length < 0 { return .negativeLength(length) }
        if length > maxFrameBytes { return .tooLong(Int(length), limit: maxFrameBytes) }
        if length < RequestPrefix.byteCount { return .tooShort(Int(length)) }
        return nil
    }

    /// The frame, if it lies in the input and needs no memory of the pool.
    private static func cut(
        _ length: Int, from input: inout ByteBuffer, memory: LoopMemory
    ) -> ByteBuffer? {
        guard input.readableBytes >= length else { return nil }
        guard length < smallestShared else {
            return memory.receive.mayBePinned ? input.readSlice(length: length) : nil
        }
        var copy = ByteBufferAllocator().buffer(capacity: length)
        input.withUnsafeReadableBytes { bytes in
            _ = copy.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
        }
        input.moveReaderIndex(forwardBy: length)
        return copy
    }

    /// Moves as many bytes as fit from the front of `input`.
    private static func fill(_ frame: inout ByteBuffer, from input: inout ByteBuffer) {
        let count = min(frame.writableBytes, input.readableBytes)
        guard count > 0 else { return }
        input.withUnsafeReadableBytes { bytes in
            _ = frame.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        }
        input.moveReaderIndex(forwardBy: count)
    }
}
