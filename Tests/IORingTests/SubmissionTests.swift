import Glibc
import IORing
import Testing

@Suite struct SubmissionTests {
    @Test func `a batch completes with the numbers it was given`() throws {
        let ring = try IORing(capacity: 8)
        for number in 0..<5 { ring.enqueue(.nothing, userData: UInt64(number) * 7, keeping: nil) }

        let results = ring.finish()

        #expect(results.map(\.userData).sorted() == [0, 7, 14, 21, 28])
        #expect(results.allSatisfy { $0.result == 0 })
        #expect(ring.inFlight == 0)
    }

    @Test func `far more than the queues hold is submitted in between, none lost`() throws {
        let ring = try IORing(capacity: 4)
        let count = 20_000
        for number in 0..<count { ring.enqueue(.nothing, userData: UInt64(number), keeping: nil) }
        #expect(ring.inFlight == count)

        let results = ring.finish()

        #expect(results.count == count)
        #expect(Set(results.map(\.userData)).count == count)
    }

    @Test func `pieces are written in their order, then read back`() throws {
        let ring = try IORing()
        let file = ScratchFile()
        let pieces = [Memory([1, 2]), Memory([3]), Memory([4, 5, 6])]
        ring.enqueue(
            .write(file.descriptor, at: 10, pieces.map(\.piece)), userData: 1, keeping: nil)
        #expect(ring.finish().first?.result == 6)

        let read = Memory([UInt8](repeating: 9, count: 10))
        ring.enqueue(
            .read(file.descriptor, at: 10, into: read.bytes), userData: 2, keeping: nil)

        #expect(ring.finish().first?.result == 6)
        #expect(Array(read.bytes) == [1, 2, 3, 4, 5, 6, 9, 9, 9, 9])
        withExtendedLifetime(pieces) {}
    }

    @Test func `syncing, reserving, hinting and removing work where the kernel has them`() throws {
        let ring = try IORing()
        let file = ScratchFile()
        let operations: [RingOperation] = [
            .sync(file.descriptor, dataOnly: true), .sync(file.descriptor, dataOnly: false),
            .allocate(file.descriptor, at: 0, count: 8_192, keepSize: false),
            .startWriteBack(file.descriptor, at: 0, count: 4_096),
            .advise(file.descriptor, at: 0, count: 4_096, .dontNeed),
        ]
        for (number, operation) in operations.enumerated() {
            ring.enqueue(operation, userData: UInt64(number), keeping: nil)
        }
        ring.enqueue(.removeFile(path: "/tmp/millrace-no-such-file"), userData: 9, keeping: nil)

        let results = ring.finish()

        #expect(results.filter { $0.userData < 9 }.allSatisfy { $0.result == 0 })
        #expect(results.first { $0.userData == 9 }?.result == -ENOENT)
        #expect(file.contents.count == 8_192)
    }

    @Test func `a failing operation does not disturb the batch`() throws {
        let ring = try IORing()
        let file = ScratchFile()
        let memory = Memory([1, 2, 3])
        ring.enqueue(.write(-1, at: 0, [memory.piece]), userData: 1, keeping: nil)
        ring.enqueue(.sync(-1, dataOnly: true), userData: 2, keeping: nil)
        ring.enqueue(.write(file.descriptor, at: 0, [memory.piece]), userData: 3, keeping: memory)

        let results = Dictionary(
            uniqueKeysWithValues: ring.finish().map { ($0.userData, $0.result) })

        #expect(results == [1: -EBADF, 2: -EBADF, 3: 3])
    }

    @Test func `the owner of memory lives until its completion is drained, no longer`() throws {
        let ring = try IORing()
        let file = ScratchFile()
        weak var watched: Memory?
        do {
            let memory = Memory([1, 2, 3])
            watched = memory
            ring.enqueue(
                .write(file.descriptor, at: 0, [memory.piece]), userData: 1, keeping: memory)
        }
        ring.submit()
        ring.wait()

        #expect(watched != nil)
        ring.drain { _ in }
        #expect(watched == nil)
        #expect(file.contents == [1, 2, 3])
    }

    @Test func `a completion may enqueue and submit what follows`() throws {
        let ring = try IORing(capacity: 2)
        var steps = 0
        ring.enqueue(.nothing, userData: 0, keeping: nil)
        ring.submit()

        while ring.inFlight > 0 {
            ring.wait()
            ring.drain { _ in
                steps += 1
                guard steps < 1_000 else { return }
                ring.enqueue(.nothing, userData: UInt64(steps), keeping: nil)
                if steps.isMultiple(of: 2) { ring.submit() }
            }
        }

        #expect(steps == 1_000)
    }

    @Test func `many rounds of mixed sizes leave the file as a model has it`() throws {
        let ring = try IORing(capacity: 16)
        let file = ScratchFile()
        var model: [UInt8] = []
        var random = SystemRandomNumberGenerator()

        for round in 0..<200 {
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                let pieces = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                    Memory(
                        [UInt8](
                            repeating: UInt8(round),
                            count: Int.random(in: 1...3_000, using: &random)))
                }
                ring.enqueue(
                    .write(file.descriptor, at: UInt64(model.count), pieces.map(\.piece)),
                    userData: UInt64(pieces.reduce(0) { $0 + $1.bytes.count }),
                    keeping: pieces as AnyObject)
                for piece in pieces { model += Array(piece.bytes) }
            }
            ring.submit()
            ring.drain { #expect(Int64($0.result) == Int64($0.userData)) }
        }
        for (expected, result) in ring.finish() { #expect(Int64(result) == Int64(expected)) }

        #expect(file.contents == model)
    }
}
