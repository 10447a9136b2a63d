import Testing

@testable import Broker

@Suite("Counting connections")
struct ConnectionCensusTests {
    @Test func `the whole broker is full at its bound`() throws {
        var limits = TransportLimits()
        limits.maxConnections = 2
        let census = ConnectionCensus(limits: limits)
        let first = try census.enter(from: "10.0.0.1")
        _ = try census.enter(from: "10.0.0.2")

        #expect(throws: ConnectionCensus.Refusal.tooMany(limit: 2)) {
            try census.enter(from: "10.0.0.3")
        }

        census.left(first)
        census.left(first)
        #expect(census.count == 1)
        _ = try census.enter(from: "10.0.0.3")
    }

    @Test func `an address is full at its bound, others are not`() throws {
        var limits = TransportLimits()
        limits.maxConnectionsPerAddress = 1
        let census = ConnectionCensus(limits: limits)
        let first = try census.enter(from: "10.0.0.1")
        _ = try census.enter(from: "10.0.0.2")

        #expect(throws: ConnectionCensus.Refusal.tooManyFromAddress("10.0.0.1", limit: 1)) {
            try census.enter(from: "10.0.0.1")
        }

        census.left(first)
        _ = try census.enter(from: "10.0.0.1")
    }
}
