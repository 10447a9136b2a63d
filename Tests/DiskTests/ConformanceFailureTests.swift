import Disk
import Glibc
import Testing
import Vocabulary

/// How every disk refuses; the same claims for each of them.
@Suite struct ConformanceFailureTests {
    @Test(arguments: Subject.allCases)
    func `what is missing is ENOENT and names the path`(subject: Subject) throws {
        let bench = try subject.make()
        let missing = bench.path("missing")
        let operations: [Operation] = [
            .open(path: missing, .readOnly), .open(path: missing, .readWrite),
            .rename(from: missing, to: bench.path("b")), .removeFile(path: missing),
            .removeFolder(path: missing), .list(folder: missing), .syncFolder(path: missing),
            .createFolder(path: missing + "/below"), .freeSpace(path: missing),
            .open(path: missing + "/below", .createNew),
        ]

        let results = bench.disk.finish(operations)

        for (index, operation) in operations.enumerated() {
            #expect(results[UInt64(index)]?.errorCode == ENOENT, "\(operation.name)")
            let performed = errorCode { _ = try bench.disk.perform(operation) }
            #expect(performed == ENOENT, "\(operation.name)")
        }
        guard case .failure(let error) = results[0] else { return }
        #expect(error.path == missing)
        #expect(error.operation == "open")
        #expect(error.isMissing)
    }

    @Test(arguments: Subject.allCases)
    func `what exists is not created again`(subject: Subject) throws {
        let bench = try subject.make()
        _ = try bench.disk.perform(.createFolder(path: bench.path("f")))
        try bench.disk.replaceFile(bench.path("a"), with: [1])

        let file = errorCode { _ = try bench.disk.open(bench.path("a"), .createNew) }
        let folder = errorCode { _ = try bench.disk.perform(.createFolder(path: bench.path("f"))) }

        #expect(file == EEXIST)
        #expect(folder == EEXIST)
        #expect(try bench.disk.readFile(bench.path("a")) == [1])
    }

    @Test(arguments: Subject.allCases)
    func `a folder with entries is not removed, a file is no folder`(subject: Subject) throws {
        let bench = try subject.make()
        _ = try bench.disk.perform(.createFolder(path: bench.path("f")))
        try bench.disk.replaceFile(bench.path("f/a"), with: [1])

        let full = errorCode { _ = try bench.disk.perform(.removeFolder(path: bench.path("f"))) }
        let listed = errorCode { _ = try bench.disk.list(bench.path("f/a")) }
        let synced = bench.disk.finish([.syncFolder(path: bench.path("f/a"))])
        let unlinked = bench.disk.finish([.removeFile(path: bench.path("f"))])
        let below = errorCode { _ = try bench.disk.open(bench.path("f/a/b"), .createNew) }

        #expect(full == ENOTEMPTY)
        #expect(listed == ENOTDIR)
        #expect(synced[0]?.errorCode == ENOTDIR)
        #expect(unlinked[0]?.errorCode == EISDIR)
        #expect(below == ENOTDIR)
    }

    @Test(arguments: Subject.allCases)
    func `a file opened for reading refuses writes`(subject: Subject) throws {
        let bench = try subject.make()
        try bench.disk.replaceFile(bench.path("a"), with: [1])
        let file = try bench.disk.open(bench.path("a"), .readOnly)

        let results = bench.disk.finish([
            .write(file, at: .zero, bytes: [OwnedBytes([2])]),
            .write(file, at: .zero, bytes: [OwnedBytes([2]), OwnedBytes([3])]),
        ])
        let performed = errorCode { try bench.disk.write(file, at: .zero, [OwnedBytes([2])]) }

        #expect(results[0]?.errorCode == EBADF)
        #expect(results[1]?.errorCode == EBADF)
        #expect(performed == EBADF)
        #expect(try bench.disk.readFile(bench.path("a")) == [1])
    }

    @Test(arguments: Subject.allCases)
    func `one failure in a batch leaves the others alone`(subject: Subject) throws {
        let bench = try subject.make()
        let good = try bench.disk.open(bench.path("a"), .createNew)
        let bad = try bench.disk.open(bench.path("a"), .readOnly)

        let results = bench.disk.finish([
            .write(bad, at: .zero, bytes: [OwnedBytes([1])]),
            .write(good, at: .zero, bytes: [OwnedBytes([2])]),
            .open(path: bench.path("missing"), .readOnly),
            .sync(good, .data),
        ])

        #expect(results[0]?.errorCode == EBADF)
        #expect(results[1]?.isDone == true)
        #expect(results[2]?.errorCode == ENOENT)
        #expect(results[3]?.isDone == true)
    }
}
