import Glibc

/// How many files the process may have open: getrlimit(2), RLIMIT_NOFILE.
public enum OpenFileLimit {
    /// Raises the soft limit to the hard one; returns the limit that holds then.
    ///
    /// The soft limit is often 1,024 for the sake of programs that use select(2); this one does
    /// not.
    @discardableResult
    public static func raise() -> Int {
        let resource = __rlimit_resource_t(7)  // RLIMIT_NOFILE, see asm-generic/resource.h
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1_024 }
        if limit.rlim_cur < limit.rlim_max {
            var wanted = limit
            wanted.rlim_cur = limit.rlim_max
            if setrlimit(resource, &wanted) == 0 { limit = wanted }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
