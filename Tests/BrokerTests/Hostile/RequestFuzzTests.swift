import Glibc
import Testing

/// Sends damaged requests through the whole broker: socket, decoder, handlers, store.
///
/// The seed is printed with a failure; `MILLRACE_TEST_SEED` repeats one, `MILLRACE_TEST_SECONDS`
/// sets how long the search goes on (1 by default).
@Suite("Request fuzzing")
struct RequestFuzzTests {
    private static let seed = getenv("MILLRACE_TEST_SEED").flatMap { UInt64(String(cString: $0)) }
    private static let seconds =
        getenv("MILLRACE_TEST_SECONDS").flatMap { Double(String(cString: $0)) } ?? 1

    @Test
    func `damaged requests never stop the broker nor harm what is stored`() async throws {
        let seed = Self.seed ?? UInt64.random(in: .min ... .max)
        try await TestBroker.run(["num.network.threads": "2"]) { broker, bystander in
            let topic = try await bystander.createTopic("orders", partitions: 2)
            _ = try await bystander.produce(Batch.of(["kept"]), to: "orders", partition: 1)
            var fuzzer = RequestFuzzer(seed: seed, topicID: topic.topicID)
            let clock = ContinuousClock()
            let end = clock.now + .seconds(Self.seconds)
            var rounds = 0

            while clock.now < end {
                // Damage mostly ends its connection: many on one, and each on one of its own.
                let client = try await broker.connect()
                for _ in 0..<10 { try? await client.sendRaw(fuzzer.next()) }
                await client.close()
                for _ in 0..<5 {
                    let single = try await broker.connect()
                    try? await single.sendRaw(fuzzer.next())
                    await single.close()
                }
                rounds += 1
                let kept = try await bystander.fetch("orders", partition: 1, from: 0)
                #expect(
                    try kept.values.first == "kept",
                    "seed \(seed), round \(rounds): MILLRACE_TEST_SEED=\(seed)")
            }

            let after = try await bystander.produce(Batch.of(["alive"]), to: "orders")
            #expect(after.errorCode == .none, "seed \(seed)")
            #expect(rounds > 0)
        }
    }
}
