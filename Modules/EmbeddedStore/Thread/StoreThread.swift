import Glibc

/// The store's thread: runs what the mailbox brings, then starts what makes the appends of that
/// turn durable, then sleeps until there is work, a completion or a tick.
enum StoreThread {
    static func start(_ mailbox: Mailbox) throws(ThreadError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(mailbox)
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                StoreThread.run(Unmanaged<Mailbox>.fromOpaque(argument).takeRetainedValue())
                return nil
            }, argument.toOpaque())
        guard result == 0 else {
            argument.release()
            throw ThreadError(call: "pthread_create", code: result)
        }
    }

    private static func run(_ mailbox: Mailbox) {
        let core = StoreCore()
        var work: [Mailbox.Work] = []
        while true {
            mailbox.take(into: &work)
            if work.isEmpty {
                switch mailbox.rest() {
                case .none: continue
                case .end: return
                case .sleep: sleep(mailbox, core)
                }
            }
            core.beginTurn()
            for item in work {
                switch item {
                case .append(let request): core.append(request)
                case .call(let call): call(core)
                case .job(let job, let serial, let task):
                    job.runSynchronously(isolatedTo: serial, taskExecutor: task)
                }
            }
            work.removeAll(keepingCapacity: true)
            core.endTurn()
        }
    }

    /// Waits for the mailbox, the disk or the time, and takes the wake-up signals in.
    private static func sleep(_ mailbox: Mailbox, _ core: StoreCore) {
        var watched = [
            pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0),
            // poll(2) passes over negative descriptors.
            pollfd(fd: core.completionDescriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&watched, 2, core.patience)
        mailbox.awoke()
        // Read before draining, or a wake-up is lost.
        for entry in watched where entry.revents != 0 {
            var count: UInt64 = 0
            _ = read(entry.fd, &count, 8)
        }
    }
}
