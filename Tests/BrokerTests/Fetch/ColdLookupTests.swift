import KafkaProtocol
import Simulation
import Testing
import Vocabulary

@testable import Broker

@Suite("Finding records that are not in memory")
struct ColdLookupTests {
    /// A shard with more batches than the log remembers the places of, and none in memory.
    private func cold() throws -> EmbeddedShard {
        let embedded = try EmbeddedShard(durability: "os")
        try embedded.createTopic("orders")
        for number in 0..<300 {
            let batch = try Batch.of(["v\(number)"], timestamp: 1_000 + Int64(number))
            embedded.send(ProduceApi.self, .one(batch, to: "orders", acks: 1), version: 9)
            embedded.endTick()
        }
        embedded.finishDisk()
        embedded.disk.forgetPages()
        return embedded
    }

    private func fetch(_ embedded: EmbeddedShard, from offset: Int64) -> UInt64 {
        var request = FetchRequest.sessionless("orders", [0: offset])
        request.topics[0].partitions[0].partitionMaxBytes = 1
        request.maxWaitMs = 60_000
        return embedded.send(FetchApi.self, request, version: 12)
    }

    private func fetched(
        _ embedded: EmbeddedShard, _ number: UInt64
    ) throws -> FetchResponse.Partition? {
        try embedded.answer(to: number, as: FetchResponse.self, version: 12)?
            .responses[0].partitions[0]
    }

    @Test
    func `a fetch looks again when what it lacked has been read in`() throws {
        let embedded = try cold()

        let number = fetch(embedded, from: 7)
        let before = try fetched(embedded, number)
        let submitted = embedded.disk.trace.count {
            $0.operation == "read" && $0.phase == .submitted
        }
        embedded.finishDisk()

        #expect(before == nil)
        #expect(submitted == 1)
        #expect(try fetched(embedded, number)?.values == ["v7"])
    }

    @Test
    func `a fetch whose client leaves meanwhile is not answered`() throws {
        let embedded = try cold()

        let number = fetch(embedded, from: 7)
        embedded.shard.connectionClosed(1)
        embedded.finishDisk()

        #expect(!embedded.answers.has(number))
    }

    @Test
    func `a fetch is answered with an error when the topic goes meanwhile`() throws {
        let embedded = try cold()
        let topic = try #require(embedded.services.topics.current.byName["orders"])

        let number = fetch(embedded, from: 7)
        _ = embedded.shard.remove(slot: 0, topicID: topic.id)
        embedded.finishDisk()

        #expect(try fetched(embedded, number)?.errorCode == .unknownTopicOrPartition)
    }

    @Test
    func `a timestamp is looked up without making the loop wait`() throws {
        let embedded = try cold()
        let request = ListOffsetsRequest(
            replicaID: -1, isolationLevel: 0,
            topics: [
                .init(
                    name: "orders",
                    partitions: [.init(partitionIndex: 0, timestamp: 1_007)])
            ])

        let number = embedded.send(ListOffsetsApi.self, request, version: 5)
        embedded.endTick()
        let before = embedded.answers.has(number)
        embedded.finishDisk()
        embedded.endTick()

        #expect(!before)
        let answer = try embedded.answer(to: number, as: ListOffsetsResponse.self, version: 5)
        #expect(answer?.topics[0].partitions[0].offset == 7)
        let performed = embedded.disk.trace.count {
            $0.operation == "read" && $0.path.hasSuffix(".log") && $0.phase == .effective
        }
        let submitted = embedded.disk.trace.count {
            $0.operation == "read" && $0.path.hasSuffix(".log") && $0.phase == .submitted
        }
        #expect(performed == submitted)
    }
}
