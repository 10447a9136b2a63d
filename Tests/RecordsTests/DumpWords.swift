import Compression
import Records
import TestData
import Vocabulary

/// The lines about batches and records in a text that Kafka's dump tool printed, per log file.
struct Dump {
    private(set) var sections: [String: [String]] = [:]

    /// The tool was told to decode the keys and values of internal topics: those parts are left
    /// out, since nothing below the coordinators knows their layout.
    init(reading path: String) throws {
        let text = String(decoding: try readFile(path), as: UTF8.self)
        var log: String?
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## ") {
                let name = String(line.dropFirst(3).prefix { $0 != " " })
                log = name.hasSuffix(".log") ? name : nil
                if let log { sections[log] = [] }
            } else if let log, line.hasPrefix("baseOffset: ") || line.hasPrefix("| ") {
                let end = line.firstRange(of: " key: ")?.lowerBound ?? line.endIndex
                sections[log]?.append(String(line[..<end]))
            }
        }
    }
}

/// Says what we read in the words of Kafka's dump tool, version 3.8.
enum DumpWords {
    static func line(for batch: BatchView, at position: Int) -> String {
        let header = batch.header
        let horizon = header.deleteHorizon.map { "OptionalLong[\($0)]" } ?? "OptionalLong.empty"
        let lastSequence = header.lastSequence
        return [
            "baseOffset: \(header.baseOffset)", "lastOffset: \(header.lastOffset)",
            "count: \(header.recordCount)", "baseSequence: \(text(header.baseSequence))",
            "lastSequence: \(text(lastSequence))", "producerId: \(text(header.producerID))",
            "producerEpoch: \(text(header.producerEpoch))",
            "partitionLeaderEpoch: \(text(header.leaderEpoch))",
            "isTransactional: \(header.attributes.isTransactional)",
            "isControl: \(header.attributes.isControl)", "deleteHorizonMs: \(horizon)",
            "position: \(position)",
            "\(timestampType(header)): \(header.maxTimestamp)", "size: \(header.byteCount)",
            "magic: 2", "compresscodec: \(header.attributes.codec.name)",
            "crc: \(batch.computedChecksum)", "isvalid: \(batch.hasValidChecksum)",
        ].joined(separator: " ")
    }

    static func line(for record: RecordView, of header: BatchHeader) -> String {
        let keys = record.headers.map { String(decoding: $0.key, as: UTF8.self) }
        var words = [
            "| offset: \(record.offset(in: header))",
            "\(timestampType(header)): \(record.timestamp(in: header))",
            "keySize: \(record.key?.count ?? -1)", "valueSize: \(record.value?.count ?? -1)",
            "sequence: \(text(record.sequence(in: header)))",
            "headerKeys: [\(keys.joined(separator: ","))]",
        ]
        if header.attributes.isControl {
            switch ControlRecord(record) {
            case .endTransaction(let isCommit, let epoch):
                words.append("endTxnMarker: \(isCommit ? "COMMIT" : "ABORT")")
                words.append("coordinatorEpoch: \(epoch)")
            case .other(let type): words.append("controlType: \(type)")
            case nil: words.append("unreadable control record")
            }
        }
        return words.joined(separator: " ")
    }

    private static func text(_ quantity: (some Quantity)?) -> String {
        quantity.map(\.description) ?? "-1"
    }

    private static func timestampType(_ header: BatchHeader) -> String {
        header.attributes.timestampType == .createTime ? "CreateTime" : "LogAppendTime"
    }
}
