import NIOCore

/// Puts the answers of one connection back into the order of its requests.
struct AnswerQueue {
    private enum Slot {
        case waiting(requestBytes: Int)
        case ready(Answer, requestBytes: Int)
    }

    /// The slots of the requests from `first` on whose answers have not left.
    private var slots = CircularBuffer<Slot>(initialCapacity: 4)
    private var first: UInt64 = 0
    /// Requests without an answer yet.
    private(set) var unansweredCount = 0
    /// Bytes of the requests whose answers have not left.
    private(set) var requestBytes = 0

    var count: Int { slots.count }
    var isEmpty: Bool { slots.isEmpty }

    /// Reserves the next place.
    mutating func admit(requestBytes: Int) -> RequestTicket {
        let ticket = RequestTicket(number: first + UInt64(slots.count))
        slots.append(.waiting(requestBytes: requestBytes))
        unansweredCount += 1
        self.requestBytes += requestBytes
        return ticket
    }

    /// Fills the place of `ticket`.
    mutating func fill(_ ticket: RequestTicket, with answer: Answer) {
        precondition(
            ticket.number >= first && ticket.number - first < UInt64(slots.count),
            "a request is answered once")
        let index = slots.index(slots.startIndex, offsetBy: Int(ticket.number - first))
        guard case .waiting(let bytes) = slots[index] else {
            preconditionFailure("a request is answered once")
        }
        slots[index] = .ready(answer, requestBytes: bytes)
        unansweredCount -= 1
    }

    /// The next answer in request order, if it is there.
    mutating func next() -> Answer? {
        guard case .ready(let answer, let bytes)? = slots.first else { return nil }
        slots.removeFirst()
        first += 1
        requestBytes -= bytes
        return answer
    }
}
