#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "CLinux.h"

int64_t clinux_preadv2(int32_t descriptor, const void *vectors, int32_t count, int64_t offset,
                       int32_t flags) {
    ssize_t result = preadv2(descriptor, vectors, count, offset, flags);
    return result < 0 ? -errno : result;
}

int64_t clinux_pwritev2(int32_t descriptor, const void *vectors, int32_t count, int64_t offset,
                        int32_t flags) {
    ssize_t result = pwritev2(descriptor, vectors, count, offset, flags);
    return result < 0 ? -errno : result;
}

int32_t clinux_sync_file_range(int32_t descriptor, int64_t offset, int64_t count,
                               uint32_t flags) {
    return sync_file_range(descriptor, offset, count, flags) < 0 ? -errno : 0;
}

int32_t clinux_fallocate(int32_t descriptor, int32_t mode, int64_t offset, int64_t count) {
    return fallocate(descriptor, mode, offset, count) < 0 ? -errno : 0;
}

int32_t clinux_direct_flag(void) {
    return O_DIRECT;
}

int32_t clinux_cachestat(int32_t descriptor, uint64_t offset, uint64_t count,
                         clinux_cachestat_result *result) {
    struct { uint64_t offset, count; } range = {offset, count};
    // By number: Debian 12's headers do not know it yet. It is the same on every architecture.
    return syscall(451, descriptor, &range, result, 0) < 0 ? -errno : 0;
}
