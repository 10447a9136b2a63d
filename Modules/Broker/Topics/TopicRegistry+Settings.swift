import KafkaProtocol
import Metadata
import NIOCore
import SegmentStore
import Vocabulary

/// Changing settings while they are in use: checked, made durable, published, and taken up by every
/// open log before the answer.
extension TopicRegistry {
    func alter(
        _ alteration: SettingsAlteration, validateOnly: Bool
    ) async -> Result<Void, TopicFault> {
        await takeTurn()
        defer { endTurn() }
        do throws(TopicFault) {
            switch alteration.resource {
            case .topic(let name):
                try await alterTopic(name, alteration, validateOnly: validateOnly)
            case .broker(let broker):
                try await alterBroker(broker, alteration, validateOnly: validateOnly)
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func alterTopic(
        _ name: String, _ alteration: SettingsAlteration, validateOnly: Bool
    ) async throws(TopicFault) {
        let topic = published.current.byName[name]
        let old = topic?.configuration.overrides ?? [:]
        let results = try alteration.results(on: old) { TopicKeys.byName[$0] }
        var overrides = old
        for (key, value) in results { overrides[key] = value }
        let changed = try Self.check(overrides, configuration)
        // The settings are judged first, as in Kafka.
        guard let topic else { throw TopicFault(.unknownTopicOrPartition) }
        let records: [MetadataRecord]
        do throws(MetadataError) {
            records = try metadata.stateOnLoop.decideConfigs(of: topic.id, changes: results)
        } catch {
            throw TopicFault(error)
        }
        guard !validateOnly else { return }
        try await write(records)
        let altered = Topic(
            name: topic.name, id: topic.id, configuration: changed, places: topic.places)
        publish { $0.put(altered) }
        await takeUp([altered])
        log(alteration, of: "topic \(name)")
    }

    private func alterBroker(
        _ broker: BrokerID?, _ alteration: SettingsAlteration, validateOnly: Bool
    ) async throws(TopicFault) {
        let old = configuration.settings.dynamic
        let results = try alteration.results(
            on: broker == nil ? old.cluster : old.broker
        ) { BrokerKeys.byName[$0] }
        var dynamic = old
        for (key, value) in results {
            if let problem = value.flatMap({ DynamicSettings.problem(key, $0) }) {
                // Kafka's code here, also for a value that is not allowed (KAFKA-13609).
                throw TopicFault(.invalidRequest, problem)
            }
            if broker == nil { dynamic.cluster[key] = value } else { dynamic.broker[key] = value }
        }
        let records: [MetadataRecord]
        do throws(MetadataError) {
            records = try metadata.stateOnLoop.decideBrokerConfigs(of: broker, changes: results)
        } catch {
            throw TopicFault(error)
        }
        guard !validateOnly else { return }
        try await write(records)
        let changed = configuration.with(dynamic)
        effective.publish(changed)
        let topics = published.current.sorted.map { topic in
            Topic(
                name: topic.name, id: topic.id,
                configuration: TopicConfiguration(
                    checked: topic.configuration.overrides, broker: changed.settings),
                places: topic.places)
        }
        publish { snapshot in for topic in topics { snapshot.put(topic) } }
        for shard in shards { _ = await shard.visit { $0.configuration = changed } }
        await takeUp(topics)
        log(alteration, of: broker.map { "broker \($0)" } ?? "all brokers")
    }

    /// Lets the open logs of topics go by their new settings; returns when all do.
    private func takeUp(_ topics: [Topic]) async {
        let broker = configuration
        var settings: [Int: [PartitionSettings]] = [:]
        for topic in topics {
            let logSettings = topic.configuration.logSettings(broker: broker)
            for case let place? in topic.places {
                settings[place.shard, default: []].append(
                    PartitionSettings(slot: place.slot, topicID: topic.id, log: logSettings))
            }
        }
        for (shard, settings) in settings {
            _ = await shards[shard].visit { $0.apply(settings) }
        }
    }

    private func log(_ alteration: SettingsAlteration, of resource: String) {
        let keys = alteration.changes.map(\.name).sorted().joined(separator: ",")
        logger.info("settings changed", metadata: ["of": "\(resource)", "keys": "\(keys)"])
    }
}

/// What one partition's log goes by from now on.
struct PartitionSettings: Sendable {
    let slot: Int
    let topicID: TopicID
    let log: LogSettings
}

extension Shard {
    /// Takes up new settings of partitions; those deleted meanwhile are passed over.
    func apply(_ settings: [PartitionSettings]) {
        for setting in settings {
            partition(slot: setting.slot, topicID: setting.topicID)?
                .apply(setting.log, outbox: outbox)
        }
    }
}
