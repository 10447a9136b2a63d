import Compression
import Disk
import Records
import SegmentStore
import Simulation
import Vocabulary

/// Compares a compacted log with the model record by record: what is there was appended so, and
/// what is not there was allowed to go.
struct CompactedVerification {
    let log: Log
    let model: ModelLog

    private let decompressor = Decompressor(keptBytes: 64 << 10)
    private var name: TopicPartition { log.topicPartition }

    init(log: Log, model: ModelLog) {
        self.log = log
        self.model = model
    }

    func run(using random: inout SeededRandom) throws(Violation) {
        let end = log.writtenEnd
        var next = log.logStartOffset
        var found: Set<Int64> = []
        while next < end {
            let maxBytes = Int.random(in: 1...6_000, using: &random)
            let position = next
            let read = try expecting("\(name) read from \(position)") { () throws(StoreError) in
                try log.read(from: position, upTo: end, maxBytes: maxBytes, minOneBatch: true)
            }
            // Nothing has to be left behind the last record that stayed.
            guard read.byteCount > 0 else { break }
            for region in read.regions {
                let buffer = DiskBuffer(count: region.count)
                try expecting("\(name) region \(region.position)") { () throws(StoreError) in
                    try region.read(into: buffer)
                }
                next = try take(buffer, after: next, into: &found)
            }
        }
        for batch in model.batches {
            for record in batch.records {
                let offset = batch.base + record.delta
                guard offset >= log.logStartOffset.rawValue, offset < end.rawValue,
                    !model.removable.contains(offset)
                else { continue }
                try require(found.contains(offset), "\(name) lost the record at \(offset)")
            }
        }
    }

    private func take(
        _ buffer: DiskBuffer, after: Offset, into found: inout Set<Int64>
    ) throws(Violation) -> Offset {
        var next = after
        var position = 0
        while position < buffer.count {
            let rest = UnsafeRawBufferPointer(rebasing: buffer.bytes[position...])
            do {
                let batch = try BatchView(reading: rest)
                let header = batch.header
                try require(
                    header.nextOffset > next, "\(name) has \(header.baseOffset) behind \(next)")
                var broken: Violation?
                try batch.forEachRecord(decompressor: decompressor, limit: 1 << 20) { record in
                    broken = broken ?? difference(record, in: header)
                    found.insert(record.offset(in: header).rawValue)
                    return true
                }
                if let broken { throw broken }
                next = header.nextOffset
                position += header.byteCount
            } catch let error as Violation {
                throw error
            } catch {
                throw Violation("\(name) gives no batch behind \(next): \(error)")
            }
        }
        return next
    }

    private func difference(_ record: RecordView, in header: BatchHeader) -> Violation? {
        let offset = record.offset(in: header).rawValue
        guard let known = model.record(at: offset) else {
            return Violation("\(name) has a record at \(offset) that was never appended")
        }
        let key = record.key.map { String(decoding: $0, as: UTF8.self) }
        guard key == known.key, record.value.map(Array.init) == known.value,
            record.timestamp(in: header).rawValue == known.timestamp
        else { return Violation("\(name) has another record at \(offset)") }
        return nil
    }
}
