import Vocabulary

/// The newest offset of every key of the part that is being compacted, in bounded memory.
///
/// Keys are kept as hashes of 128 bits with their offset, 24 bytes each, in open addressing. The
/// hashes are spread over 64 tables that grow one by one, so that growing needs little more than
/// what is there; small limits have one table.
final class KeyOffsets {
    private struct Slot {
        var hash: KeyHash.Value
        /// Negative where the slot is free.
        var offset: Int64

        static let free = Slot(hash: KeyHash.Value(high: 0, low: 0), offset: -1)
    }

    private struct Table {
        var slots: [Slot] = []
        var count = 0
    }

    /// What one key takes, in bytes.
    static let slotByteCount = MemoryLayout<Slot>.stride
    private static let firstSlotCount = 16

    private let hash: KeyHash
    private let slotLimit: Int
    private let load: Double
    private var tables: [Table]
    private(set) var count = 0

    /// - Parameter byteLimit: room for one key at least is taken, whatever it says.
    init(byteLimit: Int, load: Double, hash: KeyHash = KeyHash()) {
        self.hash = hash
        self.load = min(max(load, 0.01), 0.95)
        let tableCount = byteLimit >= 1 << 20 ? 64 : 1
        tables = Array(repeating: Table(), count: tableCount)
        slotLimit = max(2, byteLimit / tableCount / Self.slotByteCount)
    }

    /// The memory of the tables, in bytes.
    var byteCount: Int { tables.reduce(0) { $0 + $1.slots.count * Self.slotByteCount } }

    /// Keeps the larger offset of a key; `false`, and nothing changed, if there is no room for it.
    func put(_ key: UnsafeRawBufferPointer, _ offset: Offset) -> Bool {
        let hash = hash.value(of: key)
        let table = tableIndex(of: hash)
        if let index = find(hash, in: table), tables[table].slots[index].offset >= 0 {
            let known = tables[table].slots[index].offset
            tables[table].slots[index].offset = max(known, offset.rawValue)
            return true
        }
        if tables[table].count >= capacity(of: tables[table].slots.count), !grow(table) {
            return false
        }
        guard let index = find(hash, in: table) else {
            preconditionFailure("a table that may take a key has a free slot")
        }
        tables[table].slots[index] = Slot(hash: hash, offset: offset.rawValue)
        tables[table].count += 1
        count += 1
        return true
    }

    /// The offset of a key; `nil` if it was not put here.
    func offset(of key: UnsafeRawBufferPointer) -> Offset? {
        let hash = hash.value(of: key)
        let table = tableIndex(of: hash)
        guard let index = find(hash, in: table), tables[table].slots[index].offset >= 0
        else { return nil }
        return Offset(tables[table].slots[index].offset)
    }

    private func tableIndex(of hash: KeyHash.Value) -> Int {
        tables.count == 1 ? 0 : Int(hash.high >> 58)
    }

    /// How many keys a table of so many slots may hold; one slot stays free to end a search.
    private func capacity(of slotCount: Int) -> Int {
        guard slotCount > 0 else { return 0 }
        return min(slotCount - 1, max(1, Int(Double(slotCount) * load)))
    }

    /// The slot of a key, or the free one where it would go; `nil` in an empty table.
    private func find(_ hash: KeyHash.Value, in table: Int) -> Int? {
        let slotCount = tables[table].slots.count
        guard slotCount > 0 else { return nil }
        var index = Self.home(of: hash, among: slotCount)
        while tables[table].slots[index].offset >= 0, tables[table].slots[index].hash != hash {
            index += 1
            if index == slotCount { index = 0 }
        }
        return index
    }

    private static func home(of hash: KeyHash.Value, among slotCount: Int) -> Int {
        Int(hash.low.multipliedFullWidth(by: UInt64(slotCount)).high)
    }

    /// Makes a table twice as large, or as large as it may get.
    private func grow(_ table: Int) -> Bool {
        let old = tables[table].slots
        let slotCount = min(slotLimit, max(Self.firstSlotCount, 2 * old.count))
        guard capacity(of: slotCount) > tables[table].count else { return false }
        tables[table].slots = Array(repeating: .free, count: slotCount)
        for slot in old where slot.offset >= 0 {
            guard let index = find(slot.hash, in: table) else {
                preconditionFailure("a table that has grown has slots")
            }
            tables[table].slots[index] = slot
        }
        return true
    }
}
