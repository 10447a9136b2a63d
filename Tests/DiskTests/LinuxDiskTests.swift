import Disk
import Glibc
import LinuxDisk
import Testing
import Vocabulary

/// What only the kernel's disk has: a descriptor to watch, descriptors to send from, an end.
@Suite struct LinuxDiskTests {
    @Test(arguments: [LinuxDisk.Mode.ring(capacity: 8), .inline])
    func `the descriptor becomes readable, however the operation is done`(
        mode: LinuxDisk.Mode
    ) throws {
        let folder = TemporaryFolder()
        let disk = try LinuxDisk(mode)
        let file = try disk.open(folder.path + "/a", .createNew)
        let descriptor = try #require(disk.completionDescriptor)
        let operations: [Operation] = [
            .size(file), .write(file, at: .zero, bytes: [OwnedBytes([1])]), .sync(file, .data),
            .removeFile(path: folder.path + "/a"),
        ]

        for operation in operations {
            disk.acknowledgeEvent()
            #expect(!isReadable(descriptor, within: 0))
            disk.submit([Submission(ticket: Ticket(1), operation: operation)])
            #expect(isReadable(descriptor, within: 30_000), "\(operation.name)")
            #expect(disk.drain { #expect(throws: Never.self, performing: $0.result.get) } == 1)
        }
    }

    @Test func `a deferred close that completes is announced`() throws {
        let folder = TemporaryFolder()
        let disk = try LinuxDisk()
        let file = try disk.open(folder.path + "/a", .createNew)
        let descriptor = try #require(disk.completionDescriptor)
        disk.submit([
            Submission(
                ticket: Ticket(1),
                operation: .write(
                    file, at: .zero, bytes: [OwnedBytes([UInt8](repeating: 1, count: 1 << 20))])),
            Submission(ticket: Ticket(2), operation: .close(file)),
        ])
        var tickets: [UInt64] = []

        while tickets.count < 2 {
            guard isReadable(descriptor, within: 30_000) else {
                Issue.record("no event, \(tickets) completed")
                return
            }
            disk.acknowledgeEvent()
            disk.drain { tickets.append($0.ticket.rawValue) }
        }

        #expect(tickets == [1, 2])
    }

    @Test func `closing the disk finishes what is in flight and closes its files`() throws {
        let folder = TemporaryFolder()
        let disk = try LinuxDisk()
        let file = try disk.open(folder.path + "/a", .createNew)
        let descriptor = try #require(disk.descriptor(of: file))
        let bytes = OwnedBytes([UInt8](repeating: 1, count: 100_000))
        disk.submit(
            (0..<50).map {
                Submission(
                    ticket: Ticket($0),
                    operation: .write(file, at: FilePosition(Int64($0) * 100_000), bytes: [bytes]))
            })

        disk.close()

        let other = try LinuxDisk(.inline)
        #expect(try other.readFile(folder.path + "/a").count == 5_000_000)
        // Its number may have gone to another file by now, never to the same one.
        #expect(path(of: descriptor) != folder.path + "/a")
    }

    @Test func `a disk that goes away in flight lets its bytes go with it`() throws {
        let folder = TemporaryFolder()
        final class Owner {
            let base = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 16)
            deinit { base.deallocate() }
        }
        weak var watched: Owner?
        do {
            let disk = try LinuxDisk()
            let file = try disk.open(folder.path + "/a", .createNew)
            let owner = Owner()
            owner.base.initializeMemory(as: UInt8.self, repeating: 1, count: 1 << 20)
            watched = owner
            let bytes = OwnedBytes(
                base: UnsafeRawPointer(owner.base), count: 1 << 20, owner: owner)
            disk.submit([
                Submission(ticket: Ticket(1), operation: .write(file, at: .zero, bytes: [bytes]))
            ])
        }

        #expect(watched == nil)
        #expect(try LinuxDisk(.inline).readFile(folder.path + "/a").count == 1 << 20)
    }

    @Test(arguments: [true, false])
    func `a write that stops half-way keeps its part and reports why`(byRing: Bool) async {
        let folder = TemporaryFolder()
        await #expect(processExitsWith: .exitCode(17)) { [byRing, path = folder.path as String] in
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1_000, rlim_max: rlim_t.max)
            setrlimit(__rlimit_resource_t(1), &limit)  // RLIMIT_FSIZE
            let disk = try LinuxDisk(byRing ? .ring(capacity: 8) : .inline)
            let file = try disk.open(path + "/a", .createNew)
            let pieces = [UInt8](repeating: 1, count: 600)
            let results = disk.finish([
                .write(file, at: .zero, bytes: [OwnedBytes(pieces), OwnedBytes(pieces)])
            ])
            let performed = errorCode {
                try disk.write(file, at: .zero, [OwnedBytes(pieces), OwnedBytes(pieces)])
            }
            let size = try disk.size(of: file)
            _exit(results[0]?.errorCode == EFBIG && performed == EFBIG && size == 1_000 ? 17 : 1)
        }
        withExtendedLifetime(folder) {}
    }

    @Test func `what was just written is in the page cache, what lies behind the end is not`()
        throws
    {
        let folder = TemporaryFolder()
        let disk = try LinuxDisk()
        let file = try disk.open(folder.path + "/a", .createNew)
        try disk.write(file, at: .zero, [OwnedBytes([UInt8](repeating: 1, count: 10_000))])
        let descriptor = try #require(disk.descriptor(of: file))

        #expect(PageCache.holdsEnds(of: descriptor, at: 0, count: 10_000))
        #expect(PageCache.holdsEnds(of: descriptor, at: 9_999, count: 1))
        #expect(!PageCache.holdsEnds(of: descriptor, at: 0, count: 10_001))
        #expect(!PageCache.holdsEnds(of: descriptor, at: 20_000, count: 1))
        #expect(!PageCache.lacksEnds(of: descriptor, at: 0, count: 10_000))
        // Behind the end there is nothing to wait for.
        #expect(!PageCache.lacksEnds(of: descriptor, at: 20_000, count: 1))
        if let pages = PageCache.pages(of: descriptor, at: 0, count: 10_000) {
            #expect(pages.cached == 3)
        }
    }

    private func isReadable(_ descriptor: Int32, within milliseconds: Int32) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, milliseconds) == 1
    }

    private func path(of descriptor: Int32) -> String {
        var name = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/fd/\(descriptor)", &name, name.count)
        return String(
            decoding: name.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
