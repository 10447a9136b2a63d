import Compression
import Disk
import Metadata
import Records
import SegmentStore
import Vocabulary

/// The files of a segment.
extension LogDump {
    mutating func dumpLog(_ path: String) throws(DiskError) {
        let window = try FileWindow(path, on: disk)
        var walk = BatchWalk(window)
        while let step = try walk.next() {
            switch step {
            case .batch(let header, let position, let batch):
                guard options.wants(header.baseOffset, header.lastOffset) else { continue }
                emit(
                    .batch(header, position: position, computedChecksum: header.crc), path)
                guard options.showsRecords else { continue }
                if let batch {
                    dumpRecords(batch, path, at: position)
                } else {
                    let reason = """
                        the records are not shown: batches of more than \(FileWindow.byteLimit) \
                        bytes are not held in memory
                        """
                    emit(.finding(Finding(.notice, path, .byte(position), reason)), path)
                }
            case .damage(let position, let end, let header, let reason):
                if let header, position + header.byteCount == end {
                    // The header can be read and the next batch begins where it says.
                    let found = try computedChecksum(window, position, header)
                    emit(.batch(header, position: position, computedChecksum: found), path)
                }
                damage(path, .byte(position), "\(reason); \(end - position) bytes are left out")
            case .zeros:
                return
            }
        }
    }

    private func computedChecksum(
        _ window: FileWindow, _ position: Int, _ header: BatchHeader
    ) throws(DiskError) -> UInt32 {
        guard header.byteCount <= FileWindow.byteLimit else { return ~header.crc }
        let bytes = try window.bytes(at: position, count: header.byteCount)
        guard bytes.count == header.byteCount else { return ~header.crc }
        return crc32c(UnsafeRawBufferPointer(rebasing: bytes[BatchHeader.checksumStart...]))
    }

    private mutating func dumpRecords(_ batch: BatchView, _ path: String, at position: Int) {
        let header = batch.header
        let isMetadata =
            path.split(separator: "/").dropLast().last
            .map { $0 == MetadataTopic.folderName } ?? false
        var faults: [String] = []
        do throws(RecordError) {
            try batch.forEachRecord(
                decompressor: decompressor, limit: options.decompressedLimit
            ) { view in
                let record = Record(copying: view, of: header)
                guard options.wants(record.offset, record.offset) else { return true }
                let control = header.attributes.isControl ? ControlRecord(view) : nil
                emit(.record(record, header, control), path)
                guard isMetadata, let value = record.value else { return true }
                do throws(RecordFormatError) {
                    emit(.metadata(try MetadataRecord(decoding: value), at: record.offset), path)
                } catch {
                    faults.append("the metadata at offset \(record.offset): \(error.reason)")
                }
                return true
            }
        } catch {
            faults.append(error.explanation)
        }
        for fault in faults { damage(path, .byte(position), fault) }
    }

    mutating func dumpOffsetIndex(_ path: String, base: Offset) throws(DiskError) {
        try forEachEntry(path, byteCount: OffsetIndex.entryByteCount) { dump, entry, position in
            let offset = base.rawValue &+ Int64(entry.bigEndian(at: 0, as: Int32.self))
            let target = Int(entry.bigEndian(at: 4, as: Int32.self))
            dump.noteOrder(path, position, base: base, offset: Offset(offset))
            guard dump.options.wants(Offset(offset), Offset(offset)) else { return }
            dump.emit(.offsetEntry(Offset(offset), position: target), path)
        }
    }

    mutating func dumpTimeIndex(_ path: String, base: Offset) throws(DiskError) {
        try forEachEntry(path, byteCount: TimeIndex.entryByteCount) { dump, entry, position in
            let timestamp = Timestamp(entry.bigEndian(at: 0, as: Int64.self))
            let offset = base.rawValue &+ Int64(entry.bigEndian(at: 8, as: Int32.self))
            dump.noteOrder(path, position, base: base, offset: Offset(offset))
            guard dump.options.wants(Offset(offset), Offset(offset)) else { return }
            dump.emit(.timeEntry(timestamp, Offset(offset)), path)
        }
    }

    private mutating func noteOrder(
        _ path: String, _ position: Int, base: Offset, offset: Offset
    ) {
        if offset < base {
            damage(path, .byte(position), "the offset lies before the segment's first, \(base)")
        }
    }

    mutating func dumpAbortedTransactions(_ path: String) throws(DiskError) {
        try forEachEntry(path, byteCount: AbortedTransaction.byteCount) { dump, entry, position in
            let found = AbortedTransaction(reading: entry)
            if found.version != 0 {
                dump.damage(path, .byte(position), "there is no version \(found.version)")
            }
            guard dump.options.wants(found.firstOffset, found.lastOffset) else { return }
            dump.emit(.abortedTransaction(found), path)
        }
    }

    /// Calls `body` with the entries up to a preallocated tail of zeros, and names bytes that are
    /// left over behind the last.
    private mutating func forEachEntry(
        _ path: String, byteCount: Int,
        _ body: (inout LogDump, ArraySlice<UInt8>, Int) -> Void
    ) throws(DiskError) {
        let window = try FileWindow(path, on: disk)
        var position = 0
        while position < window.byteCount {
            let bytes = try window.bytes(at: position, count: byteCount)
            guard bytes.count == byteCount else {
                damage(path, .byte(position), "the file ends within an entry")
                return
            }
            let entry = Array(bytes)
            if entry.allSatisfy({ $0 == 0 }), position > 0 || window.byteCount > byteCount,
                try window.endOfZeros(from: position) == window.byteCount
            {
                return
            }
            body(&self, entry[...], position)
            position += byteCount
        }
    }
}

extension ArraySlice<UInt8> {
    /// A number of an entry whose size was checked before.
    func bigEndian<Number: FixedWidthInteger>(at position: Int, as type: Number.Type) -> Number {
        let start = startIndex + position
        return self[start..<start + MemoryLayout<Number>.size]
            .reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }
}
