import Disk
import Vocabulary

/// What looking into a log found.
public struct InspectedLog: Sendable {
    /// The log as it was closed again, with the epoch that its next records get.
    public let outline: LogOutline
    /// Whether the log was not as a stop in order leaves it. It is now.
    public let wasUnclean: Bool
    /// What the operator should know.
    public let notices: [String]
}

extension Store {
    /// Opens a log, puts right what a crash left of it, and closes it again.
    ///
    /// Afterwards the log opens as one that was closed in order. May be done on any thread, with
    /// a store and a disk of its own, while nobody else has the log: to look into several logs at
    /// the same time.
    /// - Parameters:
    ///   - hint: its `newLeaderEpochAfterUnclean` is left alone: the caller enters an epoch later.
    ///   - knownEpoch: the latest epoch that is known from elsewhere.
    ///   - replaying: what the journals hold of the log.
    /// - Throws: as `openLog`; `unexpectedFolder` if the folder names another topic's id.
    public func inspectLog(
        folder: String, topicID: TopicID, settings: LogSettings, hint: OpenHint,
        knownEpoch: LeaderEpoch?, replaying journaled: JournaledBatches = .none, now: Timestamp
    ) throws(StoreError) -> InspectedLog {
        // Nobody calls `tick` or `commit` on such a store.
        defer { forgetClosed() }
        var hint = hint
        hint.newLeaderEpochAfterUnclean = nil
        let log = try openLog(
            folder: folder, settings: settings, hint: hint, now: now, replaying: journaled)
        let notices = log.openingNotices
        let wasUnclean = log.wasUnclean
        do throws(StoreError) {
            try log.ensureBelongs(to: topicID)
        } catch {
            close(log)
            throw error
        }
        if wasUnclean { closeLog(log, now: now) } else { close(log) }
        let latest = max(log.latestEpoch ?? .zero, knownEpoch ?? .zero)
        let epoch = wasUnclean || !hint.cleanShutdown ? latest.next : latest
        guard let outline = log.outline(topicID: topicID, leaderEpoch: epoch) else {
            throw log.failure ?? .closed(path: folder)
        }
        return InspectedLog(outline: outline, wasUnclean: wasUnclean, notices: notices)
    }

    /// Opens a log of which an outline is known, and makes sure that the outline is right.
    ///
    /// Reads the end of the last segment, as after a stop in order; where something else is found,
    /// the log is opened as after a crash.
    /// - Parameter epochIfUnclean: the leader epoch to enter then.
    /// - Throws: as `openLog`; `unexpectedFolder` if the folder names another topic's id.
    public func openLog(
        _ outline: LogOutline, folder: String, settings: LogSettings, epochIfUnclean: LeaderEpoch,
        now: Timestamp
    ) throws(StoreError) -> Log {
        var hint = OpenHint(
            cleanShutdown: true, recoveryPoint: outline.logEnd,
            logStartOffset: outline.logStartOffset, newLeaderEpochAfterUnclean: epochIfUnclean)
        hint.lastSegmentByteCount = outline.lastSegmentByteCount
        let log = try openLog(folder: folder, settings: settings, hint: hint, now: now)
        do throws(StoreError) {
            try log.ensureBelongs(to: outline.topicID)
        } catch {
            close(log)
            throw error
        }
        log.isChangeNoted = false
        // Has the host call `tick` soon, which gives them back if nobody uses the log.
        if log.active.hasLargeIndexes { touch(log) }
        return log
    }
}

extension Log {
    fileprivate func ensureBelongs(to topicID: TopicID) throws(StoreError) {
        guard let found = self.topicID, found != topicID else { return }
        throw .unexpectedFolder(path: folder, reason: "it belongs to topic id \(found)")
    }
}
