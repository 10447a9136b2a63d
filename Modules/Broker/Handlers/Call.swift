import KafkaProtocol
import NIOCore

/// One request with what its handler needs to answer it. Belongs to its connection's loop.
struct Call {
    let request: Request
    let header: RequestHeader
    /// The shard of the connection's loop.
    let shard: Shard
    let services: Services

    var version: Int16 { request.apiVersion }

    /// The address that clients of this connection's listener are told.
    var advertised: Endpoint { request.connection.advertised }

    func answer(_ response: some ResponseMessage) {
        let frame = WireFrame.response(
            response, version: version, correlationID: request.correlationID)
        guard !frame.isTooLong else { return refuseLength(of: frame) }
        precondition(frame.splices.isEmpty, "file regions need an answer in parts")
        request.answer(.bytes(frame.bytes))
    }

    /// Answers with records that are not in memory: `pieces` by the tag of their splice.
    func answer(
        _ response: some ResponseMessage, pieces: [[Answer.Part]], capacity: Int
    ) {
        let frame = WireFrame.response(
            response, version: version, correlationID: request.correlationID, capacity: capacity)
        guard !frame.isTooLong else { return refuseLength(of: frame) }
        guard !frame.splices.isEmpty else {
            request.answer(.bytes(frame.bytes))
            return
        }
        var parts: [Answer.Part] = []
        parts.reserveCapacity(2 * frame.splices.count + 1)
        var written = 0
        for splice in frame.splices {
            if let bytes = frame.bytes.getSlice(at: written, length: splice.index - written),
                bytes.readableBytes > 0
            {
                parts.append(.bytes(bytes))
            }
            parts.append(contentsOf: pieces[splice.tag])
            written = splice.index
        }
        if let rest = frame.bytes.getSlice(at: written, length: frame.bytes.writerIndex - written),
            rest.readableBytes > 0
        {
            parts.append(.bytes(rest))
        }
        request.answer(.parts(parts))
    }

    private func refuseLength(of frame: WireFrame) {
        close("the answer would have \(frame.byteCount) bytes, more than a frame can state")
    }

    /// Ends a request that gets no answer, so that the connection's next answers may leave.
    func finishWithoutAnswer() { request.answer(.nothing) }

    func close(_ reason: String) { request.close(reason) }
}
