import NIOCore

/// The memory that large request frames of one event loop are assembled in.
///
/// A frame that does not fit the receive buffer gets one run of memory of its own. While it is
/// assembled the run belongs to its connection alone; once complete, the pool refers to it too and
/// gives it out again when nobody else does: warm in the cache and mapped already. Fresh memory
/// costs 0.3–0.8 s of CPU per GB on the machine this was measured on, reused memory nothing.
///
/// Confined to its event loop; the references it counts may be released on any thread.
final class FramePool {
    /// Smaller frames get memory of their own, from malloc's own lists.
    static let smallestPooled = 16 * 1024

    /// Bytes kept for reuse when nothing is in flight.
    private let keptBytes: Int
    /// Bytes that may be in flight; one frame is always admitted.
    private let maxBytes: Int
    /// Runs whose frame is complete, in use or free. The first free one is taken: the same few
    /// stay warm.
    private var runs: [ByteBuffer] = []
    /// Bytes of the runs that are being filled.
    private(set) var fillingBytes = 0

    init(keptBytes: Int, maxBytes: Int) {
        self.keptBytes = keptBytes
        self.maxBytes = maxBytes
    }

    /// Memory that holds exactly `length` bytes and that nobody else refers to, or `nil` when so
    /// much is in flight that the frame must wait.
    ///
    /// Exactly one of `complete` and `abandon` follows.
    ///
    /// - Parameter mayPassBound: for the whole of a frame that is partly there: given while the
    ///   bound is kept, so that frames which wait for each other's memory do not wait for ever.
    func take(length: Int, mayPassBound: Bool = false) -> ByteBuffer? {
        guard length >= Self.smallestPooled else {
            return Self.exactly(length, of: ByteBufferAllocator().buffer(capacity: length))
        }
        let capacity = Self.capacity(for: length)
        var inFlight = fillingBytes
        var free: Int?
        for index in runs.indices {
            if !clearIfFree(index) {
                inFlight += runs[index].storageCapacity
            } else if free == nil, runs[index].storageCapacity == capacity {
                free = index
            }
        }
        let bound = mayPassBound ? maxBytes + capacity : maxBytes
        guard inFlight == 0 || inFlight + capacity <= bound else { return nil }
        let run: ByteBuffer
        if let free {
            run = runs.remove(at: free)
        } else {
            makeRoom(for: capacity, inFlight: inFlight)
            run = ByteBufferAllocator().buffer(capacity: capacity)
        }
        fillingBytes += run.storageCapacity
        return Self.exactly(length, of: run)
    }

    /// The frame is whole and may be shared; its memory comes back with its last reference.
    func complete(_ frame: ByteBuffer) {
        guard frame.capacity >= Self.smallestPooled else { return }
        fillingBytes -= frame.storageCapacity
        runs.append(frame)
    }

    /// The frame will never be whole.
    func abandon(_ frame: ByteBuffer) {
        complete(frame)
    }

    /// The run that was taken for a frame of `length` bytes is gone with its bytes.
    func lost(length: Int) {
        guard length >= Self.smallestPooled else { return }
        fillingBytes -= Self.capacity(for: length)
    }

    /// Bytes of all runs, in use and free.
    var byteCount: Int { runs.reduce(fillingBytes) { $0 + $1.storageCapacity } }

    /// Powers of two: pages that a frame does not reach are never touched, so they cost nothing.
    private static func capacity(for length: Int) -> Int {
        1 << (Int.bitWidth - (length - 1).leadingZeroBitCount)
    }

    /// The memory's first `length` bytes as its whole capacity: a read into it stops at the end
    /// of the frame.
    private static func exactly(_ length: Int, of memory: ByteBuffer) -> ByteBuffer {
        var memory = memory
        memory.moveWriterIndex(to: length)
        guard var frame = memory.getSlice(at: 0, length: length) else {
            preconditionFailure("the memory of a frame holds the frame")
        }
        frame.moveWriterIndex(to: 0)
        return frame
    }

    /// Frees runs of other sizes, so that the pool holds what is in flight or what may be kept,
    /// whichever is more.
    private func makeRoom(for capacity: Int, inFlight: Int) {
        var total = byteCount + capacity
        let bound = max(keptBytes, inFlight + capacity)
        for index in runs.indices.reversed() where total > bound {
            guard clearIfFree(index) else { continue }
            total -= runs[index].storageCapacity
            runs.remove(at: index)
        }
    }

    private func clearIfFree(_ index: Int) -> Bool {
        runs[index].modifyIfUniquelyOwned { $0.clear() } != nil
    }
}
