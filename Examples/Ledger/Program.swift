import EmbeddedStore
import Glibc
import Scratch

/// Shows that a ledger survives being killed: `ledger` runs itself as a child that books transfers
/// and says so, kills it with SIGKILL in the midst of it, opens what is left, and compares.
///
///     ledger              the whole demonstration, in a folder of its own
///     ledger book FOLDER  the child
@main
struct Program {
    static func main() async {
        do {
            let arguments = CommandLine.arguments
            if arguments.count == 3, arguments[1] == "book" {
                try await bookForEver(in: arguments[2])
            } else {
                try await demonstrate()
            }
        } catch {
            print("ledger: \(error)")
            exit(1)
        }
    }

    /// Fills the accounts from the bank, then moves money around in pairs of transfers, and writes
    /// the number of transfers to standard output whenever more of them are booked for good.
    private static func bookForEver(in folder: String) async throws {
        let ledger = try await Ledger(EventStore.open(folder))
        try await ledger.book((1...9).map { Transfer(from: Ledger.bank, to: $0, cents: 10_000) })
        try await withThrowingTaskGroup { group in
            for teller in 1...4 {
                group.addTask {
                    while true {
                        let (from, to) = (Int.random(in: 1...9), Int.random(in: 1...9))
                        let cents = Int.random(in: 1...500)
                        do {
                            let last = try await ledger.book([
                                Transfer(from: from, to: to, cents: cents),
                                Transfer(from: to, to: Ledger.bank, cents: teller),
                            ])
                            say("\(last.rawValue + 1)\n")
                        } catch is Ledger.Overdrawn {
                            // A poor account: try another.
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func say(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            // One write each: the lines of several tasks do not mix.
            _ = write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    private static func demonstrate() async throws {
        let parent = try ScratchFolder()
        defer { parent.remove() }
        let folder = "\(parent.path)/ledger"
        var before = 0
        for round in 1...3 {
            let promised = try killWhileBooking(in: folder, after: 40 * round)
            let balances: [Int: Int]
            do {
                let store = try await EventStore.open(folder)
                let ledger = try await Ledger(store)
                balances = await ledger.balances
                let count = await ledger.count
                try await store.close()
                print("round \(round): \(promised) transfers were acknowledged, \(count) found")
                try check(count >= promised, "an acknowledged transfer is missing")
                try check(count > before, "nothing was booked")
                // Nine to begin with in each round, then always two together.
                try check((count - 9 * round) % 2 == 0, "half of a pair was booked")
                before = count
            }
            try check(balances.values.reduce(0, +) == 0, "money appeared or vanished")
            try check(
                balances.allSatisfy { $0.key == Ledger.bank || $0.value >= 0 },
                "an account is overdrawn")
            let again = try await withEventStore(at: folder) { store in
                try await Ledger(store).balances
            }
            try check(again == balances, "the balances differ after a clean start")
        }
        print("ledger: balances agree after every crash")
    }
}
