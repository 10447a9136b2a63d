import Disk
import Testing
import Vocabulary

/// What every disk does; the same claims for each of them.
@Suite struct ConformanceTests {
    @Test(arguments: Subject.allCases)
    func `what is written is read back, also across pieces`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)

        try bench.disk.write(
            file, at: .zero, [OwnedBytes([1, 2]), OwnedBytes([]), OwnedBytes([3, 4, 5])])
        let results = bench.disk.finish([
            .write(file, at: FilePosition(5), bytes: [OwnedBytes([6]), OwnedBytes([7, 8])])
        ])

        #expect(results[0]?.isDone == true)
        #expect(try bench.disk.size(of: file) == 8)
        #expect(try bench.disk.readFile(bench.path("a")) == [1, 2, 3, 4, 5, 6, 7, 8])
    }

    @Test(arguments: Subject.allCases)
    func `a read beyond the end is short, one behind it is empty`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)
        try bench.disk.write(file, at: .zero, [OwnedBytes([1, 2, 3])])
        let tail = DiskBuffer(count: 10)
        let nothing = DiskBuffer(count: 10)

        let results = bench.disk.finish([
            .read(file, at: FilePosition(1), into: tail),
            .read(file, at: FilePosition(3), into: nothing),
        ])

        #expect(results[0]?.byteCount == 2)
        #expect(Array(tail.bytes.prefix(2)) == [2, 3])
        #expect(results[1]?.byteCount == 0)
        #expect(try bench.disk.read(file, at: FilePosition(99), into: nothing) == 0)
    }

    @Test(arguments: Subject.allCases)
    func `a hole reads as zeros`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)

        try bench.disk.write(file, at: FilePosition(5_000), [OwnedBytes([9])])

        let bytes = try bench.disk.readFile(bench.path("a"))
        #expect(bytes.count == 5_001)
        #expect(bytes.dropLast().allSatisfy { $0 == 0 })
        #expect(bytes.last == 9)
    }

    @Test(arguments: Subject.allCases)
    func `a write of nothing changes nothing`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)

        let results = bench.disk.finish([.write(file, at: FilePosition(100), bytes: [])])

        #expect(results[0]?.isDone == true)
        #expect(try bench.disk.size(of: file) == 0)
    }

    @Test(arguments: Subject.allCases)
    func `more pieces than one call takes are all written`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)
        let pieces = (0..<2_500).map { OwnedBytes([UInt8(truncatingIfNeeded: $0), 1, 2]) }
        let expected = pieces.flatMap { $0.copied() }

        try bench.disk.write(file, at: .zero, pieces)
        _ = bench.disk.finish([.write(file, at: FilePosition(7_500), bytes: pieces)])

        #expect(try bench.disk.readFile(bench.path("a")) == expected + expected)
    }

    @Test(arguments: Subject.allCases)
    func `truncating cuts, and lengthens with zeros`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)
        try bench.disk.write(file, at: .zero, [OwnedBytes([1, 2, 3, 4])])

        _ = try bench.disk.perform(.truncate(file, to: FilePosition(2)))
        let results = bench.disk.finish([.truncate(file, to: FilePosition(4))])

        #expect(results[0]?.isDone == true)
        #expect(try bench.disk.readFile(bench.path("a")) == [1, 2, 0, 0])
    }

    @Test(arguments: Subject.allCases)
    func `allocating lengthens only where it is asked to`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)

        let kept = bench.disk.finish([
            .allocate(file, from: .zero, count: 8_192, keepSize: true)
        ])
        let sizeKept = try bench.disk.size(of: file)
        _ = try bench.disk.perform(.allocate(file, from: .zero, count: 8_192, keepSize: false))

        #expect(kept[0]?.isDone == true)
        #expect(sizeKept == 0)
        #expect(try bench.disk.size(of: file) == 8_192)
    }

    @Test(arguments: Subject.allCases)
    func `syncs and hints succeed, submitted and performed`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)
        try bench.disk.write(file, at: .zero, [OwnedBytes([UInt8](repeating: 7, count: 10_000))])
        let operations: [Operation] = [
            .sync(file, .data), .sync(file, .dataAndMetadata), .syncFolder(path: bench.folder),
            .startWriteBack(file, from: .zero, count: 8_192),
            .startWriteBack(file, from: .zero, count: 0),
            .dropFromCache(file, from: .zero, count: 8_192),
            .dropFromCache(file, from: .zero, count: 0),
        ]

        let results = bench.disk.finish(operations)
        for operation in operations { _ = try bench.disk.perform(operation) }

        #expect(results.count == operations.count)
        #expect(results.values.allSatisfy { $0.isDone })
    }

    @Test(arguments: Subject.allCases)
    func `opening a path twice gives two files on the same bytes`(subject: Subject) throws {
        let bench = try subject.make()
        let first = try bench.disk.open(bench.path("a"), .createNew)
        let second = try bench.disk.open(bench.path("a"), .readWrite)

        try bench.disk.write(first, at: .zero, [OwnedBytes([1])])
        try bench.disk.close(first)

        #expect(first != second)
        #expect(try bench.disk.size(of: second) == 1)
    }

    @Test(arguments: Subject.allCases)
    func `a removed file lives on while it is open`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)
        try bench.disk.write(file, at: .zero, [OwnedBytes([1, 2])])

        let results = bench.disk.finish([.removeFile(path: bench.path("a"))])

        #expect(results[0]?.isDone == true)
        #expect(try bench.disk.size(of: file) == 2)
        #expect(try bench.disk.list(bench.folder).isEmpty)
    }

    @Test(arguments: Subject.allCases)
    func `renaming replaces what stood there`(subject: Subject) throws {
        let bench = try subject.make()
        try bench.disk.replaceFile(bench.path("old"), with: [1])
        try bench.disk.replaceFile(bench.path("new"), with: [2])

        let results = bench.disk.finish([
            .rename(from: bench.path("new"), to: bench.path("old"))
        ])

        #expect(results[0]?.isDone == true)
        #expect(try bench.disk.readFile(bench.path("old")) == [2])
        #expect(try bench.disk.list(bench.folder) == [FolderEntry(name: "old", isFolder: false)])
    }

    @Test(arguments: Subject.allCases)
    func `a renamed folder takes its files along`(subject: Subject) throws {
        let bench = try subject.make()
        _ = try bench.disk.perform(.createFolder(path: bench.path("f")))
        let file = try bench.disk.open(bench.path("f/a"), .createNew)
        try bench.disk.write(file, at: .zero, [OwnedBytes([5])])

        _ = try bench.disk.perform(.rename(from: bench.path("f"), to: bench.path("g")))

        #expect(try bench.disk.readFile(bench.path("g/a")) == [5])
        #expect(try bench.disk.list(bench.folder) == [FolderEntry(name: "g", isFolder: true)])
    }

    @Test(arguments: Subject.allCases)
    func `there is free space, and listing tells folders from files`(subject: Subject) throws {
        let bench = try subject.make()
        _ = try bench.disk.perform(.createFolder(path: bench.path("f")))
        try bench.disk.replaceFile(bench.path("a"), with: [])

        #expect(try bench.disk.freeSpace(at: bench.folder) > 0)
        let entries = try bench.disk.list(bench.folder)
        #expect(
            Set(entries) == [
                FolderEntry(name: "f", isFolder: true), FolderEntry(name: "a", isFolder: false),
            ])
    }
}
