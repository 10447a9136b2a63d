import Disk
import KafkaProtocol
import Logging
import Metadata
import NIOCore
import NIOEmbedded
import NIOPosix
import SegmentStore
import Simulation
import Vocabulary

@testable import Broker

/// A shard on a loop that stands still until it is told to run, on a simulated disk: every moment
/// between an append and its acknowledgement can be looked at.
final class EmbeddedShard {
    let loop = EmbeddedEventLoop()
    let disk: SimulatedDisk
    let shard: Shard
    let services: Services
    let answers = AnswerLog()
    private let connection: ConnectionInfo
    private var nextTicket: UInt64 = 0

    /// - Parameters:
    ///   - seam: a disk to use instead of the simulated one, on which `folder` is there.
    init(
        on seam: (any Disk)? = nil, folder: String = "/data", seed: UInt64 = 1,
        durability: String = "sync", settings: StoreSettings = StoreSettings()
    ) throws {
        disk = SimulatedDisk(seed: seed)
        if seam == nil {
            _ = try disk.perform(.createFolder(path: folder))
            _ = try disk.perform(.syncFolder(path: "/"))
        }
        let configuration = try BrokerConfiguration([
            "log.dirs": folder, "log.durability": durability,
        ])
        let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let store = Store(disk: seam ?? disk, settings: settings)
        shard = Shard(
            index: 0, eventLoop: loop, store: store, configuration: configuration,
            coldReadPace: SharedReadPace(bytesPerSecond: nil), logger: logger)
        let handle = ShardHandle(shard)
        shard.outbox.connect([handle])
        let metadata = try EmbeddedMetadataStore(in: folder, store: store, now: Timestamp(0))
        shard.metadata = metadata
        let published = PublishedTopics()
        let sessions = FetchSessionCache(limit: 10)
        services = Services(
            configuration: configuration, clusterID: "tests", nodeID: BrokerID(1),
            topics: published,
            registry: TopicRegistry(
                // An embedded loop is no executor; nothing here asks the registry anything.
                executor: MultiThreadedEventLoopGroup.singleton.any().executor,
                metadata: MetadataGate(metadata, eventLoop: loop), shards: [handle],
                published: published, sessions: sessions, checkpointer: nil,
                configuration: configuration,
                nodeID: BrokerID(1), logger: logger),
            sessions: sessions, shards: [handle], logger: logger)
        connection = ConnectionInfo(
            id: 1, clientHost: "127.0.0.1", clientPort: 1,
            advertised: Endpoint(host: "127.0.0.1", port: 9_092), eventLoop: loop)
    }

    /// Makes a topic of one partition without going through the registry.
    func createTopic(_ name: String) throws {
        let outline = TopicOutline(
            name: name, id: .random(), partitionCount: 1,
            configuration: try TopicConfiguration(
                overrides: [:], broker: services.configuration))
        let place = try shard.createPartition(PartitionIndex(0), of: outline).get()
        var snapshot = services.topics.current
        snapshot.put(Topic(outline, places: [place]))
        services.topics.publish(snapshot)
    }

    /// Changes the durability of a topic's only partition, as an alteration of settings does.
    func setDurability(_ durability: Durability, of name: String) throws {
        guard let topic = services.topics.current.byName[name] else { return }
        let place = try topic.place(of: 0)
        var settings = topic.configuration.logSettings(broker: services.configuration)
        settings.durability = durability
        shard.apply([PartitionSettings(slot: place.slot, topicID: topic.id, log: settings)])
    }

    /// Hands a request to its handler; gives the number under which its answer comes.
    @discardableResult
    func send<Served: Api>(
        _ api: Served.Type, _ request: Served.Request, version: Int16
    ) -> UInt64 {
        let ticket = RequestTicket(number: nextTicket)
        nextTicket += 1
        let header = RequestHeader(
            apiKey: Served.Request.apiKey.rawValue, apiVersion: version, correlationID: 1,
            clientID: "tests")
        let call = Call(
            request: Request(
                frame: ByteBuffer(),
                prefix: RequestPrefix(
                    apiKey: header.apiKey, apiVersion: version, correlationID: 1),
                connection: connection, ticket: ticket, sink: answers),
            header: header, shard: shard, services: services)
        Served.handle(request, call)
        return ticket.number
    }

    /// Ends the tick: what it gathered is submitted.
    func endTick() { loop.run() }

    /// Lets the disk complete everything, and whatever follows from it.
    func finishDisk() {
        while disk.inFlight > 0 {
            shard.drain()
            loop.run()
        }
    }

    /// The answer to a request, read; `nil` while there is none.
    func answer<Response: ResponseMessage>(
        to number: UInt64, as type: Response.Type = Response.self, version: Int16
    ) throws -> Response? {
        guard var frame = answers.bytes(of: number) else { return nil }
        frame.moveReaderIndex(forwardBy: 4)
        _ = try ResponseHeader(reading: &frame, of: type, version: version)
        return try Response(reading: &frame, version: version)
    }
}

/// Keeps the answers instead of sending them.
final class AnswerLog: AnswerSink {
    private let answers = Lock<[UInt64: Answer]>([:])
    // Set and called on the one thread that a test has.
    private nonisolated(unsafe) var onAnswer: (UInt64) -> Void = { _ in }

    func take(_ answer: Answer, for ticket: RequestTicket) {
        onAnswer(ticket.number)
        answers.withLock { $0[ticket.number] = answer }
    }

    /// Calls `body` with the number of each request at the moment its answer leaves.
    func whenAnswered(_ body: @escaping (UInt64) -> Void) { onAnswer = body }

    var count: Int { answers.withLock { $0.count } }

    func has(_ number: UInt64) -> Bool { answers.withLock { $0[number] != nil } }

    func bytes(of number: UInt64) -> ByteBuffer? {
        guard let answer = answers.withLock({ $0[number] }) else { return nil }
        switch answer {
        case .bytes(let bytes): return bytes
        case .parts(let parts):
            var all = ByteBuffer()
            for case .bytes(let bytes) in parts { all.writeImmutableBuffer(bytes) }
            return all
        case .nothing, .closing: return nil
        }
    }
}
