import KafkaProtocol
import Testing

@Suite struct TableTests {
    @Test func `error codes carry Kafka's numbers and names`() {
        #expect(ErrorCode.unknownServerError.rawValue == -1)
        #expect(ErrorCode.none.rawValue == 0)
        #expect(ErrorCode.unknownTopicID.rawValue == 100)
        #expect(ErrorCode.unknownTopicID.name == "UNKNOWN_TOPIC_ID")
        #expect(ErrorCode.invalidTopicException.description == "INVALID_TOPIC_EXCEPTION (17)")
    }

    @Test func `a code that Kafka does not know is kept`() {
        let code = ErrorCode(rawValue: 31_000)

        #expect(code.rawValue == 31_000)
        #expect(code.name == nil)
        #expect(!code.isRetriable)
    }

    @Test func `clients retry what passes and not what stays wrong`() {
        #expect(ErrorCode.notLeaderOrFollower.isRetriable)
        #expect(ErrorCode.notEnoughReplicas.isRetriable)
        #expect(!ErrorCode.messageTooLarge.isRetriable)
        #expect(!ErrorCode.none.isRetriable)
    }

    @Test func `the declared APIs are those of a single node`() {
        let keys = ApiKey.declared.map(\.apiKey.rawValue)

        #expect(keys == [0, 1, 2, 3, 10, 18, 19, 20, 21, 22, 23, 32, 37, 44, 60, 75])
    }

    @Test func `Produce is advertised from version 0 and read from 3`() throws {
        let declaration = try #require(ApiKey.produce.declaration)

        #expect(declaration.advertisedVersions == 0...13)
        #expect(declaration.versions == 3...13)
        #expect(!declaration.isFlexible(8))
        #expect(declaration.isFlexible(9))
    }

    @Test func `an API without declaration still has its name`() {
        #expect(ApiKey.joinGroup.declaration == nil)
        #expect(ApiKey.joinGroup.description == "JoinGroup")
    }
}
