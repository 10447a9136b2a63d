import CLinux

extension IORing {
    /// The C side of a ring. Its owner destroys it once nothing is in flight.
    struct Handle {
        let pointer: OpaquePointer

        init(entries: UInt32, completions: UInt32, setup: RingSetup) throws(IORingError) {
            let sizing = UInt32(CLINUX_SETUP_CQSIZE | CLINUX_SETUP_CLAMP)
            var created: OpaquePointer?
            let result = clinux_ring_create(
                entries, completions, setup.rawValue | sizing, &created)
            guard result == 0, let created else {
                throw IORingError(call: "io_uring_setup", code: -result)
            }
            pointer = created
        }

        /// The richest setup the kernel takes: `wanted`, then without the cooperative flags, then
        /// bare. Older kernels answer EINVAL to flags they do not know.
        init(entries: UInt32, completions: UInt32, wanted: RingSetup) throws(IORingError) {
            for setup in [wanted, wanted.intersection(.submitAll)] {
                do {
                    self = try Handle(entries: entries, completions: completions, setup: setup)
                    return
                } catch .refused(_, code: 22) {
                    continue
                }
            }
            self = try Handle(entries: entries, completions: completions, setup: [])
        }

        func destroy() { clinux_ring_destroy(pointer) }

        func opcodes() -> Set<RingOpcode> {
            var supported = [Bool](repeating: false, count: 64)
            guard clinux_ring_probe(pointer, &supported, 64) == 0 else { return [] }
            return Set(RingOpcode.allCases.filter { supported[Int($0.rawValue)] })
        }
    }
}
