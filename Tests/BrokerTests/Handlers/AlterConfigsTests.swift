import KafkaProtocol
import Testing

@Suite("IncrementalAlterConfigs")
struct AlterConfigsTests {
    @Test(arguments: 0...1 as ClosedRange<Int16>)
    func `a topic's settings are set and taken back, and told with their source`(
        version: Int16
    ) async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders", configs: ["segment.bytes": "2000000"])

            let set = try await client.alter(
                2, "orders", [("retention.ms", 0, "5000"), ("segment.bytes", 1, nil)],
                version: version)
            let described = try await client.describe(2, "orders")

            #expect(set == .none)
            #expect(described["retention.ms"]?.value == "5000")
            #expect(described["retention.ms"]?.configSource == 1)
            #expect(described["segment.bytes"]?.value == "1073741824")
            #expect(described["segment.bytes"]?.configSource == 5)
            #expect(try await client.alter(2, "orders", [("retention.ms", 1, nil)]) == .none)
            #expect(try await client.describe(2, "orders")["retention.ms"]?.configSource != 1)
            // What is not set is not missed.
            #expect(try await client.alter(2, "orders", [("retention.ms", 1, nil)]) == .none)
        }
    }

    @Test
    func `words go into lists and out of them`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            func policy() async throws -> String? {
                try await client.describe(2, "orders")["cleanup.policy"]?.value
            }

            // The default is what words are appended to.
            #expect(
                try await client.alter(2, "orders", [("cleanup.policy", 2, "compact")]) == .none)
            #expect(try await policy() == "delete,compact")
            #expect(
                try await client.alter(2, "orders", [("cleanup.policy", 2, "compact, delete")])
                    == .none)
            #expect(try await policy() == "delete,compact")
            #expect(
                try await client.alter(2, "orders", [("cleanup.policy", 3, "delete")]) == .none)
            #expect(try await policy() == "compact")
            #expect(
                try await client.alter(2, "orders", [("cleanup.policy", 2, "shred")])
                    == .invalidConfig)
            #expect(try await policy() == "compact")
        }
    }

    @Test
    func `what is changed is still so after a restart`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders", configs: ["segment.bytes": "2000000"])
        _ = try await client.alter(
            2, "orders", [("retention.ms", 0, "5000"), ("segment.bytes", 1, nil)])
        _ = try await client.alter(4, "1", [("log.retention.bytes", 0, "777")])
        _ = try await client.alter(4, "", [("message.max.bytes", 0, "2000000")])
        await broker.stop()

        let again = try await TestBroker.start(folder: broker.folder)
        let other = try await again.connect()
        let topic = try await other.describe(2, "orders")
        let all = try await other.describe(4, "")
        await again.stop()

        #expect(topic["retention.ms"]?.value == "5000")
        #expect(topic["segment.bytes"]?.configSource == 5)
        #expect(topic["retention.bytes"]?.value == "777")
        #expect(topic["retention.bytes"]?.configSource == 2)
        #expect(topic["max.message.bytes"]?.value == "2000000")
        #expect(topic["max.message.bytes"]?.configSource == 3)
        #expect(all.keys.sorted() == ["message.max.bytes"])
    }

    @Test
    func `a topic's value wins over this broker's, all brokers', the start's and the default`()
        async throws
    {
        try await TestBroker.run(["log.retention.minutes": "1"]) { _, client in
            try await client.createTopic("orders")
            func retention() async throws -> [String?] {
                let entry = try await client.describe(2, "orders")["retention.ms"]
                return [entry?.value, "\(entry?.configSource ?? 0)"]
            }

            // The harness starts brokers with log.retention.ms: the finer key wins.
            #expect(try await retention() == ["-1", "4"])
            _ = try await client.alter(4, "", [("log.retention.minutes", 0, "2")])
            // A source of higher rank wins by any of the key's names.
            #expect(try await retention() == ["120000", "3"])
            _ = try await client.alter(4, "1", [("log.retention.hours", 0, "3")])
            #expect(try await retention() == ["10800000", "2"])
            _ = try await client.alter(2, "orders", [("retention.ms", 0, "4")])
            #expect(try await retention() == ["4", "1"])

            let synonyms = try await client.describe(2, "orders")["retention.ms"]?.synonyms
            #expect(synonyms?.map(\.source) == [1, 2, 3, 4, 4, 5])
            #expect(
                synonyms?.map(\.name) == [
                    "retention.ms", "log.retention.hours", "log.retention.minutes",
                    "log.retention.ms", "log.retention.minutes", "log.retention.hours",
                ])
            let broker = try await client.describe(4, "1")
            #expect(broker["log.retention.hours"]?.value == "3")
            #expect(broker["log.retention.hours"]?.configSource == 2)
            #expect(broker["log.retention.hours"]?.readOnly == false)
            #expect(broker["log.retention.minutes"]?.configSource == 3)
            #expect(broker["node.id"]?.readOnly == true)

            _ = try await client.alter(2, "orders", [("retention.ms", 1, nil)])
            _ = try await client.alter(4, "1", [("log.retention.hours", 1, nil)])
            _ = try await client.alter(4, "", [("log.retention.minutes", 1, nil)])
            #expect(try await retention() == ["-1", "4"])
        }
    }

    @Test
    func `a change is in effect when it is answered, also for topics made later`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            let large = Batch.ofOne(valueByteCount: 3_000)
            #expect(try await client.produce(large, to: "orders").errorCode == .none)

            _ = try await client.alter(2, "orders", [("max.message.bytes", 0, "1000")])
            #expect(try await client.produce(large, to: "orders").errorCode == .messageTooLarge)
            _ = try await client.alter(2, "orders", [("max.message.bytes", 1, nil)])
            #expect(try await client.produce(large, to: "orders").errorCode == .none)
            _ = try await client.alter(4, "1", [("message.max.bytes", 0, "1000")])
            #expect(try await client.produce(large, to: "orders").errorCode == .messageTooLarge)

            try await client.createTopic("later")
            #expect(try await client.produce(large, to: "later").errorCode == .messageTooLarge)
        }
    }

    @Test
    func `nothing changes where it is only asked whether it could`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            let fine = try await client.alter(
                2, "orders", [("retention.ms", 0, "5000")], validateOnly: true)
            let broker = try await client.alter(
                4, "1", [("log.retention.ms", 0, "5000")], validateOnly: true)
            let bad = try await client.alter(
                2, "orders", [("retention.ms", 0, "x")], validateOnly: true)

            #expect([fine, broker, bad] == [.none, .none, .invalidConfig])
            #expect(try await client.describe(2, "orders")["retention.ms"]?.configSource == 4)
        }
    }

    @Test(
        arguments: [
            (2, "orders", [("no.such.key", 0, "1")], .invalidConfig),
            (2, "orders", [("retention.ms", 0, "x")], .invalidConfig),
            (2, "orders", [("retention.ms", 0, "5"), ("segment.bytes", 0, "1")], .invalidConfig),
            (2, "orders", [("retention.ms", 2, "5")], .invalidConfig),
            (2, "orders", [("no.such.key", 3, "5")], .invalidConfig),
            (2, "orders", [("retention.ms", 0, nil)], .invalidRequest),
            (2, "orders", [("retention.ms", 4, "5")], .invalidRequest),
            (2, "orders", [("retention.ms", 0, "5"), ("retention.ms", 0, "6")], .invalidRequest),
            (2, "missing", [("retention.ms", 0, "5")], .unknownTopicOrPartition),
            (2, "missing", [("retention.ms", 0, "x")], .invalidConfig),
            (2, "a/b", [("retention.ms", 0, "5")], .invalidTopicException),
            (2, "", [("retention.ms", 0, "5")], .invalidRequest),
            (4, "1", [("num.partitions", 0, "5")], .invalidRequest),
            (4, "1", [("log.retention.ms", 0, "x")], .invalidRequest),
            (4, "1", [("no.such.key", 0, "x")], .invalidRequest),
            (4, "", [("listeners", 0, "PLAINTEXT://:1")], .invalidRequest),
            (4, "7", [("log.retention.ms", 0, "5")], .invalidRequest),
            (4, "one", [("log.retention.ms", 0, "5")], .invalidRequest),
            (8, "1", [("root", 0, "DEBUG")], .invalidRequest),
            (32, "group", [], .invalidRequest),
        ] as [(Int8, String, [(String, Int8, String?)], ErrorCode)])
    func `what cannot be is refused with Kafka's code, whole`(
        kind: Int8, name: String, changes: [(String, Int8, String?)], code: ErrorCode
    ) async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            let found = try await client.alter(kind, name, changes)

            #expect(found == code)
            #expect(try await client.describe(2, "orders")["retention.ms"]?.value == "-1")
        }
    }

    @Test
    func `a resource that comes twice is refused both times, the others are changed`()
        async throws
    {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            try await client.createTopic("invoices")
            func change(_ topic: String) -> IncrementalAlterConfigsRequest.Resource {
                .init(
                    resourceType: 2, resourceName: topic,
                    configs: [.init(name: "retention.ms", configOperation: 0, value: "5")])
            }

            let response = try await client.send(
                IncrementalAlterConfigsRequest(resources: [
                    change("orders"), change("missing"), change("invoices"), change("orders"),
                ]), version: 1)

            #expect(
                response.responses.map(\.errorCode) == [
                    .invalidRequest, .unknownTopicOrPartition, .none, .invalidRequest,
                ])
            #expect(response.responses.map(\.resourceName)[2] == "invoices")
            #expect(try await client.describe(2, "orders")["retention.ms"]?.configSource == 4)
            #expect(try await client.describe(2, "invoices")["retention.ms"]?.value == "5")
        }
    }
}

extension KafkaClient {
    /// Changes settings of one resource and gives the code of the answer.
    func alter(
        _ kind: Int8, _ name: String, _ changes: [(String, Int8, String?)],
        validateOnly: Bool = false, version: Int16 = 1
    ) async throws -> ErrorCode {
        let response = try await send(
            IncrementalAlterConfigsRequest(
                resources: [
                    .init(
                        resourceType: kind, resourceName: name,
                        configs: changes.map {
                            .init(name: $0.0, configOperation: $0.1, value: $0.2)
                        })
                ], validateOnly: validateOnly), version: version)
        return response.responses[0].errorCode
    }

    /// The settings of one resource by their keys, with synonyms.
    func describe(
        _ kind: Int8, _ name: String
    ) async throws -> [String: DescribeConfigsResponse.Config] {
        let response = try await send(
            DescribeConfigsRequest(
                resources: [.init(resourceType: kind, resourceName: name)],
                includeSynonyms: true), version: 4)
        return Dictionary(
            response.results[0].configs.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }
}
