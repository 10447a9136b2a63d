import Logging
import NIOCore
import NIOPosix
import Testing
import Vocabulary

@testable import Broker

@Suite("Start and stop of a broker", .serialized)
struct BrokerServiceTests {
    private func makeService(
        _ core: RecordingCore, listener: String = "PLAINTEXT://127.0.0.1:0"
    ) throws -> BrokerService {
        BrokerService(
            configuration: try BrokerConfiguration([
                "listeners": listener, "num.network.threads": "2",
            ]),
            logger: .quiet,
            makeCore: { _, loops, _ in
                core.note("start on \(loops.count) loops")
                return core
            })
    }

    @Test func `a stop answers what is parked, then closes the data`() async throws {
        let core = RecordingCore()
        let broker = try await makeService(core).start()
        let clients = MultiThreadedEventLoopGroup(numberOfThreads: 1)

        try await TestClient.connect(to: broker.endpoint, group: clients) { client in
            try await client.send(Wire.frame(9))
            #expect(await eventually { core.parkedCount == 1 })

            async let stopped: Void = broker.stop()

            #expect(try await client.next()?.correlationID == 9)
            #expect(try await client.next() == nil)
            await stopped
        }

        #expect(core.events == ["start on 2 loops", "finish parked", "close"])
        try await clients.shutdownGracefully()
    }

    @Test func `a stop without connections is immediate`() async throws {
        let core = RecordingCore()
        let broker = try await makeService(core).start()

        await broker.stop()

        #expect(core.events.last == "close")
    }

    @Test func `a core that cannot start leaves nothing behind`() async throws {
        struct NoData: Error {}
        let service = BrokerService(
            configuration: try BrokerConfiguration(["listeners": "PLAINTEXT://127.0.0.1:0"]),
            logger: .quiet, makeCore: { _, _, _ in throw NoData() })

        await #expect(throws: NoData.self) { try await service.start() }
    }

    @Test func `a port that is taken closes the data again`() async throws {
        let first = try await makeService(RecordingCore()).start()
        let core = RecordingCore()
        let service = try makeService(core, listener: "PLAINTEXT://\(first.endpoint)")

        await #expect(throws: ListenError.self) { try await service.start() }

        #expect(core.events == ["start on 2 loops", "close"])
        await first.stop()
    }
}

/// Parks every request until it is told to finish, and keeps a record of what it is told.
private final class RecordingCore: BrokerServing {
    let nodeID = BrokerID(1)
    private let state = Lock((events: [String](), parked: [Request]()))

    var events: [String] { state.withLock { $0.events } }
    var parkedCount: Int { state.withLock { $0.parked.count } }

    func note(_ event: String) { state.withLock { $0.events.append(event) } }

    func handle(_ request: Request) { state.withLock { $0.parked.append(request) } }

    func connectionClosed(_ connection: ConnectionInfo) {}

    func finishParked() async {
        note("finish parked")
        let parked = state.withLock { state in
            defer { state.parked = [] }
            return state.parked
        }
        for request in parked { request.answer(EchoHandling.echo(request)) }
    }

    func close() async { note("close") }
}
