import Vocabulary

/// The broker's settings in effect: the metadata's loop replaces them, every loop reads them.
/// For rare requests; what topics are kept by is with the topics.
final class PublishedConfiguration: Sendable {
    private let box: Lock<BrokerConfiguration>

    init(_ configuration: BrokerConfiguration) { box = Lock(configuration) }

    var current: BrokerConfiguration { box.withLock { $0 } }

    func publish(_ configuration: BrokerConfiguration) { box.withLock { $0 = configuration } }
}
