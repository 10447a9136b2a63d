import Testing

@testable import Broker

struct IOPaceTests {
    private let start = ContinuousClock.now

    @Test
    func `without a rate there is no rest`() {
        var pace = IOPace(bytesPerSecond: nil, now: start)

        #expect(pace.rest(after: 1 << 40, now: start) == .zero)
        #expect(pace.pieceByteCount == 1 << 20)
    }

    @Test
    func `settings that would rest for ever, or never, are brought to what works`() throws {
        let settings = try BrokerConfiguration([
            "log.cleaner.io.max.bytes.per.second": "1e-300", "log.cleaner.backoff.ms": "0",
        ]).cleaner
        var pace = IOPace(bytesPerSecond: settings.bytesPerSecond, now: start)

        #expect(settings.bytesPerSecond == 1)
        #expect(settings.backoffMilliseconds == 100)
        #expect(pace.rest(after: 1 << 20, now: start) == .seconds(1 << 20))
    }

    @Test
    func `what was done too fast is rested for`() {
        var pace = IOPace(bytesPerSecond: 1_000, now: start)

        #expect(pace.rest(after: 500, now: start) == .milliseconds(500))
        #expect(pace.rest(after: 500, now: start + .milliseconds(500)) == .milliseconds(500))
        #expect(pace.rest(after: 100, now: start + .milliseconds(1_100)) == .zero)
    }

    @Test
    func `what was done too slowly is not made up for`() {
        var pace = IOPace(bytesPerSecond: 1_000, now: start)

        let rest = pace.rest(after: 1_000, now: start + .seconds(60))

        #expect(rest >= .milliseconds(900))
    }

    @Test(arguments: [(1.0, 4_096), (100_000, 10_000), (1e300, 1 << 20)])
    func `pieces take a tenth of a second, within bounds`(_ rate: Double, _ expected: Int) {
        #expect(IOPace(bytesPerSecond: rate, now: start).pieceByteCount == expected)
    }
}
