import Testing
import Vocabulary

@Suite struct TimestampTests {
    @Test func `sums stop at the ends of what a timestamp can say`() {
        #expect(Timestamp(5) + 3 == Timestamp(8))
        #expect(Timestamp(5) + .max == Timestamp(.max))
        #expect(Timestamp(-5) + .min == Timestamp(.min))
    }

    @Test func `differences stop at the ends of 64 bits`() {
        #expect(Timestamp(5) - Timestamp(8) == -3)
        #expect(Timestamp(.min) - Timestamp(1) == .min)
        #expect(Timestamp(.max) - Timestamp(-1) == .max)
        #expect(Timestamp(0) - Timestamp(.min) == .max)
    }
}
