import KafkaProtocol

/// FindCoordinator (10): who coordinates a group or a transaction.
///
/// Nobody does yet. The API is offered all the same, because librdkafka takes a broker without it
/// for one too old for lz4; clients are told to try again.
enum FindCoordinatorApi: Api {
    static func handle(_ request: FindCoordinatorRequest, _ call: Call) {
        let code: ErrorCode =
            switch request.keyType {
            case 0, 1: .coordinatorNotAvailable
            default: .invalidRequest
            }
        let message = "this broker coordinates neither groups nor transactions"
        guard call.version >= 4 else {
            call.answer(
                FindCoordinatorResponse(
                    errorCode: code, errorMessage: message, nodeID: -1, host: "", port: -1))
            return
        }
        call.answer(
            FindCoordinatorResponse(
                coordinators: request.coordinatorKeys.map {
                    FindCoordinatorResponse.Coordinator(
                        key: $0, nodeID: -1, host: "", port: -1, errorCode: code,
                        errorMessage: message)
                }))
    }
}
