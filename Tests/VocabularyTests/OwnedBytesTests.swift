import Testing
import Vocabulary

@Suite struct OwnedBytesTests {
    @Test func `a slice shares memory and outlives the whole`() {
        var whole: OwnedBytes? = OwnedBytes([1, 2, 3, 4, 5])
        let slice = whole![1..<4]
        let address = whole!.base + 1
        whole = nil

        #expect(slice.base == address)
        #expect(slice.copied() == [2, 3, 4])
    }
}
