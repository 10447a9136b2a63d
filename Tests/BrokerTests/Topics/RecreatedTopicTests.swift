import Glibc
import KafkaProtocol
import TestData
import Testing

@Suite("Topics made anew under the name of a deleted one")
struct RecreatedTopicTests {
    @Test
    func
        `checkpoints that could not be written when a topic was deleted do not hide the next one's records`()
        async throws
    {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders")
        _ = try await client.produce(Batch.of(["a", "b", "c"]), to: "orders")
        #expect(try await client.deleteRecords(before: 2) == ErrorCode.none)
        // In the way of the file that is to become the checkpoint.
        let obstacle = "\(broker.folder)/log-start-offset-checkpoint.tmp"
        mkdir(obstacle, 0o755)
        let deleted = try await client.send(
            DeleteTopicsRequest(topics: [.init(name: "orders")], timeoutMs: 1_000), version: 6)
        #expect(deleted.responses.map(\.errorCode) == [.none])

        await #expect {
            try await client.createTopic("orders")
        } throws: { error in
            (error as? UnexpectedCode)?.code == .kafkaStorageError
        }
        rmdir(obstacle)
        try await client.createTopic("orders")
        let sent = try await client.produce(Batch.of(["d", "e", "f"]), to: "orders")
        #expect(sent.errorCode == .none)
        let copy = try temporaryFolder(named: "millrace-crash")
        try DataFolderCopy.make(of: broker.folder, at: copy)
        await broker.stop()

        let again = try await TestBroker.start(folder: copy)
        let found = try await again.connect().fetch("orders", from: 0)
        await again.stop()

        #expect(found.errorCode == .none)
        #expect(found.logStartOffset == 0)
        #expect(try found.values == ["d", "e", "f"])
    }
}

extension KafkaClient {
    fileprivate func deleteRecords(before offset: Int64) async throws -> ErrorCode? {
        let response = try await send(
            DeleteRecordsRequest(
                topics: [
                    .init(name: "orders", partitions: [.init(partitionIndex: 0, offset: offset)])
                ], timeoutMs: 10_000), version: 2)
        return response.topics.first?.partitions.first?.errorCode
    }
}
