import Testing
import Vocabulary

struct TopicNameTests {
    @Test(arguments: ["a", "Orders_2026.eu-west", "...", "-", "__consumer_offsets", "0"])
    func `legal names are taken as they are`(_ text: String) throws {
        #expect(try TopicName(text).text == text)
    }

    @Test
    func `249 characters are the most`() throws {
        let longest = String(repeating: "x", count: 249)

        #expect(try TopicName(longest).text == longest)
        #expect(throws: IllegalTopicName.tooLong(byteCount: 250)) { try TopicName(longest + "x") }
    }

    @Test(arguments: [
        ("", IllegalTopicName.empty), (".", .folder), ("..", .folder),
        ("a/b", .illegalCharacter(at: 1)), ("../etc", .illegalCharacter(at: 2)),
        ("a\u{0}", .illegalCharacter(at: 1)), ("größe", .illegalCharacter(at: 2)),
        ("a b", .illegalCharacter(at: 1)), ("a\n", .illegalCharacter(at: 1)),
        ("%2e%2e", .illegalCharacter(at: 0)),
    ])
    func `illegal names are refused with the rule they break`(
        _ text: String, _ rule: IllegalTopicName
    ) {
        #expect(throws: rule) { try TopicName(text) }
    }

    @Test
    func `names that differ in dot and underscore only collide`() throws {
        let name = try TopicName("a.b_c")

        #expect(name.collides(with: try TopicName("a_b.c")))
        #expect(!name.collides(with: try TopicName("a-b_c")))
    }

    @Test
    func `the broker's own topics are told apart`() throws {
        #expect(try TopicName("__consumer_offsets").isInternal)
        #expect(try !TopicName("consumer_offsets").isInternal)
        #expect(try TopicName("__millrace_metadata").isReserved)
        #expect(try !TopicName("__consumer_offsets").isReserved)
    }
}
