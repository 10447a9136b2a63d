import Glibc
import NIOCore
import NIOPosix

/// Wakes a shard when its disk has completed something: the ring's eventfd, watched by the loop as
/// if it were a pipe.
final class CompletionWatcher: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let onReadable: () -> Void

    private init(onReadable: @escaping () -> Void) {
        self.onReadable = onReadable
    }

    /// The eight bytes of the eventfd have been read, which made it unreadable again.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) { onReadable() }

    /// Begins to watch `descriptor` on `eventLoop`; call on that loop. The descriptor stays the
    /// caller's: a duplicate is watched, because the channel closes what it is given.
    static func watch(
        _ descriptor: Int32, on eventLoop: any EventLoop, onReadable: @escaping () -> Void
    ) -> EventLoopFuture<any Channel> {
        let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard duplicate >= 0 else {
            return eventLoop.makeFailedFuture(
                IOError(errnoCode: errno, reason: "dup of an eventfd"))
        }
        let watcher = NIOLoopBound(CompletionWatcher(onReadable: onReadable), eventLoop: eventLoop)
        return NIOPipeBootstrap(group: eventLoop)
            // Eight bytes come at a time; one read empties an eventfd.
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(watcher.value)
                }
            }
            .takingOwnershipOfDescriptor(input: duplicate)
            .map { $0 }
    }
}
