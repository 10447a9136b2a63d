import Glibc

/// One line on a terminal that is written over and over: how far, how fast, how long still.
final class ProgressLine {
    private let start = ContinuousClock.now
    private let isShown = StandardError.isTerminal
    private var width = 0

    /// Shown from the second second on.
    func show(done: Int, of total: Int) {
        let elapsed = ContinuousClock.now - start
        guard isShown, elapsed > .seconds(1), total > 0 else { return }
        let seconds =
            Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let rate = Double(done) / seconds
        let left = rate > 0 ? Int(Double(total - done) / rate) : 0
        show(
            "\(done * 100 / total) %  \(done >> 20) of \(total >> 20) MiB  \(Int(rate) >> 20) MiB/s  \(left) s left"
        )
    }

    func show(_ text: String) {
        guard isShown else { return }
        let padding = String(repeating: " ", count: max(0, width - text.count))
        width = text.count
        StandardError.write("\r\(text)\(padding)")
    }

    func clear() {
        guard width > 0 else { return }
        StandardError.write("\r\(String(repeating: " ", count: width))\r")
        width = 0
    }
}
