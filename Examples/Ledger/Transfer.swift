import EmbeddedStore

/// An amount of money that moved from one account to another: the ledger's only event.
struct Transfer: Sendable, Equatable {
    var from: Int
    var to: Int
    var cents: Int

    /// Three big-endian integers of eight bytes.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        for number in [from, to, cents] {
            withUnsafeBytes(of: Int64(number).bigEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    init(from: Int, to: Int, cents: Int) {
        self.from = from
        self.to = to
        self.cents = cents
    }

    init?(_ bytes: UnsafeRawBufferPointer?) {
        guard let bytes, bytes.count == 24 else { return nil }
        func number(_ index: Int) -> Int {
            Int(Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: Int64.self)))
        }
        self.init(from: number(0), to: number(1), cents: number(2))
    }
}
