import KafkaProtocol
import LinuxDisk
import NIOCore
import SegmentStore
import Vocabulary

extension Shard {
    /// Reads one partition within what is left of the budget. Never waits for records.
    func read(_ want: FetchWant, budget: inout FetchBudget) -> PartitionRead {
        guard let partition = partition(of: want) else { return .failed(want.codeIfGone) }
        if let code = partition.objection(to: want.currentLeaderEpoch) { return .failed(code) }
        let log = partition.log
        guard want.offset >= log.logStartOffset && want.offset <= log.logEnd else {
            return .failed(.offsetOutOfRange)
        }
        var result = PartitionRead()
        result.highWatermark = partition.highWatermark.rawValue
        result.logStartOffset = log.logStartOffset.rawValue
        let maxBytes = min(want.maxBytes, budget.bytesLeft)
        guard want.offset < partition.highWatermark, maxBytes > 0 || budget.isFirst else {
            return result
        }
        do throws(StoreError) {
            let read = try log.read(
                from: want.offset, upTo: partition.highWatermark, maxBytes: max(0, maxBytes),
                minOneBatch: budget.isFirst)
            result.byteCount = read.byteCount
            result.pieces = try pieces(of: read)
            budget.spend(read.byteCount)
        } catch {
            logger.error("\(partition.topicPartition) cannot be read: \(error)")
            return .failed(ErrorCode(error))
        }
        return result
    }

    /// Small regions are read into memory, to leave in one system call with the answer's header;
    /// large ones go by sendfile, and so do those that would have to wait for the device: they are
    /// read in first, off the loop (`RegionWarming`).
    private func pieces(of read: LogRead) throws(StoreError) -> [Answer.Part] {
        var pieces: [Answer.Part] = []
        pieces.reserveCapacity(read.regions.count)
        for region in read.regions {
            if let descriptor = region.descriptor,
                region.count >= SendRegion.threshold
                    || PageCache.lacksEnds(
                        of: descriptor, at: region.position.rawValue, count: region.count)
            {
                pieces.append(
                    .region(
                        SendRegion(
                            descriptor: descriptor, position: region.position.rawValue,
                            count: region.count, owner: region)))
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
        return pieces
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
