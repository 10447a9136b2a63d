import Disk
import Testing
import Vocabulary

/// How completions come back; the same claims for each disk.
@Suite struct CompletionTests {
    @Test(arguments: Subject.allCases)
    func `submissions far beyond the queue all complete, each once`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)
        let count = 5_000

        bench.disk.submit(
            (0..<count).map { index in
                Submission(
                    ticket: Ticket(UInt64(index)),
                    operation: .write(
                        file, at: FilePosition(Int64(index) * 2),
                        bytes: [OwnedBytes([UInt8(index & 0xFF), UInt8(index >> 8)])]))
            })
        #expect(bench.disk.inFlight == count)
        var seen = [Int](repeating: 0, count: count)
        while bench.disk.inFlight > 0 {
            bench.disk.wait()
            bench.disk.drain { seen[Int($0.ticket.rawValue)] += $0.result.isDone ? 1 : 1_000 }
        }

        #expect(seen.allSatisfy { $0 == 1 })
        let bytes = try bench.disk.readFile(bench.path("a"))
        #expect(bytes == (0..<count).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
    }

    @Test(arguments: Subject.allCases)
    func `a completion may submit what follows`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)
        var steps = 0

        func step() {
            bench.disk.submit([
                Submission(
                    ticket: Ticket(UInt64(steps)),
                    operation: steps.isMultiple(of: 2)
                        ? .write(
                            file, at: FilePosition(Int64(steps)), bytes: [OwnedBytes([1, 1])])
                        : .size(file))
            ])
        }
        step()
        while bench.disk.inFlight > 0 {
            bench.disk.wait()
            bench.disk.drain { _ in
                steps += 1
                if steps < 100 { step() }
            }
        }

        #expect(steps == 100)
        #expect(try bench.disk.size(of: file) == 100)
    }

    @Test(arguments: Subject.allCases)
    func `waiting and draining with nothing in flight return at once`(subject: Subject) throws {
        let bench = try subject.make()

        bench.disk.wait()

        #expect(bench.disk.drain { _ in Issue.record("nothing was submitted") } == 0)
        #expect(bench.disk.inFlight == 0)
    }

    @Test(arguments: Subject.allCases)
    func `a close waits for what is in flight on its file`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)
        let big = OwnedBytes([UInt8](repeating: 3, count: 1 << 20))

        bench.disk.submit([
            Submission(ticket: Ticket(1), operation: .write(file, at: .zero, bytes: [big])),
            Submission(ticket: Ticket(2), operation: .sync(file, .data)),
            Submission(ticket: Ticket(3), operation: .close(file)),
        ])
        let results = bench.disk.finishAll()

        #expect(results.count == 3)
        #expect(results.values.allSatisfy { $0.isDone })
        #expect(try bench.disk.readFile(bench.path("a")).count == 1 << 20)
    }

    @Test(arguments: Subject.allCases)
    func `a performed close lets operations in flight finish`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)
        let big = OwnedBytes([UInt8](repeating: 3, count: 1 << 20))

        bench.disk.submit([
            Submission(ticket: Ticket(1), operation: .write(file, at: .zero, bytes: [big])),
            Submission(ticket: Ticket(2), operation: .sync(file, .data)),
        ])
        try bench.disk.close(file)
        let results = bench.disk.finishAll()

        #expect(results.count == 2)
        #expect(results.values.allSatisfy { $0.isDone })
        #expect(try bench.disk.readFile(bench.path("a")).count == 1 << 20)
    }

    @Test(arguments: Subject.allCases)
    func `draining from within a completion traps`(subject: Subject) async {
        let folder = TemporaryFolder()
        await #expect(processExitsWith: .trap) { [subject, path = folder.path as String] in
            let bench = try subject.make(at: path)
            bench.disk.submit([
                Submission(ticket: Ticket(1), operation: .freeSpace(path: bench.folder))
            ])
            bench.disk.wait()
            bench.disk.drain { _ in bench.disk.drain { _ in } }
        }
        withExtendedLifetime(folder) {}
    }

    @Test(arguments: Subject.allCases)
    func `using a file after its close traps`(subject: Subject) async {
        let folder = TemporaryFolder()
        await #expect(processExitsWith: .trap) { [subject, path = folder.path as String] in
            let bench = try subject.make(at: path)
            let file = try bench.disk.open(bench.path("a"), .createNew)
            try bench.disk.close(file)
            _ = try bench.disk.open(bench.path("b"), .createNew)
            _ = try bench.disk.size(of: file)
        }
        withExtendedLifetime(folder) {}
    }
}
