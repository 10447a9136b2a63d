import Disk
import Vocabulary

/// The topics of a simulated data folder, in a small file that is replaced whole: what a broker
/// keeps in its metadata log.
struct Catalogue: Sendable {
    static let path = "\(SimulatedHost.folder)/catalogue"

    struct Entry: Sendable, Equatable {
        let name: TopicPartition
        let id: TopicID
        /// Its deletion was decided; what is left of it goes at the next start.
        var isDoomed = false
    }

    var entries: [Entry] = []

    static func read(on disk: any Disk) throws(DiskError) -> Catalogue {
        let bytes: [UInt8]
        do throws(DiskError) {
            bytes = try disk.readFile(path)
        } catch {
            if error.isMissing { return Catalogue() }
            throw error
        }
        var catalogue = Catalogue()
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 4, let partition = Int32(words[1]), let id = TopicID(words[2])
            else { preconditionFailure("the catalogue holds what was written, not `\(line)`") }
            catalogue.entries.append(
                Entry(
                    name: TopicPartition(
                        topic: String(words[0]), partition: PartitionIndex(partition)),
                    id: id, isDoomed: words[3] == "doomed"))
        }
        return catalogue
    }

    func write(on disk: any Disk) throws(DiskError) {
        let lines = entries.map {
            "\($0.name.topic) \($0.name.partition) \($0.id) \($0.isDoomed ? "doomed" : "live")\n"
        }
        try disk.replaceFile(Self.path, with: Array(lines.joined().utf8))
    }

    func contains(_ id: TopicID, isDoomed: Bool) -> Bool {
        entries.contains { $0.id == id && $0.isDoomed == isDoomed }
    }
}
