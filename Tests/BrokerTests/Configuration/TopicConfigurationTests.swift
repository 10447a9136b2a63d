import Testing
import Vocabulary

@testable import Broker

@Suite("Settings of a topic")
struct TopicConfigurationTests {
    private func entry(
        _ name: String, _ overrides: [String: String] = [:], broker: [String: String] = [:]
    ) throws -> ConfigurationEntry {
        let entries = try BrokerConfiguration(broker).describeTopic(overrides: overrides)
        return try #require(entries.first { $0.key.name == name })
    }

    @Test func `a topic's own value counts, then the broker's, then the default`() throws {
        let broker = try BrokerConfiguration(["log.segment.bytes": "2000000"])

        let plain = try TopicConfiguration(overrides: [:], broker: broker)
        let own = try TopicConfiguration(overrides: ["segment.bytes": "3000000"], broker: broker)

        #expect(plain.segmentBytes == 2_000_000)
        #expect(own.segmentBytes == 3_000_000)
        #expect(own.segmentIndexBytes == 10_485_760)
        #expect(own.overrides == ["segment.bytes": "3000000"])
    }

    @Test(
        arguments: [
            (["log.roll.hours": "2"], 7_200_000), (["log.roll.ms": "5", "log.roll.hours": "2"], 5),
            ([:], 604_800_000),
        ] as [([String: String], Int64)])
    func `hours become milliseconds, the finer key wins`(
        broker: [String: String], milliseconds: Int64
    ) throws {
        let configuration = try BrokerConfiguration(broker)

        #expect(configuration.topicDefaults.segmentMilliseconds == milliseconds)
    }

    @Test(
        arguments: [
            (["log.retention.hours": "-1"], nil), (["log.retention.minutes": "3"], 180_000),
            (["log.retention.ms": "-1", "log.retention.hours": "3"], nil),
        ] as [([String: String], Int64?)])
    func `records may be kept for ever`(broker: [String: String], kept: Int64?) throws {
        #expect(try BrokerConfiguration(broker).topicDefaults.retentionMilliseconds == kept)
    }

    @Test func `flushing every message is durability`() throws {
        let broker = try BrokerConfiguration(["log.durability": "os"])

        let topic = try TopicConfiguration(overrides: ["flush.messages": "1"], broker: broker)

        #expect(broker.topicDefaults.durability == .os)
        #expect(topic.durability == .sync)
    }

    @Test(arguments: [
        ("cleanup.policy", "compact,delete", [CleanupPolicy.compact, .delete]),
        ("cleanup.policy", "compact", [.compact]),
        ("cleanup.policy", "", []),
    ])
    func `policies are sets`(key: String, value: String, policies: [CleanupPolicy]) throws {
        let topic = try TopicConfiguration(
            overrides: [key: value], broker: BrokerConfiguration())

        #expect(topic.cleanupPolicy == policies.reduce(into: []) { $0.insert($1) })
    }

    @Test func `an empty policy of the broker keeps everything`() throws {
        let broker = try BrokerConfiguration(["log.cleanup.policy": ""])

        #expect(broker.topicDefaults.cleanupPolicy == [])
    }

    @Test(
        arguments: [
            (
                ["min.compaction.lag.ms": "9", "max.compaction.lag.ms": "8"],
                "min.compaction.lag.ms"
            ),
            (["max.compaction.lag.ms": "4"], "max.compaction.lag.ms"),
            (["min.compaction.lag.ms": "8", "max.compaction.lag.ms": "8"], nil),
            ([:], nil),
        ] as [([String: String], String?)])
    func `the lags of compaction may not contradict each other`(
        overrides: [String: String], key: String?
    ) throws {
        let broker = try BrokerConfiguration(["log.cleaner.min.compaction.lag.ms": "5"])

        var refused: String?
        do throws(TopicSettingError) {
            _ = try TopicConfiguration(overrides: overrides, broker: broker)
        } catch {
            refused = error.key
        }

        #expect(refused == key)
    }

    @Test func `a topic may keep records for no time at all`() throws {
        let topic = try TopicConfiguration(
            overrides: ["retention.ms": "0"], broker: BrokerConfiguration())

        #expect(topic.retentionMilliseconds == 0)
    }

    @Test(
        arguments: [
            (
                "segment.byte", "1",
                "a topic has no key segment.byte; did you mean segment.bytes?"
            ),
            ("nonsense", "1", "a topic has no key nonsense"),
            (
                "retention.ms", "-2",
                "retention.ms = -2 is not allowed; expected a whole number of at least -1"
            ),
            (
                "retention.ms", nil,
                "retention.ms = null is not allowed; expected a value"
            ),
            (
                "remote.storage.enable", "true",
                "remote.storage.enable = true is not allowed; expected one of false"
            ),
            (
                "compression.gzip.level", "10",
                "compression.gzip.level = 10 is not allowed; expected -1, or a whole number from 1 to 9"
            ),
            (
                "message.timestamp.type", "createtime",
                "message.timestamp.type = createtime is not allowed; expected one of CreateTime, LogAppendTime"
            ),
        ] as [(String, String?, String)])
    func `what a topic may not have is explained`(key: String, value: String?, text: String) {
        let error = #expect(throws: TopicSettingError.self) {
            try TopicConfiguration.check(key, value)
        }

        #expect(error?.description == text)
    }

    @Test func `a description names every source of a value, the first one wins`() throws {
        let entry = try entry(
            "segment.ms", ["segment.ms": "1000"],
            broker: ["log.roll.hours": "3", "log.roll.ms": "5000"])

        #expect(entry.value == "1000")
        #expect(entry.source == .topic)
        #expect(
            entry.synonyms == [
                .init(name: "segment.ms", value: "1000", source: .topic),
                .init(name: "log.roll.ms", value: "5000", source: .staticBroker),
                .init(name: "log.roll.hours", value: "3", source: .staticBroker),
                .init(name: "log.roll.hours", value: "168", source: .defaultValue),
            ])
    }

    @Test func `a default is described in the unit of the topic`() throws {
        let entry = try entry("retention.ms")

        #expect(entry.value == "604800000")
        #expect(entry.source == .defaultValue)
        #expect(!entry.isReadOnly)
    }

    @Test func `a broker's value is described with its source`() throws {
        let entries = try BrokerConfiguration(["node.id": "4"])
            .describeBroker(nodeID: BrokerID(4))

        let node = try #require(entries.first { $0.key.name == "node.id" })
        #expect(node.value == "4" && node.source == .staticBroker && node.isReadOnly)
        #expect(node.synonyms.map(\.value) == ["4", "1"])
        let fetch = try #require(entries.first { $0.key.name == "fetch.max.bytes" })
        #expect(fetch.source == .defaultValue)
        #expect(entries.count == BrokerKeys.all.count)
    }

    @Test func `a node's number that its data folder gave is described as set`() throws {
        let entries = try BrokerConfiguration().describeBroker(nodeID: BrokerID(7))

        let node = try #require(entries.first { $0.key.name == "node.id" })
        #expect(node.value == "7" && node.source == .staticBroker)
        #expect(node.synonyms.map(\.value) == ["7", "1"])
    }
}
