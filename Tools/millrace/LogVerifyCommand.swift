import ArgumentParser
import Disk
import Glibc
import LinuxDisk
import LogInspection
import SegmentStore
import Vocabulary

struct LogVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads a data folder or a partition's folder and names any damage.",
        discussion: """
            Checks every batch (checksum, records, timestamps, place in the log), indexes, \
            producer snapshots, leader epochs, checkpoints and the metadata log, and that they \
            agree with each other. Changes nothing.

            Examples:
              millrace log verify /var/lib/millrace
              millrace log verify /var/lib/millrace/orders-0
              millrace log verify /var/lib/millrace --output json | jq 'select(.type=="damage")'

            Exit status: 0 without damage, 1 with damage, 2 where it could not run: also when a \
            broker uses the folder, unless --live is given. With --live the ends of the logs may \
            move while they are read: what may be moving is a notice then, not damage.
            """)

    @Argument(help: "A data folder or a partition's folder.", completion: .directory)
    var folder: String

    @Option(help: "text, or json, one object a line and a summary in the end.")
    var output = DumpOptions.Format.text

    @Flag(help: "Read a folder that a broker uses.")
    var live = false

    @Option(help: "Read with so many threads; one for each processor by default.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads takes a number from 1 to 256")
        }
    }

    func run() throws {
        let path = LogDumpCommand.trimmed(folder)
        let report: VerifyReport
        do throws(InspectionError) {
            let lock = live ? nil : try Self.lock(path)
            report = try verify(path)
            lock?.release()
            let terminal = OutputStream()
            for finding in report.findings {
                terminal.write(line: output == .json ? finding.json.text : finding.text)
            }
            terminal.write(line: output == .json ? report.json.text : Self.summary(report))
            try LogDumpCommand.finish(terminal)
        } catch {
            StandardError.write("millrace: \(error)\n")
            throw ExitCode(2)
        }
        if report.damageCount > 0 { throw ExitCode(1) }
    }

    private func verify(_ path: String) throws(InspectionError) -> VerifyReport {
        guard let disk = try? LinuxDisk(.inline) else {
            throw .disk(DiskError(operation: "eventfd", path: path, code: errno))
        }
        defer { disk.close() }
        var options = VerifyOptions()
        options.isLive = live
        let verification = try LogVerification(path, on: disk, options: options)
        let line = ProgressLine()
        defer { line.clear() }
        let count = threads ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        return verification.run(threads: count) {
            guard let disk = try? LinuxDisk(.inline) else {
                preconditionFailure("a thread has a descriptor for its events")
            }
            return disk
        } progress: { progress in
            line.show(done: progress.bytesDone, of: progress.bytesTotal)
        }
    }

    /// Keeps brokers out while the folder is read, if one has ever been there; nothing is made.
    /// What cannot be locked for want of rights is read all the same.
    private static func lock(_ path: String) throws(InspectionError) -> FolderLock? {
        for folder in [path, path + "/.."] {
            guard access("\(folder)/\(FolderLock.name)", F_OK) == 0 else { continue }
            do throws(SideFileError) {
                return try FolderLock(folder: folder)
            } catch {
                if case .locked = error { throw .inUse(error) }
            }
        }
        return nil
    }

    private static func summary(_ report: VerifyReport) -> String {
        let notices = report.findings.count - report.damageCount
        let found =
            report.damageCount == 0
            ? "no damage"
            : "\(report.damageCount) \(report.damageCount == 1 ? "place is" : "places are") damaged"
        return """
            \(found)\(notices > 0 ? ", \(notices) to know" : ""): \
            \(report.partitionCount) partitions, \(report.fileCount) files, \
            \(report.byteCount) bytes, \(report.batchCount) batches, \(report.recordCount) records
            """
    }
}
