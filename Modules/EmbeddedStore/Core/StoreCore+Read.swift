import Disk
import Dispatch
import Glibc
import LinuxDisk
import SegmentStore
import Vocabulary

extension StoreCore {
    /// Reads of what is not in memory wait for the device here, one after the other.
    private static let coldReads = DispatchQueue(label: "segment-store.cold-reads")

    /// Finds the batches, and reads them here or, where that would wait, on another thread.
    func read(
        _ slot: Int, _ published: PublishedState, from offset: Offset, maxBytes: Int,
        _ answer: Answer<Result<RawRead, EventStoreError>>
    ) {
        let found: LogRead
        do throws(EventStoreError) {
            let hosted = try hosted(slot, published)
            do throws(StoreError) {
                found = try hosted.log.read(
                    from: offset, upTo: hosted.readEnd, maxBytes: maxBytes, minOneBatch: true)
            } catch {
                throw EventStoreError(error)
            }
        } catch {
            answer.give(.failure(error))
            return
        }
        if found.byteCount == 0 {
            answer.give(.success(.nothing))
        } else if found.regions.contains(where: \.isCold) {
            Self.coldReads.async { answer.give(Self.read(found)) }
        } else {
            answer.give(Self.read(found))
        }
    }

    private static func read(_ found: LogRead) -> Result<RawRead, EventStoreError> {
        Result { () throws(StoreError) in try RawRead(found) }.mapError { EventStoreError($0) }
    }
}

extension FileRegion {
    /// Whether reading it is known to wait for the device. 1–3 µs.
    var isCold: Bool {
        guard let descriptor else { return false }
        return PageCache.lacks(of: descriptor, at: position.rawValue, count: count)
    }

    /// Reads all of it to `bytes` with pread(2), on any thread.
    func readFully(to bytes: UnsafeMutableRawPointer) throws(StoreError) {
        guard let descriptor else {
            preconditionFailure("the files of this module's disk have descriptors")
        }
        var done = 0
        while done < count {
            let found = pread(
                descriptor, bytes + done, count - done, Int(position.rawValue) + done)
            if found < 0, errno == EINTR { continue }
            guard found >= 0 else {
                throw .disk(DiskError(operation: "read", path: path, code: errno))
            }
            guard found > 0 else {
                throw .corrupt(
                    CorruptLog(
                        path: path, position: position + done, reason: "the file ends too early"))
            }
            done += found
        }
    }
}
