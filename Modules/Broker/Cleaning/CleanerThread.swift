import Glibc
import LinuxDisk
import NIOPosix
import SegmentStore

/// The thread that reads and writes for compactions, with a disk of its own. It yields to the event
/// loops: its nice value is higher.
final class CleanerThread: Sendable {
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private static let niceness: Int32 = 10

    func start() {
        pool.start()
        // The one thread of the pool takes it up; refused, it works as any other.
        pool.submit { _ in
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
        }
    }

    func stop() async { try? await pool.shutdownGracefully() }

    /// Begins a run.
    func begin(_ plan: CompactionPlan, limits: CompactionLimits) async throws -> Work {
        try await pool.runIfActive { try Work(plan, limits: limits) }
    }

    func step(_ work: Work, byteBudget: Int) async throws -> CompactionRun.Progress {
        try await pool.runIfActive { try work.run.step(byteBudget: byteBudget) }
    }

    func end(_ work: Work) async {
        // The pool is active as long as anything compacts; without it the files stay until the
        // next start.
        try? await pool.runIfActive {
            work.run.cancel()
            work.disk.close()
        }
    }

    /// A run with its disk. Nothing outside of this file reaches into it.
    final class Work {
        fileprivate let run: CompactionRun
        fileprivate let disk: LinuxDisk

        fileprivate init(_ plan: CompactionPlan, limits: CompactionLimits) throws {
            disk = try LinuxDisk(.inline)
            run = CompactionRun(plan, disk: disk, limits: limits)
        }
    }
}

// Run and disk are made, used and ended by the closures above only, which the pool's one thread
// carries out one after the other; others hold the reference and no more. They may let it go: what
// ends with it is memory, and `end` has closed the files before.
extension CleanerThread.Work: @unchecked Sendable {}
