import KafkaProtocol
import NIOCore

/// ApiVersions (18): which APIs are served, in which versions.
enum ApiVersionsApi: Api {
    static func handle(_ request: ApiVersionsRequest, _ call: Call) {
        if call.version >= 3,
            !isLegal(request.clientSoftwareName) || !isLegal(request.clientSoftwareVersion)
        {
            call.answer(ApiVersionsResponse(errorCode: .invalidRequest))
            return
        }
        call.answer(ApiVersionsResponse(apiKeys: served))
    }

    /// The answer to a version that is not served, the only one that does not close the connection:
    /// in version 0, with the versions of ApiVersions itself (KIP-511).
    static func answerUnknownVersion(_ request: Request) {
        let own = served.filter { $0.apiKey == ApiKey.apiVersions.rawValue }
        let frame = WireFrame.response(
            ApiVersionsResponse(errorCode: .unsupportedVersion, apiKeys: own), version: 0,
            correlationID: request.correlationID)
        request.answer(.bytes(frame.bytes))
    }

    // No feature is listed: `transaction.version` and its like come with what they switch on, and
    // without finalized features clients keep to the older ways.
    private static let served = ApiTable.handlers.map { handler in
        ApiVersionsResponse.ApiVersion(
            apiKey: handler.declaration.apiKey.rawValue,
            minVersion: handler.declaration.advertisedVersions.lowerBound,
            maxVersion: handler.declaration.advertisedVersions.upperBound)
    }

    /// Kafka's `[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?` (`ApiVersionsRequest.isValid`).
    static func isLegal(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy {
                isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
