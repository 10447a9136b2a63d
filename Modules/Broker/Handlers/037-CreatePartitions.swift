import KafkaProtocol
import Vocabulary

/// CreatePartitions (37): raises the number of partitions of topics.
enum CreatePartitionsApi: Api {
    static func handle(_ request: CreatePartitionsRequest, _ call: Call) {
        var seen: [String: Int] = [:]
        for topic in request.topics { seen[topic.name, default: 0] += 1 }
        let unique = request.topics.filter { seen[$0.name] == 1 }
        let additions = unique.map {
            PartitionAddition(
                topic: $0.name, count: $0.count, assignments: $0.assignments?.map(\.brokerIDs))
        }
        call.services.registry.addPartitions(
            additions, validateOnly: request.validateOnly, for: call.shard
        ) { results in
            var results = results[...]
            call.answer(
                CreatePartitionsResponse(
                    results: request.topics.map { topic in
                        guard seen[topic.name] == 1, let result = results.popFirst() else {
                            return CreatePartitionsResponse.Topic(
                                name: topic.name, errorCode: .invalidRequest,
                                errorMessage: "the request names this topic more than once")
                        }
                        switch result {
                        case .success:
                            return CreatePartitionsResponse.Topic(name: topic.name)
                        case .failure(let fault):
                            return CreatePartitionsResponse.Topic(
                                name: topic.name, errorCode: fault.code,
                                errorMessage: fault.message)
                        }
                    }))
        }
    }
}

/// More partitions that a client wants for a topic.
struct PartitionAddition: Sendable {
    let topic: String
    /// The number afterwards.
    let count: Int32
    /// The brokers of each new partition; `nil` where the broker chooses.
    let assignments: [[Int32]]?
}
