import Disk
import Vocabulary

/// Bytes of a file that a look-up needs and that are not in memory.
public struct MissingBytes: Sendable, Hashable {
    /// The file, with its folder.
    public let path: String
    /// Where the bytes begin.
    public let position: FilePosition
    /// How many to read in; the file may end before.
    public let count: Int
}

/// Look-ups on a thread that must not wait for the device.
extension Store {
    /// Runs a look-up that throws `.notInMemory` where it would otherwise wait for the device to
    /// read. The caller has the bytes read in (`readIn`) and looks up again.
    ///
    /// Opening a file may still wait for its directory entry, and an index that must be rebuilt is.
    public func withoutWaiting<Found>(
        _ lookup: () throws(StoreError) -> Found
    ) throws(StoreError) -> Found {
        precondition(mayWait, "look-ups are not nested")
        mayWait = false
        defer { mayWait = true }
        return try lookup()
    }

    /// Reads bytes into the page cache without waiting; `then` is called from a later `drain` or
    /// `commit`, also when they could not be read: the next look-up finds out why.
    public func readIn(_ missing: MissingBytes, then: @escaping () -> Void) {
        do throws(DiskError) {
            let file = try disk.open(missing.path, .readOnly)
            // Nobody asked for what lies behind.
            _ = try? disk.perform(.expectRandomReads(file))
            let buffer = DiskBuffer(count: missing.count)
            submit(
                .read(file, at: missing.position, into: buffer),
                as: .readIn(file, buffer, then: then))
        } catch {
            arrivedReads.append(then)
            if touched.isEmpty { onFirstAppend?() }
        }
        flushSubmissions()
    }

    /// Tells of the reads that have arrived.
    func deliverReads() {
        while !arrivedReads.isEmpty {
            let arrived = arrivedReads
            arrivedReads = []
            for then in arrived { then() }
        }
    }

    /// Reads up to `buffer.count` bytes for a look-up, at least `needed` unless the file ends.
    func read(
        _ file: FileID, _ path: String, at position: Int, needed: Int, into buffer: DiskBuffer
    ) throws(StoreError) -> Int {
        let place = FilePosition(Int64(position))
        guard !mayWait else {
            return try onDisk { () throws(DiskError) in
                try disk.read(file, at: place, into: buffer)
            }
        }
        var found = 0
        do throws(DiskError) {
            found = try disk.readResident(file, at: place, into: buffer)
        } catch {
            guard error.wouldWait else { throw StoreError(error) }
        }
        guard found >= needed else {
            throw .notInMemory(MissingBytes(path: path, position: place, count: buffer.count))
        }
        return found
    }
}

extension Log {
    /// `Store.withoutWaiting` of the log's store.
    public func withoutWaiting<Found>(
        _ lookup: () throws(StoreError) -> Found
    ) throws(StoreError) -> Found {
        try store.withoutWaiting(lookup)
    }
}
