import Records
import Vocabulary

extension ProducerSnapshot {
    /// The file's contents: 10 bytes and 46 for each producer, with their checksum.
    public var encoded: [UInt8] {
        var writer = BigEndianWriter(
            capacity: Self.headByteCount + entries.count * Self.entryByteCount)
        writer.append(Self.version)
        writer.append(UInt32(0))
        writer.append(Int32(entries.count))
        for entry in entries {
            writer.append(entry.producerID.rawValue)
            writer.append(entry.epoch?.rawValue ?? -1)
            writer.append(entry.lastBatch?.lastSequence.rawValue ?? -1)
            writer.append(entry.lastBatch?.lastOffset.rawValue ?? -1)
            writer.append(entry.lastBatch?.offsetDelta ?? 0)
            writer.append(entry.lastTimestamp.rawValue)
            writer.append(entry.coordinatorEpoch ?? -1)
            writer.append(entry.ongoingTransactionStart?.rawValue ?? -1)
        }
        writer.replace(at: 2, with: Self.checksum(of: writer.bytes))
        return writer.bytes
    }

    /// - Throws: `.malformed` naming the byte, `.newerVersion`.
    public init(parsing bytes: [UInt8], path: String) throws(SideFileError) {
        func fault(_ position: Int, _ expected: String, _ found: String) -> SideFileError {
            .malformed(
                MalformedFile(
                    path: path, place: "byte \(position)", expected: expected, found: found,
                    remedy: "delete the file: the producers are read from the batches again"))
        }
        guard bytes.count >= Self.headByteCount else {
            throw fault(bytes.count, "at least \(Self.headByteCount) bytes", "\(bytes.count)")
        }
        var reader = BigEndianReader(bytes)
        let version: Int16 = reader.next()
        guard version <= Self.version else {
            throw .newerVersion(path: path, found: Int(version), supported: Int(Self.version))
        }
        guard version == Self.version else { throw fault(0, "version 1", "version \(version)") }
        let stored: UInt32 = reader.next()
        let count: Int32 = reader.next()
        let (entryCount, remainder) = (bytes.count - Self.headByteCount)
            .quotientAndRemainder(dividingBy: Self.entryByteCount)
        guard remainder == 0, entryCount == Int(count) else {
            throw fault(
                6, "as many producers as the file's length holds",
                "\(count) in \(bytes.count) bytes")
        }
        let computed = Self.checksum(of: bytes)
        guard stored == computed else {
            throw fault(2, "checksum \(computed)", "\(stored)")
        }

        entries = []
        entries.reserveCapacity(entryCount)
        for index in 0..<entryCount {
            guard let entry = Entry(reading: &reader) else {
                let place = Self.headByteCount + index * Self.entryByteCount
                throw fault(place, "a producer's numbers in their ranges", "others")
            }
            entries.append(entry)
        }
    }

    /// The checksum of everything from the count on.
    private static func checksum(of bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[6...])) }
    }
}

extension ProducerSnapshot.Entry {
    /// `nil` for numbers that no partition can have.
    fileprivate init?(reading reader: inout BigEndianReader) {
        let producerID: Int64 = reader.next()
        let epoch: Int16 = reader.next()
        let lastSequence: Int32 = reader.next()
        let lastOffset: Int64 = reader.next()
        let offsetDelta: Int32 = reader.next()
        let timestamp: Int64 = reader.next()
        let coordinatorEpoch: Int32 = reader.next()
        let transactionStart: Int64 = reader.next()
        guard producerID >= 0, lastSequence >= -1, offsetDelta >= 0,
            max(lastOffset, transactionStart) <= Offset.limit.rawValue,
            lastOffset < 0 || Int64(offsetDelta) <= lastOffset
        else { return nil }
        self.init(
            producerID: ProducerID(producerID),
            epoch: epoch >= 0 ? ProducerEpoch(epoch) : nil,
            lastBatch: lastOffset >= 0 && lastSequence >= 0
                ? ProducerSnapshot.Batch(
                    lastSequence: SequenceNumber(lastSequence), lastOffset: Offset(lastOffset),
                    offsetDelta: offsetDelta)
                : nil,
            lastTimestamp: Timestamp(timestamp),
            coordinatorEpoch: coordinatorEpoch >= 0 ? coordinatorEpoch : nil,
            ongoingTransactionStart: transactionStart >= 0 ? Offset(transactionStart) : nil)
    }
}
