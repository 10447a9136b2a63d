import Disk
import LinuxDisk
import Simulation
import Testing
import Vocabulary

/// The simulated disk against the kernel's: the same random calls, the same answers.
@Suite struct TwinTests {
    @Test(arguments: 1...4)
    func `random calls get the kernel's answers, errors included`(seed: UInt64) throws {
        let folder = TemporaryFolder()
        let kernel = try LinuxDisk(.inline)
        let twin = SimulatedDisk(seed: seed, settings: .init(traces: false))
        _ = try twin.perform(.createFolder(path: "/tmp"))
        _ = try twin.perform(.createFolder(path: folder.path))
        var random = SeededRandom(seed: seed)
        var open: [(path: String, kernel: FileID, twin: FileID)] = []

        for step in 0..<600 {
            let call = draw(in: folder.path, open: open.count, using: &random)
            switch call {
            case .byPath(let operation):
                let expected = answer(of: kernel, operation)
                let found = answer(of: twin, operation)
                #expect(found == expected, "step \(step): \(operation)")
                if let kernelFile = expected.opened, let twinFile = found.opened {
                    open.append((operation.name, kernelFile, twinFile))
                }
            case .byFile(let index, let make):
                let expected = answer(of: kernel, make(open[index].kernel))
                let found = answer(of: twin, make(open[index].twin))
                #expect(found == expected, "step \(step)")
            case .close(let index):
                let files = open.remove(at: index)
                try kernel.close(files.kernel)
                try twin.close(files.twin)
            }
        }
    }

    private enum Call {
        case byPath(Operation)
        case byFile(Int, (FileID) -> Operation)
        case close(Int)
    }

    private func draw(in folder: String, open: Int, using random: inout SeededRandom) -> Call {
        let names = ["a", "b", "f", "f/a", "f/b", "g", "g/f", "a/b", "f/g/a"]
        func path() -> String { folder + "/" + (names.randomElement(using: &random) ?? "a") }
        let kind = Int.random(in: 0..<(open == 0 ? 9 : 18), using: &random)
        let index = open == 0 ? 0 : Int.random(in: 0..<open, using: &random)
        let position = FilePosition(Int64.random(in: 0..<5_000, using: &random))
        let count = Int.random(in: 0..<3_000, using: &random)
        switch kind {
        case 0: return .byPath(.open(path: path(), .createNew))
        // Folders can be opened for reading on Linux; nothing here does that.
        case 1: return .byPath(.open(path: path(), .readWriteOrCreate))
        case 2: return .byPath(.open(path: path(), .readWrite))
        case 3, 4: return .byPath(.createFolder(path: path()))
        case 5: return .byPath(.rename(from: path(), to: path()))
        case 6: return .byPath(.removeFile(path: path()))
        case 7: return .byPath(.removeFolder(path: path()))
        case 8: return .byPath(.list(folder: folder + (Bool.random(using: &random) ? "/f" : "")))
        case 9, 10, 11:
            let pieces = [
                OwnedBytes(
                    [UInt8](repeating: UInt8.random(in: 1...9, using: &random), count: count)),
                OwnedBytes([7]),
            ]
            return .byFile(index) { .write($0, at: position, bytes: pieces) }
        case 12, 13:
            return .byFile(index) { .read($0, at: position, into: DiskBuffer(count: count)) }
        case 14: return .byFile(index) { .truncate($0, to: position) }
        case 15: return .byFile(index) { .size($0) }
        case 16:
            return .byFile(index) {
                .allocate($0, from: position, count: count + 1, keepSize: count.isMultiple(of: 2))
            }
        default: return .close(index)
        }
    }

    /// Everything that can be told apart about an answer, but for the number of the file.
    private struct Answer: Equatable {
        var error: DiskError?
        var count: Int?
        var bytes: [UInt8] = []
        var entries: Set<FolderEntry> = []
        var opened: FileID?

        static func == (left: Answer, right: Answer) -> Bool {
            left.error == right.error && left.count == right.count && left.bytes == right.bytes
                && left.entries == right.entries
                && (left.opened == nil) == (right.opened == nil)
        }
    }

    private func answer(of disk: any Disk, _ operation: Operation) -> Answer {
        do {
            switch try disk.perform(operation) {
            case .done: return Answer()
            case .opened(let file): return Answer(opened: file)
            case .entries(let entries): return Answer(entries: Set(entries))
            case .bytes(let count):
                guard case .read(_, _, let buffer) = operation else { return Answer(count: count) }
                return Answer(count: count, bytes: Array(buffer.bytes.prefix(count)))
            }
        } catch {
            return Answer(error: error)
        }
    }
}
