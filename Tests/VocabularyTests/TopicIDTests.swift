import Testing
import Vocabulary

@Suite struct TopicIDTests {
    @Test func `text form is Kafka's unpadded URL-safe Base64`() {
        // Published in KIP-516: the id reserved for the metadata topic is 1.
        #expect(TopicID(high: 0, low: 1).description == "AAAAAAAAAAAAAAAAAAAAAQ")
        #expect(TopicID("AAAAAAAAAAAAAAAAAAAAAQ") == TopicID(high: 0, low: 1))
    }

    @Test func `random ids survive their text form and are version 4`() throws {
        for _ in 0..<1_000 {
            let id = TopicID.random()

            #expect(TopicID(id.description) == id)
            #expect(id.high >> 12 & 0xF == 4)
            #expect(id.low >> 62 == 0b10)
            #expect(!id.description.hasPrefix("-"))
        }
    }

    @Test(arguments: [
        "", "AAAA", "AAAAAAAAAAAAAAAAAAAAA!", "AAAAAAAAAAAAAAAAAAAAAR",
        "AAAAAAAAAAAAAAAAAAAAAQ==",
    ])
    func `text that is not 16 bytes is refused`(text: String) {
        #expect(TopicID(text) == nil)
    }
}
