import Disk
import SegmentStore
import Vocabulary

/// Creating and deleting topics, in the order a broker does it.
extension SimulatedHost {
    /// Makes a topic: first the catalogue, then the log.
    func createTopic(_ name: TopicPartition, id: TopicID, settings: LogSettings) throws(Violation) {
        model.logs.append(ModelLog(name: name, id: id, settings: settings))
        do {
            catalogue.entries.append(Catalogue.Entry(name: name, id: id))
            try catalogue.write(on: disk)
            let log = try store.createLog(
                folder: "\(Self.folder)/\(name)", topicID: id, settings: settings,
                leaderEpoch: .zero, now: now)
            add(log)
            model[name].existence = .present
        } catch {
            throw Violation("creating \(name): \(error)")
        }
    }

    /// Deletes a topic: the catalogue, the log, the checkpoints; then it is acknowledged.
    func deleteTopic(_ log: Log, uuid: String) throws(Violation) {
        let name = log.topicPartition
        let id = model[name].id
        model[name].existence = .deleting
        do {
            for index in catalogue.entries.indices where catalogue.entries[index].id == id {
                catalogue.entries[index].isDoomed = true
            }
            try catalogue.write(on: disk)
            remove(log)
            try store.deleteLog(log, uuid: uuid)
            catalogue.entries.removeAll { $0.id == id }
            try catalogue.write(on: disk)
            try writeCheckpointsOrThrow()
        } catch {
            throw Violation("deleting \(name): \(error)")
        }
        model.logs.removeAll { $0.id == id }
        model.deleted.append(id)
    }

    /// Cuts a log, durably, unless the log fails or cannot be cut now. The checkpoint says how much
    /// was durable above the cut until it is written another time.
    func truncate(_ log: Log, to offset: Int64) throws(Violation) {
        let name = log.topicPartition
        let target = model[name].cut(at: offset)
        // What waits in the disk's queue may find no space: then it is cut back, and nothing may be
        // left to cut.
        let isWritten = log.writtenEnd == log.logEnd
        model[name].truncation = target
        do throws(StoreError) {
            try log.truncate(to: Offset(offset))
        } catch {
            trace?("  not cut: \(error)")
            // A log that goes on is as it was.
            if log.failure == nil { model[name].truncation = nil }
            return
        }
        var known = model[name]
        let end = log.logEnd.rawValue
        try require(
            end == target || !isWritten && end < target && end >= known.writtenEnd,
            "\(name) cut to \(offset) ends at \(end)")
        try require(
            !isWritten || log.durableEnd == log.logEnd,
            "\(name) cut to \(offset) is durable below \(log.durableEnd)")
        known.removeBatches(from: end)
        known.writtenEnd = log.writtenEnd.rawValue
        known.durableEnd = log.durableEnd.rawValue
        known.truncation = nil
        // Epochs that began at the cut or behind it are forgotten with their records, but not that
        // of the record below it: where the log begins at the cut, that one was deleted.
        known.latestEpoch = log.latestEpoch?.rawValue ?? -1
        let below = known.batches.last?.epoch ?? -1
        try require(
            known.latestEpoch >= below,
            "\(name) cut to \(offset) has leader epoch \(known.latestEpoch), had \(below) below")
        model[name] = known
    }
}
