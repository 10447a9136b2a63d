import Broker
import KafkaProtocol
import Logging
import TestData

/// A broker on a free port with a data folder of its own.
struct TestBroker: Sendable {
    let folder: String
    let running: RunningBroker

    var port: Int { running.endpoint.port }

    /// Starts a broker; `settings` come on top of a free port and the folder.
    static func start(
        _ settings: [String: String] = [:], folder: String? = nil
    ) async throws -> TestBroker {
        let folder = try folder ?? temporaryFolder(named: "millrace-broker")
        // Small files: each broker makes its own when it is first written to.
        var all = ["log.journal.bytes": "4194304"].merging(settings) { $1 }
        all["listeners"] = "PLAINTEXT://127.0.0.1:0"
        all["log.dirs"] = folder
        // The records of the tests have times of their own.
        all["log.retention.ms"] = settings["log.retention.ms"] ?? "-1"
        let service = BrokerService(
            configuration: try BrokerConfiguration(all),
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
            makeCore: { try await Node.start(configuration: $0, loops: $1, logger: $2) })
        return TestBroker(folder: folder, running: try await service.start())
    }

    /// Runs `body` with a broker and a connection to it, and stops the broker afterwards.
    static func run(
        _ settings: [String: String] = [:],
        _ body: (TestBroker, KafkaClient) async throws -> Void
    ) async throws {
        let broker = try await start(settings)
        do {
            let client = try await broker.connect()
            try await body(broker, client)
            await client.close()
        } catch {
            await broker.stop()
            throw error
        }
        await broker.stop()
    }

    func connect() async throws -> KafkaClient { try await KafkaClient.connect(to: port) }

    func stop() async { await running.stop() }
}

extension KafkaClient {
    /// Creates a topic and gives its id; throws where the broker refuses.
    @discardableResult
    func createTopic(
        _ name: String, partitions: Int32 = 1, configs: [String: String] = [:]
    ) async throws -> CreateTopicsResponse.Topic {
        let response = try await send(
            CreateTopicsRequest(topics: [
                CreateTopicsRequest.Topic(
                    name: name, numPartitions: partitions, replicationFactor: -1,
                    configs: configs.map {
                        CreateTopicsRequest.Config(name: $0.key, value: $0.value)
                    })
            ]), version: 7)
        guard let topic = response.topics.first, topic.errorCode == .none else {
            throw UnexpectedCode(code: response.topics.first?.errorCode)
        }
        return topic
    }
}

struct UnexpectedCode: Error {
    let code: ErrorCode?
}
