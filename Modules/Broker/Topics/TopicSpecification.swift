import KafkaProtocol
import Vocabulary

/// A topic that a client wants created.
struct TopicSpecification: Sendable {
    let name: String
    /// `nil`: the broker's default, or as many as were assigned.
    var partitionCount: Int32?
    var replicationFactor: Int16?
    /// Brokers by partition; empty where the broker chooses.
    var assignments: [(partition: Int32, brokers: [Int32])] = []
    var configs: [(name: String, value: String?)] = []

    init(name: String) { self.name = name }
}

/// Why a change to a topic was refused, in the words of the answer.
struct TopicFault: Error, Sendable {
    let code: ErrorCode
    let message: String?

    init(_ code: ErrorCode, _ message: String? = nil) {
        self.code = code
        self.message = message
    }
}

extension TopicSpecification {
    /// How many partitions the topic gets on the one broker there is.
    ///
    /// The rules, their order and the codes are those of Kafka's `ReplicationControlManager`.
    func resolvedPartitionCount(
        node: BrokerID, configuration: BrokerConfiguration
    ) throws(TopicFault) -> Int32 {
        guard assignments.isEmpty else { return try assignedPartitionCount(node: node) }
        let factor = replicationFactor ?? configuration.defaultReplicationFactor
        if let replicationFactor, replicationFactor < 1 {
            throw TopicFault(
                .invalidReplicationFactor,
                "a replication factor is at least 1, or -1 for the default")
        }
        if let partitionCount, partitionCount < 1 {
            throw TopicFault(
                .invalidPartitions,
                "a topic has at least 1 partition; -1 asks for the default")
        }
        guard factor == 1 else {
            throw TopicFault(
                .invalidReplicationFactor,
                "a replication factor of \(factor) needs as many brokers, and there is 1")
        }
        return partitionCount ?? configuration.defaultPartitionCount
    }

    private func assignedPartitionCount(node: BrokerID) throws(TopicFault) -> Int32 {
        guard replicationFactor == nil else {
            throw TopicFault(
                .invalidRequest,
                "a topic with assigned replicas takes -1 as its replication factor")
        }
        guard partitionCount == nil else {
            throw TopicFault(
                .invalidRequest,
                "a topic with assigned replicas takes -1 as its number of partitions")
        }
        var partitions: Set<Int32> = []
        for assignment in assignments {
            guard partitions.insert(assignment.partition).inserted else {
                throw TopicFault(
                    .invalidReplicaAssignment,
                    "partition \(assignment.partition) is assigned more than once")
            }
            try Self.check(assignment.brokers, node: node)
        }
        guard partitions == Set(0..<Int32(assignments.count)) else {
            throw TopicFault(
                .invalidReplicaAssignment,
                "the assigned partitions are not numbered 0, 1, 2, … without a gap")
        }
        return Int32(assignments.count)
    }

    /// Checks the brokers that were chosen for one partition.
    static func check(_ brokers: [Int32], node: BrokerID) throws(TopicFault) {
        guard !brokers.isEmpty else {
            throw TopicFault(
                .invalidReplicaAssignment,
                "a partition is assigned to no broker")
        }
        if let other = brokers.first(where: { $0 != node.rawValue }) {
            throw TopicFault(
                .invalidReplicaAssignment,
                "a partition is assigned to broker \(other), which does not exist")
        }
        guard brokers.count == 1 else {
            throw TopicFault(
                .invalidReplicaAssignment,
                "a partition is assigned to broker \(node) more than once")
        }
    }

    /// The topic's own values, checked.
    func overrides() throws(TopicFault) -> [String: String] {
        let nulls = configs.filter { $0.value == nil }.map(\.name)
        guard nulls.isEmpty else {
            throw TopicFault(
                .invalidConfig,
                "a topic's setting needs a value: \(nulls.joined(separator: ", "))")
        }
        var overrides: [String: String] = [:]
        for (name, value) in configs { overrides[name] = value }
        return overrides
    }
}
