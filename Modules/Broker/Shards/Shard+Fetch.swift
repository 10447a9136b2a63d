import KafkaProtocol
import LinuxDisk
import NIOCore
import SegmentStore
import Vocabulary

extension Shard {
    /// Reads one partition within what is left of the budget. Never waits for records.
    ///
    /// - Parameter mayWait: whether finding the records may wait for the device; otherwise the
    ///   result says what is `missing`.
    func read(
        _ want: FetchWant, budget: inout FetchBudget, mayWait: Bool = true
    ) -> PartitionRead {
        guard let partition = partition(of: want) else { return .failed(want.codeIfGone) }
        if let code = partition.objection(to: want.currentLeaderEpoch) { return .failed(code) }
        guard want.offset >= partition.logStartOffset && want.offset <= partition.logEnd else {
            return .failed(.offsetOutOfRange)
        }
        var result = PartitionRead()
        result.highWatermark = partition.highWatermark.rawValue
        result.logStartOffset = partition.logStartOffset.rawValue
        let maxBytes = min(want.maxBytes, budget.bytesLeft)
        guard want.offset < partition.highWatermark, maxBytes > 0 || budget.isFirst else {
            return result
        }
        do throws(StoreError) {
            let log = try partition.log
            func find(_ maxBytes: Int) throws(StoreError) -> LogRead {
                try log.read(
                    from: want.offset, upTo: partition.highWatermark, maxBytes: maxBytes,
                    minOneBatch: budget.isFirst)
            }
            func findNow(_ maxBytes: Int) throws(StoreError) -> LogRead {
                guard !mayWait else { return try find(maxBytes) }
                return try store.withoutWaiting { () throws(StoreError) in try find(maxBytes) }
            }
            var read = try findNow(max(0, maxBytes))
            var cold = read.coldRegions
            let isCold = !cold.isEmpty
            if isCold, read.byteCount > budget.coldBytesLeft {
                result.isCutShort = true
                read = try findNow(budget.coldBytesLeft)
                cold = read.coldRegions
            }
            result.byteCount = read.byteCount
            result.availableBytes = read.availableBytes(upTo: maxBytes)
            (result.pieces, result.coldRegions) = try pieces(of: read, cold: cold)
            budget.spend(read.byteCount, isCold: isCold)
        } catch {
            if case .notInMemory(let missing) = error {
                result.missing = missing
                return result
            }
            partition.tell(ofUnreadable: error)
            return .failed(ErrorCode(error))
        }
        return result
    }

    /// What one partition has for a fetch, as `PartitionRead.availableBytes`; `nil` where it would
    /// get an error. Reads none of it.
    func measure(_ want: FetchWant) -> Int? {
        guard let partition = partition(of: want),
            partition.objection(to: want.currentLeaderEpoch) == nil,
            want.offset >= partition.logStartOffset, want.offset <= partition.logEnd
        else { return nil }
        guard want.offset < partition.highWatermark else { return 0 }
        do throws(StoreError) {
            let log = try partition.log
            return try store.withoutWaiting { () throws(StoreError) in
                try log.read(
                    from: want.offset, upTo: partition.highWatermark, maxBytes: want.maxBytes,
                    minOneBatch: true
                ).availableBytes(upTo: want.maxBytes)
            }
        } catch {
            return nil  // The read that follows tells of it.
        }
    }

    /// Small regions are read into memory, to leave in one system call with the answer's header;
    /// large ones go by sendfile, and so do those that would have to wait for the device: they are
    /// read in first, off the loop (`ColdReads`).
    ///
    /// - Parameter cold: which of the regions are not in memory.
    private func pieces(
        of read: LogRead, cold: [Int]
    ) throws(StoreError) -> (pieces: [Answer.Part], cold: [SendRegion]) {
        var pieces: [Answer.Part] = []
        var coldRegions: [SendRegion] = []
        pieces.reserveCapacity(read.regions.count)
        for (index, region) in read.regions.enumerated() {
            let isCold = cold.contains(index)
            if let descriptor = region.descriptor,
                region.count >= SendRegion.threshold || isCold
            {
                let sent = SendRegion(
                    descriptor: descriptor, position: region.position.rawValue,
                    count: region.count, owner: region)
                pieces.append(.region(sent))
                if isCold { coldRegions.append(sent) }
            } else {
                var buffer = ByteBufferAllocator().buffer(capacity: region.count)
                var failure: StoreError?
                buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: region.count) { bytes in
                    do throws(StoreError) {
                        try region.copy(to: bytes)
                        return region.count
                    } catch {
                        failure = error
                        return 0
                    }
                }
                if let failure { throw failure }
                pieces.append(.bytes(buffer))
            }
        }
        return (pieces, coldRegions)
    }
}

extension LogRead {
    /// The numbers of the regions that sending would wait for the device for. 1–3 µs for each
    /// region: asked once.
    fileprivate var coldRegions: [Int] {
        regions.indices.filter { index in
            let region = regions[index]
            guard let descriptor = region.descriptor else { return false }
            return PageCache.lacks(
                of: descriptor, at: region.position.rawValue, count: region.count)
        }
    }

    /// What was found, or `maxBytes` where more is there: batches come whole, and what is left
    /// out for that is no reason to wait for more.
    fileprivate func availableBytes(upTo maxBytes: Int) -> Int {
        isLimited ? max(byteCount, maxBytes) : byteCount
    }
}

extension Partition {
    /// Says that the client's idea of the leader epoch is not ours; `nil` if it has none or the
    /// same (KIP-320).
    func objection(to currentLeaderEpoch: LeaderEpoch?) -> ErrorCode? {
        guard let currentLeaderEpoch, currentLeaderEpoch != leaderEpoch else { return nil }
        return currentLeaderEpoch < leaderEpoch ? .fencedLeaderEpoch : .unknownLeaderEpoch
    }
}
