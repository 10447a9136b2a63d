import ArgumentParser
import Foundation
import ProtocolGeneration

/// Writes the Swift of the message grammar, or checks that it is fresh.
@main
struct ProtocolGenerator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protocol-generator",
        abstract: "Writes Modules/KafkaProtocol/Generated from Modules/KafkaProtocol/Messages.")

    @Option(help: "The folder that holds Messages and Generated.")
    var module = "Modules/KafkaProtocol"

    @Flag(help: "Write nothing; fail when a generated file is missing, stale or left over.")
    var check = false

    func run() throws {
        let folder = URL(filePath: module, directoryHint: .isDirectory)
        let output = folder.appending(path: "Generated")
        let fresh: [SourceFile]
        do {
            fresh = try generate(from: try files(in: folder.appending(path: "Messages")))
        } catch let error as GrammarError {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode.failure
        }
        let present =
            FileManager.default.fileExists(atPath: output.path) ? try files(in: output) : []
        let stale = fresh.filter { !present.contains($0) }.map(\.name)
        let leftOver = present.map(\.name).filter { name in !fresh.contains { $0.name == name } }

        if check {
            guard stale.isEmpty, leftOver.isEmpty else {
                for name in stale { print("stale: \(name)") }
                for name in leftOver { print("left over: \(name)") }
                print("run: swift run protocol-generator")
                throw ExitCode.failure
            }
            return
        }
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        for name in leftOver {
            try FileManager.default.removeItem(at: output.appending(path: name))
        }
        for file in fresh where stale.contains(file.name) {
            try Data(file.text.utf8).write(to: output.appending(path: file.name))
            print("wrote \(file.name)")
        }
    }

    private func files(in folder: URL) throws -> [SourceFile] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try names.sorted().map { name in
            SourceFile(
                name: name,
                text: try String(contentsOf: folder.appending(path: name), encoding: .utf8))
        }
    }
}
