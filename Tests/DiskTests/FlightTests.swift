import Disk
import Glibc
import IORing
import Testing
import Vocabulary

@testable import LinuxDisk

/// How an operation in the ring goes on when the kernel cuts it short.
@Suite struct FlightTests {
    @Test func `a short write goes on behind what was written, across pieces`() throws {
        var flight = try write([[1, 2, 3], [4, 5], [6, 7, 8, 9]])

        #expect(flight.advance(4) == nil)
        #expect(remaining(flight)?.position == 104)
        #expect(remaining(flight)?.bytes == [5, 6, 7, 8, 9])
        #expect(flight.advance(1) == nil)
        #expect(remaining(flight)?.bytes == [6, 7, 8, 9])
        #expect(flight.advance(4)?.isDone == true)
    }

    @Test(arguments: [EINTR, EAGAIN])
    func `an interrupted write is tried again as it was`(code: Int32) throws {
        var flight = try write([[1, 2, 3]])

        #expect(flight.advance(-code) == nil)
        #expect(remaining(flight)?.position == 100)
        #expect(remaining(flight)?.bytes == [1, 2, 3])
    }

    @Test func `a write that fails half-way fails`() throws {
        var flight = try write([[1, 2, 3]])

        #expect(flight.advance(1) == nil)
        #expect(flight.advance(-ENOSPC)?.errorCode == ENOSPC)
    }

    @Test func `a write that writes nothing is an error, not an endless loop`() throws {
        var flight = try write([[1, 2, 3]])

        #expect(flight.advance(0)?.errorCode == EIO)
    }

    @Test func `a short read goes on until the buffer is full or the file ends`() throws {
        let buffer = DiskBuffer(count: 10)
        var full = try read(into: buffer)
        var ended = try read(into: buffer)

        #expect(full.advance(4) == nil)
        guard case .read(_, at: 104, let rest) = full.operation else {
            Issue.record("the read goes on at 104")
            return
        }
        #expect(rest.baseAddress == buffer.base + 4)
        #expect(rest.count == 6)
        #expect(full.advance(6)?.byteCount == 10)
        #expect(ended.advance(4) == nil)
        #expect(ended.advance(0)?.byteCount == 4)
    }

    private func write(_ pieces: [[UInt8]]) throws -> Flight {
        try flight { .write($0, at: FilePosition(100), bytes: pieces.map { OwnedBytes($0) }) }
    }

    private func read(into buffer: DiskBuffer) throws -> Flight {
        try flight { .read($0, at: FilePosition(100), into: buffer) }
    }

    private func flight(_ operation: (FileID) -> Operation) throws -> Flight {
        var files = FileTable()
        let file = files.add(descriptor: 0, path: "/a")
        return try #require(
            Flight.begin(
                Submission(ticket: Ticket(1), operation: operation(file)), files: files,
                ring: IORing(capacity: 1)))
    }

    private func remaining(_ flight: Flight) -> (position: UInt64, bytes: [UInt8])? {
        guard case .write(_, let position, let pieces) = flight.operation else { return nil }
        return (position, pieces.flatMap { Array($0) })
    }
}
