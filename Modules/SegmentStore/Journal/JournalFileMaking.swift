import Disk
import Vocabulary

/// A journal file that is being made: filled with zeros, synced, given its name, all in the
/// background.
///
/// Its space is allotted and its extents are written before it is used, so that a write to it
/// changes nothing but its own blocks: a third faster than one that is only allotted, and it needs
/// no space when the disk is full.
final class JournalFileMaking {
    enum Step {
        case filling(from: Int)
        /// Waits for its turn to get a generation.
        case filled
        case syncing
        case naming
    }

    let file: JournalFile
    let temporaryPath: String
    let zeros: DiskBuffer
    var step = Step.filling(from: JournalFormat.blockByteCount)

    /// Whether the file has its generation: it is used before any with a later one.
    var isNumbered: Bool {
        switch step {
        case .filling, .filled: false
        case .syncing, .naming: true
        }
    }

    init(file: JournalFile, temporaryPath: String) {
        self.file = file
        self.temporaryPath = temporaryPath
        zeros = DiskBuffer(count: min(file.byteCount, 1 << 20))
        zeros.base.initializeMemory(as: UInt8.self, repeating: 0, count: zeros.count)
    }
}

extension Journal {
    /// Begins another file where there are fewer than there may be and none is free.
    func makeFileIfWanted() {
        guard making == nil, !isMakingHeld, failure == nil, free.isEmpty,
            fileCount < settings.fileCount
        else { return }
        do throws(DiskError) {
            let free = try store.disk.freeSpace(at: settings.folder)
            guard free >= store.settings.reservedBytes + settings.fileBytes else {
                isMakingHeld = true
                return
            }
            try beginFile()
        } catch {
            // Without a file more appends sync their segments: slower, and just as durable.
            isMakingHeld = true
        }
    }

    private func beginFile() throws(DiskError) {
        let disk = store.disk
        let (path, temporary) = try unusedName()
        let id = try openDirect(temporary)
        let file = JournalFile(
            id: id, path: path, byteCount: settings.fileBytes, generation: 0)
        let making = JournalFileMaking(file: file, temporaryPath: temporary)
        do throws(DiskError) {
            _ = try disk.perform(
                .allocate(id, from: .zero, count: file.byteCount, keepSize: false))
        } catch {
            abandon(making)
            throw error
        }
        self.making = making
        submitStep(making)
    }

    /// A name that no earlier run's journal has.
    private func unusedName() throws(DiskError) -> (path: String, temporary: String) {
        let taken = Set(try store.disk.list(settings.folder).map(\.name))
        while true {
            nextNumber += 1
            let name = JournalFormat.name(shard: settings.shard, number: nextNumber)
            guard !taken.contains(name) else { continue }
            return ("\(settings.folder)/\(name)", "\(settings.folder)/\(name).tmp")
        }
    }

    private func openDirect(_ path: String) throws(DiskError) -> FileID {
        let disk = store.disk
        let made = try disk.open(path, .readWriteOrCreate)
        do throws(DiskError) {
            _ = try disk.perform(.truncate(made, to: .zero))
            let direct = try disk.open(path, .readWriteDirect)
            try disk.close(made)
            return direct
        } catch {
            // Some file systems cannot go past the cache; writes are as durable, and slower.
            if error.code == DiskError.invalid { return made }
            _ = try? disk.close(made)
            throw error
        }
    }

    private func submitStep(_ making: JournalFileMaking) {
        let file = making.file
        switch making.step {
        case .filling(let start):
            let count = min(making.zeros.count, file.byteCount - start)
            let zeros = OwnedBytes(
                base: UnsafeRawPointer(making.zeros.base), count: count, owner: making.zeros)
            store.submit(
                .write(file.id, at: FilePosition(Int64(start)), bytes: [zeros]),
                as: .journalMaking(making))
        case .filled:
            numberMadeFile()
        case .syncing:
            store.submit(.sync(file.id, .dataAndMetadata), as: .journalMaking(making))
        case .naming:
            store.submit(.syncFolder(path: settings.folder), as: .journalMaking(making))
        }
    }

    /// One step is done; the next follows.
    func advance(_ making: JournalFileMaking, _ error: DiskError?) {
        do throws(DiskError) {
            if let error { throw error }
            let file = making.file
            switch making.step {
            case .filling(let start):
                let next = start + min(making.zeros.count, file.byteCount - start)
                making.step = next < file.byteCount ? .filling(from: next) : .filled
            case .filled:
                file.generation = nextGeneration()
                making.step = .syncing
                try store.disk.write(file.id, at: .zero, [headerBlock(of: file)])
            case .syncing:
                _ = try store.disk.perform(.rename(from: making.temporaryPath, to: file.path))
                making.step = .naming
            case .naming:
                self.making = nil
                add(file)
                return
            }
            submitStep(making)
        } catch {
            self.making = nil
            isMakingHeld = true
            if making.isNumbered { skipGeneration() }
            abandon(making)
        }
    }

    /// Leaves nothing behind, or what the next start takes for a journal without entries.
    private func abandon(_ making: JournalFileMaking) {
        _ = try? store.disk.close(making.file.id)
        _ = try? store.disk.perform(.removeFile(path: making.temporaryPath))
    }
}
