import KafkaProtocol
import NIOCore

/// One API of the protocol and how it is served. Conforming types stand in files named by their
/// key: `003-Metadata.swift`.
protocol Api: SendableMetatype {
    associatedtype Request: RequestMessage

    /// Serves one request; answers through the call, now or later. On the connection's loop.
    static func handle(_ request: Request, _ call: Call)
}

/// A row of the table of APIs.
public struct ApiHandler: Sendable {
    /// The API's number, and the versions that are read and those that are advertised.
    public let declaration: MessageDeclaration

    let run: @Sendable (Call, inout ByteBuffer) throws(ProtocolError) -> Void

    init<Served: Api>(_ api: Served.Type) {
        guard let declaration = Served.Request.apiKey.declaration else {
            preconditionFailure("an API with a handler is declared")
        }
        self.declaration = declaration
        run = { (call, body) throws(ProtocolError) in
            let request = try Served.Request(reading: &body, version: call.version)
            Served.handle(request, call)
        }
    }
}

/// All APIs that are served, by key: requests are routed, ApiVersions answered and the coverage
/// page generated from this table.
public enum ApiTable {
    /// Ascending by the APIs' numbers.
    public static let handlers: [ApiHandler] = [
        ApiHandler(ProduceApi.self),
        ApiHandler(FetchApi.self),
        ApiHandler(ListOffsetsApi.self),
        ApiHandler(MetadataApi.self),
        ApiHandler(FindCoordinatorApi.self),
        ApiHandler(ApiVersionsApi.self),
        ApiHandler(CreateTopicsApi.self),
        ApiHandler(DeleteTopicsApi.self),
        ApiHandler(DeleteRecordsApi.self),
        ApiHandler(InitProducerIdApi.self),
        ApiHandler(OffsetForLeaderEpochApi.self),
        ApiHandler(DescribeConfigsApi.self),
        ApiHandler(CreatePartitionsApi.self),
        ApiHandler(IncrementalAlterConfigsApi.self),
        ApiHandler(DescribeClusterApi.self),
        ApiHandler(DescribeTopicPartitionsApi.self),
    ]

    /// The handlers by key; `nil` for keys that are not served.
    static let byKey: [ApiHandler?] = {
        let highest = handlers.map { Int($0.declaration.apiKey.rawValue) }.max() ?? 0
        var table: [ApiHandler?] = Array(repeating: nil, count: highest + 1)
        for handler in handlers { table[Int(handler.declaration.apiKey.rawValue)] = handler }
        return table
    }()

    static func handler(for key: Int16) -> ApiHandler? {
        guard key >= 0, Int(key) < byKey.count else { return nil }
        return byKey[Int(key)]
    }
}
