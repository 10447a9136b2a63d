import Broker
import KafkaProtocol
import NIOCore
import Testing

@Suite("ApiVersions")
struct ApiVersionsTests {
    @Test(arguments: 0...4 as ClosedRange<Int16>)
    func `every version lists what is served`(version: Int16) async throws {
        try await TestBroker.run { _, client in
            let response = try await client.send(
                ApiVersionsRequest(clientSoftwareName: "tests", clientSoftwareVersion: "1.0"),
                version: version)

            #expect(response.errorCode == .none)
            #expect(
                response.apiKeys.map(\.apiKey)
                    == [0, 1, 2, 3, 10, 18, 19, 20, 21, 22, 23, 32, 37, 44, 60, 75])
            #expect(response.apiKeys.first { $0.apiKey == 1 }?.maxVersion == 18)
        }
    }

    @Test
    func `an unknown version is answered in version 0 and the connection goes on`() async throws {
        try await TestBroker.run { _, client in
            try await client.sendRaw(Frame.header(apiKey: 18, version: 99, correlationID: 5))

            var frame = try await client.nextFrame()
            let correlationID = frame.readInteger(as: Int32.self)
            let response = try ApiVersionsResponse(reading: &frame, version: 0)
            let after = try await client.send(ApiVersionsRequest(), version: 0)

            #expect(correlationID == 5)
            #expect(response.errorCode == .unsupportedVersion)
            #expect(response.apiKeys.map(\.apiKey) == [18])
            #expect(response.apiKeys.first?.maxVersion == 4)
            #expect(after.errorCode == .none)
        }
    }

    @Test(arguments: ["", "-x", "x-", "a b", "a\u{0}", "é", ".."])
    func `an illegal client name or version is refused`(name: String) async throws {
        try await TestBroker.run { _, client in
            let badName = try await client.send(
                ApiVersionsRequest(clientSoftwareName: name, clientSoftwareVersion: "1"),
                version: 3)
            let badVersion = try await client.send(
                ApiVersionsRequest(clientSoftwareName: "tests", clientSoftwareVersion: name),
                version: 4)

            #expect(badName.errorCode == .invalidRequest)
            #expect(badVersion.errorCode == .invalidRequest)
        }
    }

    @Test
    func `the handlers stand in the order of their keys`() {
        let keys = ApiTable.handlers.map { $0.declaration.apiKey.rawValue }

        #expect(keys == keys.sorted())
        #expect(Set(keys).count == keys.count)
    }
}
