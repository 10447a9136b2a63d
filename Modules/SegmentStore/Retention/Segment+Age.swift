import Disk
import Vocabulary

/// What retention wants to know of a segment without opening it for good.
extension Segment {
    /// The bytes of its batches, looked up once where the file was never opened.
    func sized() throws(StoreError) -> Int {
        if !isSized {
            let path = path(.log)
            byteCount = try onDisk { () throws(DiskError) in try store.disk.byteCount(ofFile: path)
            }
            isSized = true
        }
        return byteCount
    }

    /// Whether every record is older than `milliseconds` before `now` (Kafka's rule: the largest
    /// timestamp decides).
    ///
    /// Batches without timestamps count as being from when the segment was made, or opened. What
    /// the time index's last entry says is believed where it keeps the segment; before records go
    /// the indexes are checked against the batches.
    func isOlder(
        than milliseconds: Int64, now: Timestamp, interval: Int
    ) throws(StoreError) -> Bool {
        guard end != nil else {
            let largest = indexes?.largest ?? resting?.largest
            return now - (largest?.timestamp ?? created) > milliseconds
        }
        if let known = knownLargestTimestamp { return now - known > milliseconds }
        let told = try lastIndexedTimestamp()
        if let told, now - told <= milliseconds { return false }
        let largest: Timestamp
        do throws(StoreError) {
            largest = try loadedIndexes(interval: interval).largest?.timestamp ?? created
        } catch {
            // Damaged batches are not kept for ever: their time index was durable.
            guard case .corrupt = error else { throw error }
            largest = told ?? created
        }
        knownLargestTimestamp = largest
        return now - largest > milliseconds
    }

    /// The last entry of the time index, read by itself; `nil` where the file does not say.
    private func lastIndexedTimestamp() throws(StoreError) -> Timestamp? {
        if let indexes { return indexes.largest?.timestamp }
        do throws(StoreError) {
            return try lastTimeEntry()?.timestamp
        } catch {
            if case .corrupt = error { return nil }
            if case .disk(let cause) = error, cause.isMissing { return nil }
            throw error
        }
    }
}
