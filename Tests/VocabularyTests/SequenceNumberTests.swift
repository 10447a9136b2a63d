import Testing
import Vocabulary

@Suite struct SequenceNumberTests {
    @Test func `numbers wrap from the largest to zero`() {
        #expect(SequenceNumber(5).advanced(by: 3) == SequenceNumber(8))
        #expect(SequenceNumber(.max).advanced(by: 1) == .zero)
        #expect(SequenceNumber(.max - 1).advanced(by: 5) == SequenceNumber(3))
    }
}
