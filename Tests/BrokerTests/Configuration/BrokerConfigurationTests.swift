import Glibc
import Testing

@testable import Broker

@Suite("Settings of a broker")
struct BrokerConfigurationTests {
    private func withFile<Result>(
        _ text: String, _ body: (String) throws -> Result
    ) throws -> Result {
        var path = Array("/tmp/millrace-settings-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        let bytes = Array(text.utf8)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(name) }
        return try body(name)
    }

    private func problem(_ settings: [String: String]) -> String? {
        do throws(ConfigurationError) {
            _ = try BrokerConfiguration(settings)
            return nil
        } catch {
            return error.description
        }
    }

    // MARK: Defaults

    @Test func `without settings the defaults hold`() throws {
        let configuration = try BrokerConfiguration(["num.network.threads": "1"])

        #expect(configuration.nodeID == 1)
        #expect(configuration.listener == Endpoint(host: "127.0.0.1", port: 9092))
        #expect(configuration.advertisedListener == nil)
        #expect(configuration.dataFolder == "data")
        #expect(configuration.topicDefaults.durability == .sync)
        #expect(configuration.topicDefaults.maxMessageBytes == 1_048_588)
        #expect(configuration.topicDefaults.retentionMilliseconds == 604_800_000)
        #expect(configuration.topicDefaults.timestampBeforeMaxMilliseconds == nil)
        #expect(configuration.topicDefaults.timestampAfterMaxMilliseconds == 3_600_000)
        #expect(configuration.topicDefaults.flushMilliseconds == nil)
        #expect(configuration.transport == TransportLimits.asDeclared)
        #expect(try BrokerConfiguration().eventLoopCount >= 1)
        #expect(configuration.pageCacheBudgetBytes > 0)
    }

    @Test(arguments: BrokerKeys.all + TopicKeys.all)
    func `every default is a value that would be accepted`(key: SettingKey) {
        if let value = key.defaultValue, !value.isEmpty {
            #expect(key.problem(with: value) == nil)
        }
        #expect(!key.documentation.isEmpty)
        for twin in key.twins {
            #expect(BrokerKeys.byName[twin.name] != nil, "\(key.name) names \(twin.name)")
        }
    }

    // MARK: Precedence

    @Test func `flag over set over environment over file over default`() throws {
        let keys = ["num.partitions", "fetch.max.bytes", "node.id", "message.max.bytes"]
        let file = keys.map { "\($0)=2000" }.joined(separator: "\n")
        let configuration = try withFile(file) { path in
            try BrokerConfiguration.load(
                flags: [("--partitions", "num.partitions", "5000")],
                assignments: ["num.partitions=4000", "fetch.max.bytes=4000"],
                environment: [
                    "MILLRACE_NUM_PARTITIONS": "3000", "MILLRACE_FETCH_MAX_BYTES": "3000",
                    "MILLRACE_NODE_ID": "3000", "MILLRACE_TEST_DATA": "x", "PATH": "/bin",
                ],
                file: path)
        }

        #expect(configuration.defaultPartitionCount == 5_000)
        #expect(configuration.maxFetchBytes == 4_000)
        #expect(configuration.nodeID == 3_000)
        #expect(configuration.topicDefaults.maxMessageBytes == 2_000)
        #expect(configuration.defaultReplicationFactor == 1)
    }

    @Test func `of a repeated assignment the last one wins`() throws {
        let configuration = try BrokerConfiguration.load(
            assignments: ["node.id=1", "node.id = 7"])

        #expect(configuration.nodeID == 7)
    }

    @Test func `log dirs rank above log dir, whatever the source`() throws {
        let configuration = try BrokerConfiguration.load(
            flags: [("--data", "log.dirs", "/a")], assignments: ["log.dir=/b"])

        #expect(configuration.dataFolder == "/a")
    }

    // MARK: Mistakes

    @Test func `unknown keys are all named, with what was perhaps meant`() throws {
        let error = try withFile("# x\nnum.partition=1\n") { path in
            #expect(throws: ConfigurationError.self) {
                try BrokerConfiguration.load(
                    assignments: ["process.roles=broker"],
                    environment: ["MILLRACE_LOG_DURABLITY": "os"], file: path)
            }.map { ($0.description, path) }
        }

        let (text, path) = try #require(error)
        #expect(
            text == """
                unknown key process.roles (from --set)
                unknown key log.durablity (from the environment variable MILLRACE_LOG_DURABLITY); \
                did you mean log.durability?
                unknown key num.partition (from \(path):2); did you mean num.partitions?
                """)
    }

    @Test(arguments: [
        ("num.partitions", "0", "a whole number of at least 1"),
        ("num.partitions", "many", "a whole number of at least 1"),
        ("num.partitions", "99999999999", "a whole number of at least 1"),
        ("num.partitions", "", "a whole number of at least 1"),
        ("default.replication.factor", "40000", "a whole number from 1 to 32767"),
        ("socket.send.buffer.bytes", "0", "-1, or a whole number of at least 1"),
        ("auto.create.topics.enable", "yes", "true or false"),
        ("log.durability", "always", "one of sync, interval, os"),
        ("log.cleanup.policy", "delete,keep", "a list of delete, compact"),
        ("log.cleanup.policy", ",", "a list of delete, compact"),
        ("log.retention.ms", "0", "-1, or a whole number of at least 1"),
        ("log.retention.minutes", "0", "-1, or a whole number of at least 1"),
        ("log.retention.hours", "0", "-1, or a whole number of at least 1"),
        ("log.cleaner.min.cleanable.ratio", "1.5", "a number from 0.0 to 1.0"),
        ("log.cleaner.min.cleanable.ratio", "nan", "a number from 0.0 to 1.0"),
        ("compression.type", "brotli", "one of producer, uncompressed, gzip, snappy, lz4, zstd"),
        ("listeners", "127.0.0.1:9092", "PLAINTEXT://host:port"),
        ("listeners", "SSL://:9093", "PLAINTEXT://host:port; SSL is not offered in this version"),
        ("listeners", "PLAINTEXT://:99999", "PLAINTEXT://host:port with a port from 0 to 65535"),
        ("listeners", "PLAINTEXT://a", "PLAINTEXT://host:port with a port from 0 to 65535"),
        (
            "listeners", "PLAINTEXT://a:1,PLAINTEXT://b:2",
            "exactly one listener, as PLAINTEXT://host:port"
        ),
        ("log.segment.bytes", "1000", "a whole number of at least 1048576"),
        ("log.level", "loud", "one of trace, debug, info, notice, warning, error, critical"),
    ])
    func `a bad value is told with its key, source and what is allowed`(
        key: String, value: String, allowed: String
    ) {
        #expect(
            problem([key: value])
                == "\(key) = \"\(value)\" (from --set) is not allowed; expected \(allowed)")
    }

    @Test func `bad values that a better source hides are told too`() {
        let error = #expect(throws: ConfigurationError.self) {
            try BrokerConfiguration.load(
                assignments: ["node.id=1"], environment: ["MILLRACE_NODE_ID": "x"])
        }

        #expect(
            error?.description
                == "node.id = \"x\" (from the environment variable MILLRACE_NODE_ID) is not allowed;"
                + " expected a whole number of at least 0")
    }

    @Test(arguments: ["num.partitions", "=3", ""])
    func `an assignment without a key and a value is explained`(text: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try BrokerConfiguration.load(assignments: [text])
        }

        #expect(
            error?.description
                == "--set \(text): expected key=value, such as --set num.partitions=3")
    }

    @Test func `settings that contradict each other are refused`() {
        #expect(
            problem(["log.dirs": "/a,/b"])
                == "log.dirs names 2 folders; this version keeps its data in one")
        #expect(
            problem(["advertised.listeners": "PLAINTEXT://:9092"])
                == "advertised.listeners needs a host and a port that clients can reach")
    }

    // MARK: Meanings

    @Test(arguments: [
        ("PLAINTEXT://:9092", "", 9092), ("plaintext://0.0.0.0:0", "0.0.0.0", 0),
        ("PLAINTEXT://[::1]:9092", "::1", 9092),
        (" PLAINTEXT://broker.example:65535 ", "broker.example", 65535),
    ])
    func `listeners are hosts and ports`(text: String, host: String, port: Int) throws {
        let configuration = try BrokerConfiguration(["listeners": text])

        #expect(configuration.listener == Endpoint(host: host, port: port))
    }

    @Test func `memory for large requests is shared out among the event loops`() throws {
        let configuration = try BrokerConfiguration([
            "num.network.threads": "4", "queued.max.request.bytes": "4000",
        ])

        #expect(configuration.transport.queuedFrameBytes == 1_000)
    }

    @Test func `negative sizes leave sockets to the system, a negative time keeps connections`()
        throws
    {
        let configuration = try BrokerConfiguration([
            "socket.send.buffer.bytes": "-1", "socket.receive.buffer.bytes": "-1",
            "connections.max.idle.ms": "-1", "queued.max.request.bytes": "-1",
        ])

        #expect(configuration.transport.sendBufferBytes == nil)
        #expect(configuration.transport.receiveBufferBytes == nil)
        #expect(configuration.transport.idleMilliseconds == nil)
        #expect(configuration.transport.queuedFrameBytes > 1 << 60)
    }
}

extension SettingKey: CustomTestStringConvertible {
    public var testDescription: String { name }
}

extension TransportLimits {
    /// The limits that the declared defaults lead to.
    static var asDeclared: TransportLimits {
        var limits = TransportLimits()
        limits.listenBacklog = 50
        return limits
    }
}
