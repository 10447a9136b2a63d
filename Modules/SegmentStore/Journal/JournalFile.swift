import Disk
import Vocabulary

/// One file of a journal while it is in use.
final class JournalFile {
    /// What must be synced in its segments before the file can be used again.
    struct Debt {
        let log: Log
        /// A cut since then voids the debt.
        let incarnation: LogIncarnation
        var end: Offset
    }

    let id: FileID
    let path: String
    let byteCount: Int
    var generation: UInt64
    /// Where the next write goes.
    private(set) var position = JournalFormat.blockByteCount
    private var writesInFlight = 0
    private var debts: [Debt] = []
    /// Debts before it are paid.
    private var paid = 0
    /// Debts before it were asked to be paid.
    private var asked = 0
    /// Holds what a failed log acknowledged and has nowhere else: kept for the next start.
    private(set) var isKept = false

    init(id: FileID, path: String, byteCount: Int, generation: UInt64) {
        self.id = id
        self.path = path
        self.byteCount = byteCount
        self.generation = generation
    }

    var room: Int { byteCount - position }

    /// Takes the room for a write, and notes what it covers.
    func take(_ write: JournalWrite) -> FilePosition {
        let start = position
        position += JournalFormat.padded(write.byteCount)
        writesInFlight += 1
        for part in write.parts {
            let index = part.log.journaling.debtIndex
            if index < debts.count, debts[index].log === part.log,
                debts[index].incarnation == part.log.incarnation
            {
                debts[index].end = part.end
            } else {
                part.log.journaling.debtIndex = debts.count
                debts.append(
                    Debt(log: part.log, incarnation: part.log.incarnation, end: part.end))
            }
        }
        return FilePosition(Int64(start))
    }

    func landed() { writesInFlight -= 1 }

    /// Whether everything in the file is durable in its segments, or void, and nothing is on its
    /// way to it: a late write would destroy what follows in the same place.
    func isPaid() -> Bool {
        guard writesInFlight == 0 else { return false }
        while paid < debts.count {
            let debt = debts[paid]
            if debt.log.syncedEnd < debt.end, debt.log.incarnation == debt.incarnation {
                if debt.log.failure != nil {
                    isKept = true
                } else if !debt.log.isClosed {
                    return false
                }
            }
            paid += 1
        }
        return true
    }

    /// Asks some of the logs that are owed for a sync.
    func collect(atOnce: Int) {
        let limit = min(debts.count, paid + atOnce)
        asked = max(asked, paid)
        while asked < limit {
            let debt = debts[asked]
            asked += 1
            if debt.log.incarnation == debt.incarnation { debt.log.syncLazily(upTo: debt.end) }
        }
    }

    /// Begins anew.
    func reset() {
        position = JournalFormat.blockByteCount
        debts.removeAll(keepingCapacity: true)
        paid = 0
        asked = 0
    }
}
