import Disk
import Vocabulary

/// The operations that were submitted and what to do when they complete.
struct OperationsInFlight {
    enum Pending {
        /// Appends of one log, so many bytes.
        case write(Log, byteCount: Int)
        /// A sync that covers everything below an offset and so many dirty bytes.
        case sync(Log, Segment, end: Offset, dirtyBytes: Int)
        /// Write-back that was started for so many bytes; the file is held open.
        case writeBack(SegmentFile, byteCount: Int)
        /// A range dropped from the page cache; the file is held open.
        case drop(SegmentFile)
        /// Entries of the journal.
        case journalWrite(JournalWrite)
        /// What voids a journal file before it is used again.
        case journalHeader(JournalFile)
        /// A step on the way to another journal file.
        case journalMaking(JournalFileMaking)
        /// Bytes that a look-up waits for; the file is closed and the memory given back.
        case readIn(FileID, DiskBuffer, then: () -> Void)
        /// One file less in a folder that is being deleted.
        case remove(FolderRemoval)
        /// A step of a segment's deletion.
        case retire(SegmentRemoval)
        /// The removal of a file that nobody needs; the next opening would do it, too.
        case sweepUp
    }

    private var slots: [Pending?] = []
    private var free: [Int] = []

    var count: Int { slots.count - free.count }

    mutating func begin(_ pending: Pending) -> Ticket {
        if let slot = free.popLast() {
            slots[slot] = pending
            return Ticket(UInt64(slot))
        }
        slots.append(pending)
        return Ticket(UInt64(slots.count - 1))
    }

    mutating func finish(_ ticket: Ticket) -> Pending {
        let slot = Int(ticket.rawValue)
        guard slots.indices.contains(slot), let pending = slots[slot] else {
            preconditionFailure("a completion belongs to one submission of this store")
        }
        slots[slot] = nil
        free.append(slot)
        return pending
    }
}
