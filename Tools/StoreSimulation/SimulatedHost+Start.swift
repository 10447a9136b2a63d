import Disk
import SegmentStore
import Vocabulary

/// Opening a data folder as a broker does, and holding what is found against the model.
extension SimulatedHost {
    /// Opens everything. The model says afterwards what was found.
    func start() throws(Violation) {
        do {
            try open()
        } catch let error as Violation {
            throw error
        } catch {
            throw Violation("the data folder does not open: \(error)")
        }
    }

    private func open() throws {
        let wasClean = try CleanShutdownMark.read(on: disk, folder: Self.folder) != nil
        trace?("  start, \(wasClean ? "clean" : "unclean")")
        try require(!model.isClean || wasClean, "the clean mark is gone")
        model.isClean = false
        try CleanShutdownMark.remove(on: disk, folder: Self.folder)
        try store.finishDeletions(in: Self.folder)
        // After a kill the catalogue that is read need not be durable: what is removed because of
        // it would be gone, and a power cut could bring the catalogue before it back.
        if !wasClean { _ = try disk.perform(.syncFolder(path: Self.folder)) }
        catalogue = try Catalogue.read(on: disk)
        let points = try OffsetCheckpointFile.read(
            .recoveryPoint, on: disk, folder: Self.folder)
        let starts = try OffsetCheckpointFile.read(.logStart, on: disk, folder: Self.folder)
        try removeDoomed()
        try reconcile()
        let journals = try JournalReplay.read(folder: Self.folder, on: disk)
        let present = try Set(disk.list(Self.folder).filter(\.isFolder).map(\.name))
        for entry in catalogue.entries {
            try openLog(
                entry, exists: present.contains(entry.name.description), wasClean: wasClean,
                recoveryPoint: points[entry.name], start: starts[entry.name], journals)
        }
        try journals.finish(on: disk)
        if let journal { store.startJournal(journal) }
        let named = (points.entries + starts.entries).map(\.partition)
        if named.contains(where: { log(named: $0) == nil }) {
            try writeCheckpointsOrThrow()
        }
        try settle()
        try checkFolders()
    }

    /// Finishes the deletions that were decided.
    private func removeDoomed() throws {
        let doomed = catalogue.entries.filter(\.isDoomed)
        guard !doomed.isEmpty else { return }
        for entry in doomed {
            let folder = "\(Self.folder)/\(entry.name)"
            guard try belongs(folder, to: entry.id) else { continue }
            for file in try disk.list(folder) {
                _ = try disk.perform(.removeFile(path: "\(folder)/\(file.name)"))
            }
            _ = try disk.perform(.removeFolder(path: folder))
        }
        _ = try disk.perform(.syncFolder(path: Self.folder))
        catalogue.entries.removeAll(where: \.isDoomed)
        try catalogue.write(on: disk)
    }

    private func belongs(_ folder: String, to id: TopicID) throws -> Bool {
        guard try disk.list(Self.folder).contains(where: { folder.hasSuffix("/\($0.name)") })
        else { return false }
        guard let found = try PartitionMetadataFile.read(on: disk, folder: folder) else {
            return true
        }
        return found == id
    }

    /// What the catalogue says of topics that were being made or deleted settles it.
    private func reconcile() throws(Violation) {
        for log in model.logs {
            let isLive = catalogue.contains(log.id, isDoomed: false)
            switch log.existence {
            case .present:
                try require(isLive, "\(log.name) is gone from the catalogue")
            case .creating:
                if !isLive { model.logs.removeAll { $0.id == log.id } }
            case .deleting where isLive:
                model[log.name].existence = .present
            case .deleting:
                model.deleted.append(log.id)
                model.logs.removeAll { $0.id == log.id }
            }
        }
        for entry in catalogue.entries {
            try require(
                model.logs.contains { $0.id == entry.id },
                "\(entry.name), id \(entry.id), came back after its deletion")
        }
    }

    private func openLog(
        _ entry: Catalogue.Entry, exists: Bool, wasClean: Bool, recoveryPoint: Offset?,
        start: Offset?, _ journals: JournalReplay
    ) throws {
        let known = model[entry.name]
        let folder = "\(Self.folder)/\(entry.name)"
        let log: Log
        if exists {
            let epochs = try? LeaderEpochCheckpoint.read(on: disk, folder: folder)
            log = try store.openLog(
                folder: folder, settings: known.settings,
                hint: OpenHint(
                    cleanShutdown: wasClean, recoveryPoint: recoveryPoint ?? .zero,
                    logStartOffset: start,
                    newLeaderEpochAfterUnclean: (epochs?.latestEpoch ?? .zero).next),
                now: now, replaying: journals.batches(of: entry.id, entry.name.partition))
            if log.topicID == nil {
                // Its creation was cut short.
                try require(known.end == 0, "\(entry.name) has records and lost its identity")
                try PartitionMetadataFile.write(entry.id, on: disk, folder: folder)
            } else {
                try require(log.topicID == entry.id, "\(entry.name) has another topic's id")
            }
        } else {
            try require(
                known.certainEnd == 0, "\(entry.name) is gone with its \(known.certainEnd) records")
            log = try store.createLog(
                folder: folder, topicID: entry.id, settings: known.settings, leaderEpoch: .zero,
                now: now)
        }
        try take(log, known, wasClean: wasClean)
    }

    /// Holds an opened log's ends and epoch against the model and takes it in.
    private func take(_ log: Log, _ known: ModelLog, wasClean: Bool) throws(Violation) {
        let end = log.logEnd.rawValue
        let name = log.topicPartition
        trace?("  \(name) opened, ends at \(end)\(log.wasUnclean ? ", recovered" : "")")
        for notice in log.openingNotices { trace?("    \(notice)") }
        let start = log.logStartOffset.rawValue
        try require(
            known.mayBe(from: start, to: end),
            """
            \(name) has \(start)..<\(end); certain up to \(known.certainEnd), appended to \
            \(known.end); its start is between \(known.certainStart) and \(known.latestStart)
            """)
        try require(
            log.writtenEnd == log.logEnd && log.durableEnd == log.logEnd,
            "\(name) is opened with ends \(log.durableEnd), \(log.writtenEnd), \(log.logEnd)")
        // Without a batch or an epoch nothing proves that the folder was not emptied.
        try require(
            !wasClean || !log.wasUnclean || known.latestEpoch < 0,
            "\(name) is recovered after an orderly stop")
        let epoch = log.latestEpoch?.rawValue ?? -1
        // A truncation takes epochs back with their records, how far is not known yet.
        let before =
            known.truncation == nil
            ? known.latestEpoch : known.batches.last { $0.next <= end }?.epoch ?? -1
        try require(
            epoch > before || epoch == before && !log.wasUnclean,
            "\(name) opens with leader epoch \(epoch), had \(before) before")
        var found = known
        found.existence = .present
        found.latestEpoch = epoch
        found.recovered(from: start, upTo: end)
        model[name] = found
        add(log)
    }

    /// There is nothing in the data folder but the logs of the catalogue.
    private func checkFolders() throws {
        let folders = try disk.list(Self.folder).filter(\.isFolder).map(\.name).sorted()
        let expected = catalogue.entries.map(\.name.description).sorted()
        try require(folders == expected, "folders are \(folders), topics \(expected)")
    }
}
