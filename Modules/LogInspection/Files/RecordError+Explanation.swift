import Compression
import Records

extension RecordError {
    /// What is wrong, in a sentence for people.
    var explanation: String {
        switch self {
        case .corrupt(let corruption, _): corruption.explanation
        case .unsupportedMagic(let magic):
            "the byte for the format's version is \(magic), not 2"
        case .batchTooLarge(let byteCount, let limit):
            "the batch has \(byteCount) bytes, more than \(limit)"
        case .invalidBatch(let fault): fault.explanation
        case .invalidRecord(let index, let fault): "record \(index): \(fault.explanation)"
        case .timestampOutOfRange(let index, let timestamp):
            "record \(index) has the timestamp \(timestamp)"
        case .undecompressible(.corrupt(let codec, let reason)):
            "the records cannot be decompressed (\(codec.name)): \(reason)"
        case .undecompressible(let error): "the records cannot be decompressed: \(error)"
        case .tooLarge(let limit): "the records decompress to more than \(limit) bytes"
        }
    }
}

extension Corruption {
    fileprivate var explanation: String {
        switch self {
        case .truncated(let needed, let found): "\(needed) bytes are needed, \(found) are there"
        case .trailingBytes(let count): "\(count) bytes follow the batch"
        case .badLength(let length): "the length \(length) is none that a batch can have"
        case .unknownCodec(let codec): "there is no codec \(codec)"
        case .badBaseOffset(let offset): "\(offset) is no offset of a log"
        case .badChecksum(let expected, let found):
            "the batch's checksum is \(found), its header says \(expected)"
        }
    }
}

extension BatchFault {
    fileprivate var explanation: String {
        switch self {
        case .badCount(let count): "a batch cannot have \(count) records"
        case .lastOffsetDeltaMismatch(let delta, let count):
            "the last offset delta is \(delta) where there are \(count) records"
        case .missingProducerEpoch: "a producer id without an epoch"
        case .missingSequence: "a producer id without a sequence number"
        case .transactionalWithoutProducer: "a transaction without a producer id"
        case .controlBatch: "a control batch"
        }
    }
}

extension RecordFault {
    fileprivate var explanation: String {
        switch self {
        case .truncated: "it goes on behind its end"
        case .trailingBytes(let count): "\(count) bytes follow its last field"
        case .bytesAfterLastRecord(let count): "\(count) bytes follow the last record"
        case .missing: "it is missing"
        case .malformedVarint: "a number has too many bytes"
        case .badLength(let length): "a length of \(length)"
        case .offsetDeltaMismatch(let delta): "its offset delta is \(delta)"
        case .nullHeaderKey: "a header without a key"
        case .nullKey: "it has no key"
        }
    }
}
