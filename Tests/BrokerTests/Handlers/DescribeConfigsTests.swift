import KafkaProtocol
import Testing

@Suite("DescribeConfigs")
struct DescribeConfigsTests {
    @Test(arguments: 1...4 as ClosedRange<Int16>)
    func `a topic shows its own values and where the others come from`(
        version: Int16
    ) async throws {
        try await TestBroker.run(["message.max.bytes": "2000000"]) { _, client in
            try await client.createTopic("orders", configs: ["retention.ms": "5000"])

            let response = try await client.send(
                DescribeConfigsRequest(
                    resources: [.init(resourceType: 2, resourceName: "orders")],
                    includeSynonyms: true), version: version)

            let configs = response.results[0].configs
            let retention = configs.first { $0.name == "retention.ms" }
            let size = configs.first { $0.name == "max.message.bytes" }
            #expect(response.results[0].errorCode == .none)
            #expect(retention?.value == "5000")
            #expect(retention?.configSource == 1)
            #expect(size?.value == "2000000")
            #expect(size?.configSource == 4)
            #expect(size?.synonyms.map(\.name).first == "message.max.bytes")
        }
    }

    @Test
    func `only the keys that were asked for are shown, with their documentation`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            let response = try await client.send(
                DescribeConfigsRequest(
                    resources: [
                        .init(
                            resourceType: 2, resourceName: "orders",
                            configurationKeys: ["segment.bytes"])
                    ], includeDocumentation: true), version: 3)

            #expect(response.results[0].configs.map(\.name) == ["segment.bytes"])
            #expect(response.results[0].configs[0].documentation?.isEmpty == false)
            #expect(response.results[0].configs[0].synonyms.isEmpty)
        }
    }

    @Test
    func `a resource that is named many times is described once`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            let response = try await client.send(
                DescribeConfigsRequest(
                    resources: Array(
                        repeating: .init(resourceType: 2, resourceName: "orders"), count: 100_000)),
                version: 4)

            #expect(response.results.count == 1)
        }
    }

    @Test
    func `the broker shows its own`() async throws {
        try await TestBroker.run { _, client in
            let response = try await client.send(
                DescribeConfigsRequest(
                    resources: [.init(resourceType: 4, resourceName: "1")]), version: 4)

            #expect(
                response.results[0].configs.first { $0.name == "num.partitions" }?.value == "1")
        }
    }

    @Test
    func `a broker that took its number from the data folder answers to that one`() async throws {
        let first = try await TestBroker.start(["node.id": "7"])
        await first.stop()
        let broker = try await TestBroker.start(folder: first.folder)
        let client = try await broker.connect()

        let response = try await client.send(
            DescribeConfigsRequest(
                resources: [
                    .init(
                        resourceType: 4, resourceName: "7", configurationKeys: ["node.id"]),
                    .init(resourceType: 4, resourceName: "1"),
                ]), version: 4)
        await broker.stop()

        #expect(response.results.map(\.errorCode) == [.none, .invalidRequest])
        #expect(response.results[0].configs.map(\.value) == ["7"])
    }

    @Test
    func `what is not there gets its code`() async throws {
        try await TestBroker.run { _, client in
            let response = try await client.send(
                DescribeConfigsRequest(resources: [
                    .init(resourceType: 2, resourceName: "missing"),
                    .init(resourceType: 2, resourceName: "a/b"),
                    .init(resourceType: 4, resourceName: "77"),
                    .init(resourceType: 99, resourceName: "x"),
                ]), version: 4)

            #expect(
                response.results.map(\.errorCode) == [
                    .unknownTopicOrPartition, .invalidTopicException, .invalidRequest,
                    .invalidRequest,
                ])
        }
    }
}
