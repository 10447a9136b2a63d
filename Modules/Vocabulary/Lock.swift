#if !THREAD_SANITIZER
    import Synchronization

    /// A value that one thread at a time may use: `Synchronization.Mutex` under a name of ours, so
    /// that the thread sanitizer can be given another.
    package typealias Lock<Value: ~Copyable> = Mutex<Value>
#else
    import Glibc

    /// `Synchronization.Mutex` for the thread sanitizer (`Tools/test-sanitizers` sets the condition).
    ///
    /// A `Mutex` that is contended is taken by code of the standard library, which is not built for the
    /// sanitizer: it sees no order between two critical sections then and reports races that are
    /// none. It knows pthread_mutex_lock(3).
    package struct Lock<Value>: ~Copyable, Sendable {
        // One thread at a time uses the value, between lock and unlock; `sending` keeps what goes in and
        // comes out from being shared, as in `Mutex`.
        private final class Storage: @unchecked Sendable {
            let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
            var value: Value

            init(_ value: consuming sending Value) {
                self.value = value
                pthread_mutex_init(mutex, nil)
            }

            deinit {
                pthread_mutex_destroy(mutex)
                mutex.deallocate()
            }
        }

        private let storage: Storage

        package init(_ value: consuming sending Value) { storage = Storage(value) }

        package borrowing func withLock<Result, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            pthread_mutex_lock(storage.mutex)
            defer { pthread_mutex_unlock(storage.mutex) }
            return try body(&storage.value)
        }
    }
#endif
