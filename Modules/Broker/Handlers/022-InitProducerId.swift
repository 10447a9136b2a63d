import KafkaProtocol
import Vocabulary

/// InitProducerId (22): gives an idempotent producer an id that no other ever had (KIP-98).
enum InitProducerIdApi: Api {
    static func handle(_ request: InitProducerIdRequest, _ call: Call) {
        if let transactionalID = request.transactionalID {
            // Transactions have no coordinator yet; the code makes clients try again.
            refuse(call, transactionalID.isEmpty ? .invalidRequest : .coordinatorNotAvailable)
            return
        }
        guard (request.producerID < 0) == (request.producerEpoch < 0) else {
            refuse(call, .invalidRequest)
            return
        }
        // An id the client had before is not looked at, as in Kafka: it gets a fresh one.
        call.services.registry.nextProducerID(for: call.shard) { result in
            switch result {
            case .success(let id):
                call.answer(InitProducerIdResponse(producerID: id.rawValue, producerEpoch: 0))
            case .failure(let fault):
                refuse(call, fault.code)
            }
        }
    }

    private static func refuse(_ call: Call, _ code: ErrorCode) {
        call.answer(InitProducerIdResponse(errorCode: code, producerID: -1, producerEpoch: -1))
    }
}
