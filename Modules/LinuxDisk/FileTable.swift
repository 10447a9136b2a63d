import Disk

/// The open files of a disk. A `FileID` holds a slot number and the slot's generation, so that one
/// that was closed is never mistaken for the next file in its slot.
struct FileTable {
    struct Entry {
        var descriptor: Int32
        var path: String
        var generation: Int32 = 0
        /// Submitted operations that use the descriptor: it stays open until they are done.
        var inFlight = 0
        var closing: Closing?
    }

    enum Closing {
        /// The close was performed: nobody waits for it.
        case silent
        /// The close was submitted: this ticket completes with it.
        case completing(Ticket)
    }

    private var entries: [Entry] = []
    private var free: [Int] = []

    private static let slotBits: Int32 = 20
    private static let slotMask: Int32 = (1 << slotBits) - 1
    private static let generationMask: Int32 = (1 << (31 - slotBits)) - 1

    var descriptors: [Int32] { entries.map(\.descriptor).filter { $0 >= 0 } }

    mutating func add(descriptor: Int32, path: String) -> FileID {
        guard let slot = free.popLast() else {
            precondition(entries.count < Self.slotMask, "fewer than 2^20 files are open")
            entries.append(Entry(descriptor: descriptor, path: path))
            return FileID(Int32(entries.count - 1))
        }
        let generation = (entries[slot].generation + 1) & Self.generationMask
        entries[slot] = Entry(descriptor: descriptor, path: path, generation: generation)
        return FileID(generation << Self.slotBits | Int32(slot))
    }

    mutating func remove(_ file: FileID) {
        let slot = slot(of: file)
        entries[slot].descriptor = -1
        entries[slot].path = ""
        entries[slot].closing = nil
        free.append(slot)
    }

    subscript(file: FileID) -> Entry {
        get { entries[slot(of: file)] }
        _modify { yield &entries[slot(of: file)] }
    }

    private func slot(of file: FileID) -> Int {
        let slot = Int(file.rawValue & Self.slotMask)
        precondition(
            entries.indices.contains(slot) && entries[slot].descriptor >= 0
                && entries[slot].generation == file.rawValue >> Self.slotBits,
            "operations go to an open file")
        return slot
    }
}
