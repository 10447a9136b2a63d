import KafkaProtocol

/// DescribeCluster (60): the cluster's id and brokers (KIP-700).
enum DescribeClusterApi: Api {
    static func handle(_ request: DescribeClusterRequest, _ call: Call) {
        // 1: brokers, 2: controllers (KIP-919).
        guard call.version < 1 || request.endpointType == 1 else {
            call.answer(
                DescribeClusterResponse(
                    errorCode: request.endpointType == 2
                        ? .mismatchedEndpointType : .unsupportedEndpointType,
                    errorMessage: "this listener serves brokers, endpoint type 1",
                    endpointType: request.endpointType))
            return
        }
        let node = call.services.nodeID.rawValue
        call.answer(
            DescribeClusterResponse(
                clusterID: call.services.clusterID, controllerID: node,
                brokers: [
                    DescribeClusterResponse.Broker(
                        brokerID: node, host: call.advertised.host,
                        port: Int32(call.advertised.port))
                ],
                clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
                    ? AuthorizedOperations.ofCluster : AuthorizedOperations.unasked))
    }
}
