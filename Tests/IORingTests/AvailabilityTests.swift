import Glibc
import Testing

@testable import IORing

@Suite struct AvailabilityTests {
    @Test func `the probe names what a ring can then use`() throws {
        let features = try IORing.probe()
        let ring = try IORing()

        #expect(features.opcodes.isSuperset(of: [.nothing, .read, .write, .writeVectors, .sync]))
        #expect(features.opcodes == ring.opcodes)
        #expect(features.setup.isSuperset(of: ring.setup))
    }

    @Test func `a ring without the preferred flags works all the same`() throws {
        for setup: RingSetup in [[], .submitAll, .preferred, [.preferred, .singleIssuer]] {
            let ring = try IORing(capacity: 2, setup: setup)
            for number in 0..<UInt64(10) { ring.enqueue(.nothing, userData: number, keeping: nil) }

            #expect(ring.finish().count == 10)
        }
    }

    @Test func `flags that no kernel knows are left out`() throws {
        let ring = try IORing(setup: [.submitAll, RingSetup(rawValue: 1 << 31)])

        #expect(ring.setup.isSubset(of: .submitAll))
    }

    @Test func `a process out of descriptors hears so`() async {
        await #expect(processExitsWith: .exitCode(17)) {
            while dup(0) >= 0 {}
            do throws(IORingError) {
                _ = try IORing()
            } catch {
                _exit(error == .tooManyOpenFiles ? 17 : 1)
            }
        }
    }

    @Test func `operations that the kernel lacks are named`() throws {
        let ring = try IORing()

        try ring.require(ring.opcodes)
        #expect(IORingError.lacking([.write, .advise]).description.contains("advise, write"))
    }

    @Test func `each refusal says what to do`() {
        #expect(IORingError(call: "io_uring_setup", code: ENOSYS) == .notAvailable)
        #expect(IORingError(call: "io_uring_setup", code: EMFILE) == .tooManyOpenFiles)
        #expect(
            IORingError(call: "io_uring_setup", code: EINVAL)
                == .refused(call: "io_uring_setup", code: EINVAL))
        guard case .notPermitted = IORingError(call: "io_uring_setup", code: EPERM) else {
            Issue.record("EPERM means that it is not permitted")
            return
        }

        let sysctl = IORingError.notPermitted(disabledSetting: 2).description
        let container = IORingError.notPermitted(disabledSetting: 0).description
        let memory = IORingError.outOfMemory(lockedMemoryLimit: 65_536).description
        #expect(sysctl.contains("sysctl -w kernel.io_uring_disabled=0"))
        #expect(container.contains("seccomp"))
        #expect(memory.contains("65536") && memory.contains("ulimit -l"))
        #expect(IORingError.notAvailable.description.contains("5.6"))
    }
}
