#define _GNU_SOURCE
#include <malloc.h>
#include <sys/resource.h>
#include "CLinux.h"

bool clinux_set_mmap_threshold(int32_t bytes) { return mallopt(M_MMAP_THRESHOLD, bytes) == 1; }

bool clinux_set_trim_threshold(int32_t bytes) { return mallopt(M_TRIM_THRESHOLD, bytes) == 1; }

uint64_t clinux_locked_memory_limit(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_MEMLOCK, &limit) == 0 ? limit.rlim_cur : 0;
}
