import Compression
import Records
import Testing
import Vocabulary

@Suite struct ControlRecordTests {
    @Test(arguments: [true, false])
    func `a marker is written as documented and reads back`(isCommit: Bool) throws {
        let marker = ControlRecord.endTransaction(isCommit: isCommit, coordinatorEpoch: 7)

        #expect(marker.key == [0, 0, 0, isCommit ? 1 : 0])
        #expect(marker.value == [0, 0, 0, 0, 0, 7])
        #expect(try read(key: marker.key, value: marker.value) == marker)
    }

    @Test func `fields that newer versions append are skipped`() throws {
        #expect(
            try read(key: [0, 1, 0, 1, 9], value: [0, 1, 0, 0, 0, 7, 9, 9])
                == .endTransaction(isCommit: true, coordinatorEpoch: 7))
    }

    @Test func `kinds that are not markers are told by their number`() throws {
        #expect(try read(key: [0, 0, 0, 2], value: nil) == .other(type: 2))
        #expect(try read(key: [0, 0, 0xFF, 0xFF], value: nil) == .other(type: -1))
    }

    @Test func `what is too short or has a negative version is no control record`() throws {
        let value: [UInt8] = [0, 0, 0, 0, 0, 7]

        #expect(try read(key: nil, value: value) == nil)
        #expect(try read(key: [0, 0, 0], value: value) == nil)
        #expect(try read(key: [0xFF, 0xFF, 0, 1], value: value) == nil)
        #expect(try read(key: [0, 0, 0, 1], value: nil) == nil)
        #expect(try read(key: [0, 0, 0, 1], value: [0, 0, 0, 0, 0]) == nil)
        #expect(try read(key: [0, 0, 0, 1], value: [0xFF, 0xFF, 0, 0, 0, 7]) == nil)
    }

    private func read(key: [UInt8]?, value: [UInt8]?) throws -> ControlRecord? {
        var builder = BatchBuilder(attributes: BatchAttributes(isControl: true))
        builder.append(key: key, value: value, timestamp: Samples.time)
        return try builder.build().withUnsafeBytes { bytes in
            var found: ControlRecord?
            try BatchView(reading: bytes).forEachRecord(decompressor: Decompressor()) { record in
                found = ControlRecord(record)
                return true
            }
            return found
        }
    }
}
