import Foundation
import KafkaProtocol
import ProtocolGeneration
import Testing

/// The files of the module's grammar and what is generated from them, as they are checked in.
enum Grammar {
    static let module = CapturedFrame.repository.appending(path: "Modules/KafkaProtocol")

    static func files(in folder: String) throws -> [SourceFile] {
        let url = module.appending(path: folder)
        return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted().map { name in
            SourceFile(
                name: name, text: try String(contentsOf: url.appending(path: name), encoding: .utf8)
            )
        }
    }

    static func api(_ key: ApiKey) throws -> Api {
        let file = try #require(
            try files(in: "Messages").first { $0.name.hasSuffix("-\(key).message") })
        return try GrammarParser.parse(file.text, file: file.name)
    }
}
