import Disk
import Glibc
import Logging
import Metadata
import SegmentStore
import Vocabulary

/// What the metadata says of the data folder, and what the folder says of itself.
extension Startup {
    func openMetadata(
        on shard: ShardHandle, _ clusterID: String, _ nodeID: BrokerID
    ) async throws(NodeStartError) -> MetadataGate {
        do {
            let gate = try await shard.submit { [path, logger] shard in
                let metadata = try EmbeddedMetadataStore(
                    in: path, store: shard.store, now: .now())
                for notice in metadata.openingNotices {
                    logger.notice("metadata", metadata: ["found": "\(notice)"])
                }
                shard.metadata = metadata
                return MetadataGate(metadata, eventLoop: shard.eventLoop)
            }.get()
            try await gate.write(
                gate.state().decideRegistration(clusterID: clusterID, nodeID: nodeID))
            return gate
        } catch {
            throw NodeStartError(error)
        }
    }

    /// Takes in the topics of folders that the metadata does not know: Kafka's, above all.
    func adoptFolders(
        into gate: MetadataGate, known: KnownLogs
    ) async throws(NodeStartError) {
        do {
            let state = await gate.state()
            let found = try DataFolder(scanning: path, on: disk) { partition in
                guard let id = known.topicID(of: partition),
                    state.topic(named: partition.topic)?.id == id
                else { return nil }
                return id
            }
            let adoption = Adoption(of: found, into: state)
            for notice in adoption.notices {
                logger.notice("data folder", metadata: ["found": "\(notice)"])
            }
            try adoption.writeIdentities(on: disk)
            for case .topicCreated(let name, let id, let count) in adoption.records {
                logger.info(
                    "topic adopted",
                    metadata: ["topic": "\(name)", "id": "\(id)", "partitions": "\(count)"])
            }
            try await gate.write(adoption.records)
            for leftover in found.leftovers { removeTree(leftover) }
        } catch {
            throw NodeStartError(error)
        }
    }

    /// Removes what a crash left of topics that were being deleted.
    func finishDeletions(in gate: MetadataGate) async throws(NodeStartError) {
        for topic in await gate.state().topicsBeingDeleted {
            var isGone = true
            for partition in topic.partitions {
                let folder = "\(path)/\(partition)"
                do {
                    // A topic of the same name may have been created since: its folders stay.
                    if try PartitionFolder.belongs(folder, to: topic.id, on: disk) {
                        isGone = removeTree(folder) && isGone
                    }
                } catch {
                    isGone = false
                    logger.warning(
                        "a deleted partition's folder cannot be read and is left behind",
                        metadata: ["folder": "\(folder)", "reason": "\(error)"])
                }
            }
            // The topic stays among those being deleted: nobody adopts what is left of it.
            guard isGone else { continue }
            do {
                // A power cut must not bring back a folder that nobody remembers as deleted.
                _ = try disk.perform(.syncFolder(path: path))
                try await gate.write(await gate.state().decideDeletionFinished(of: topic.id))
            } catch {
                throw NodeStartError(error)
            }
            logger.info(
                "deletion finished", metadata: ["topic": "\(topic.name)", "id": "\(topic.id)"])
        }
    }

    /// Removes a deleted partition's folder; says whether it is gone.
    @discardableResult
    private func removeTree(_ folder: String) -> Bool {
        do throws(DiskError) {
            try remove(folder)
            return true
        } catch {
            logger.warning(
                "a deleted partition's folder is left behind",
                metadata: ["folder": "\(folder)", "reason": "\(error)"])
            return false
        }
    }

    /// Removes a file, a link itself and not what it leads to, or a folder with what is in it.
    private func remove(_ path: String) throws(DiskError) {
        do throws(DiskError) {
            _ = try disk.perform(.removeFile(path: path))
            return
        } catch {
            // unlink(2) of a folder; POSIX has EPERM for it.
            guard error.code == EISDIR || error.code == EPERM else { throw error }
        }
        for entry in try disk.list(path) { try remove("\(path)/\(entry.name)") }
        _ = try disk.perform(.removeFolder(path: path))
    }
}
