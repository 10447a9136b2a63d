import Disk
import LinuxDisk
import LogInspection
import TestData
import Testing

/// What Kafka wrote is sound, its cleaned and its half-written segments included.
@Suite struct VerifyKafkaTests {
    @Test func `a folder that Kafka closed has no damage`() throws {
        let disk = try LinuxDisk(.inline)
        defer { disk.close() }

        let report = try LogVerification("\(KafkaFolders.unpacked())/clean", on: disk).run()

        #expect(report.findings.filter { $0.severity == .damage } == [])
        #expect(report.partitionCount == 7)
        #expect(report.batchCount > 100)
    }

    @Test func `a folder that was copied from a running Kafka has no damage`() throws {
        let disk = try LinuxDisk(.inline)
        defer { disk.close() }

        let root = try KafkaFolders.unpacked()
        let whole = try LogVerification("\(root)/unclean", on: disk).run()
        let partition = try LogVerification("\(root)/unclean/transactions-0", on: disk).run()

        #expect(whole.findings.filter { $0.severity == .damage } == [])
        #expect(partition.findings.filter { $0.severity == .damage } == [])
        #expect(partition.recordCount == 606)
    }

    @Test func `threads find what one finds`() throws {
        let root = try KafkaFolders.unpacked()
        let disk = try LinuxDisk(.inline)
        defer { disk.close() }
        let verification = try LogVerification("\(root)/clean", on: disk)
        var calls = 0

        let report = verification.run(threads: 3) {
            guard let disk = try? LinuxDisk(.inline) else { preconditionFailure("no descriptor") }
            return disk
        } progress: { progress in
            calls += 1
            #expect(progress.bytesDone <= progress.bytesTotal)
        }

        #expect(report == verification.run())
        #expect(calls > 0)
    }
}
