import Compression
import Disk
import Synchronization
import Vocabulary

/// The segments to be checked, handed out to threads one by one.
final class SegmentQueue: Sendable {
    private let plans: [SegmentPlan]
    private let next = Atomic(0)
    private let bytes = Atomic(0)
    private let results: Lock<[SegmentResult?]>

    init(_ plans: [SegmentPlan]) {
        self.plans = plans
        results = Lock(Array(repeating: nil, count: plans.count))
    }

    /// How many bytes of segments were read so far.
    var bytesDone: Int { bytes.load(ordering: .relaxed) }

    /// Checks segments until none is left. One thread, one disk.
    func work(on disk: any Disk, options: VerifyOptions, progress: () -> Void) {
        let decompressor = Decompressor()
        while true {
            let index = next.add(1, ordering: .relaxed).oldValue
            guard index < plans.count else { return }
            var check = SegmentCheck(
                plans[index], on: disk, options: options, decompressor: decompressor)
            let result = check.run { count in
                bytes.add(count, ordering: .relaxed)
                progress()
            }
            results.withLock { $0[index] = result }
        }
    }

    /// In the order of the plans, when all threads are done.
    var finished: [SegmentResult] {
        results.withLock { results in
            results.map { result in
                guard let result else {
                    preconditionFailure("every segment was handed to a thread")
                }
                return result
            }
        }
    }
}
