#ifndef CLINUX_H
#define CLINUX_H
// Kernel interfaces that Swift cannot import by itself. <features.h> comes first and liburing.h
// and _GNU_SOURCE stay inside the .c files: in an imported header they change the layout of
// fd_set, which breaks debug and sanitizer builds while release builds pass.
#include <features.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Every function that can fail returns a value >= 0, or the negated errno.

// MARK: Threads and memory

/// The kernel's id of the calling thread, gettid(2); never cached across an await.
int32_t clinux_gettid(void);

/// Blocks of `bytes` and more come from mmap(2): mallopt(3) M_MMAP_THRESHOLD. True if accepted.
bool clinux_set_mmap_threshold(int32_t bytes);

/// Free memory above `bytes` at the top of the heap goes back: mallopt(3) M_TRIM_THRESHOLD.
bool clinux_set_trim_threshold(int32_t bytes);

/// The soft limit of locked memory in bytes, getrlimit(2) RLIMIT_MEMLOCK; 0 if unknown.
uint64_t clinux_locked_memory_limit(void);

// MARK: Files

/// Numbers of preadv2(2)'s flags that Debian 12's headers lack or hide behind _GNU_SOURCE.
enum {
    CLINUX_RWF_DSYNC = 0x02,
    CLINUX_RWF_NOWAIT = 0x08,
    CLINUX_RWF_DONTCACHE = 0x80, // Linux 6.14
};

enum {
    CLINUX_FALLOCATE_KEEP_SIZE = 0x01,
    CLINUX_SYNC_RANGE_WRITE = 0x02,
    CLINUX_ADVICE_RANDOM = 1,
    CLINUX_ADVICE_WILLNEED = 3,
    CLINUX_ADVICE_DONTNEED = 4,
};

/// `vectors` points to `count` iovec structures.
int64_t clinux_preadv2(int32_t descriptor, const void *vectors, int32_t count, int64_t offset,
                       int32_t flags);
int64_t clinux_pwritev2(int32_t descriptor, const void *vectors, int32_t count, int64_t offset,
                        int32_t flags);
int32_t clinux_sync_file_range(int32_t descriptor, int64_t offset, int64_t count, uint32_t flags);
int32_t clinux_fallocate(int32_t descriptor, int32_t mode, int64_t offset, int64_t count);

/// open(2)'s O_DIRECT, which <fcntl.h> hides and whose number depends on the machine.
int32_t clinux_direct_flag(void);

/// What cachestat(2), Linux 6.5, says of a range: numbers of pages.
typedef struct {
    uint64_t cached;
    uint64_t dirty;
    uint64_t writeback;
    uint64_t evicted;
    uint64_t recently_evicted;
} clinux_cachestat_result;

int32_t clinux_cachestat(int32_t descriptor, uint64_t offset, uint64_t count,
                         clinux_cachestat_result *result);

// MARK: io_uring

/// One ring, io_uring_setup(2). Every call on it comes from one thread.
typedef struct clinux_ring clinux_ring;

/// One completion, copied out of the ring.
typedef struct {
    uint64_t user_data;
    int32_t result;
    uint32_t flags;
} clinux_completion;

/// Opcodes, from the kernel's uapi/linux/io_uring.h.
enum {
    CLINUX_OP_NOP = 0,
    CLINUX_OP_READV = 1,
    CLINUX_OP_WRITEV = 2,
    CLINUX_OP_FSYNC = 3,
    CLINUX_OP_SYNC_FILE_RANGE = 8,
    CLINUX_OP_ASYNC_CANCEL = 14,
    CLINUX_OP_FALLOCATE = 17,
    CLINUX_OP_CLOSE = 19,
    CLINUX_OP_READ = 22,
    CLINUX_OP_WRITE = 23,
    CLINUX_OP_FADVISE = 24,
    CLINUX_OP_UNLINKAT = 36,
};

/// Setup flags, io_uring_setup(2).
enum {
    CLINUX_SETUP_CQSIZE = 1 << 3,
    CLINUX_SETUP_CLAMP = 1 << 4,
    CLINUX_SETUP_SUBMIT_ALL = 1 << 7,
    CLINUX_SETUP_COOP_TASKRUN = 1 << 8,
    CLINUX_SETUP_TASKRUN_FLAG = 1 << 9,
    CLINUX_SETUP_SINGLE_ISSUER = 1 << 12,
    CLINUX_SETUP_DEFER_TASKRUN = 1 << 13,
};

/// Features that io_uring_setup(2) reports.
enum {
    CLINUX_FEATURE_NODROP = 1 << 1,
    CLINUX_FEATURE_FAST_POLL = 1 << 5,
    CLINUX_FEATURE_NATIVE_WORKERS = 1 << 9,
};

enum { CLINUX_FSYNC_DATASYNC = 1 };

/// One operation. `address`, `length` and `offset` mean what the opcode makes of them.
typedef struct {
    uint8_t opcode;
    int32_t descriptor;
    uint64_t address;
    uint32_t length;
    uint64_t offset;
    uint32_t operation_flags;
    uint64_t user_data;
} clinux_entry;

int32_t clinux_ring_create(uint32_t entries, uint32_t completions, uint32_t flags,
                           clinux_ring **ring);
/// Unmaps the rings and closes the descriptor. Nothing may be in flight.
void clinux_ring_destroy(clinux_ring *ring);
uint32_t clinux_ring_features(const clinux_ring *ring);
uint32_t clinux_ring_flags(const clinux_ring *ring);
uint32_t clinux_ring_submission_capacity(const clinux_ring *ring);
uint32_t clinux_ring_completion_capacity(const clinux_ring *ring);
/// Sets `supported[opcode]` for each opcode below `count` that the kernel offers.
int32_t clinux_ring_probe(clinux_ring *ring, bool *supported, uint32_t count);
int32_t clinux_ring_register_eventfd(clinux_ring *ring, int32_t descriptor);

/// False: the submission queue is full; submit first.
bool clinux_ring_push(clinux_ring *ring, const clinux_entry *entry);
/// Entries that are pushed and not yet taken by the kernel.
uint32_t clinux_ring_pending(const clinux_ring *ring);
/// Gives pending entries to the kernel; returns how many it took.
int32_t clinux_ring_submit(clinux_ring *ring);
/// The same, then waits until a completion is there.
int32_t clinux_ring_submit_and_wait(clinux_ring *ring);
/// Completions that can be taken without asking the kernel.
uint32_t clinux_ring_ready(const clinux_ring *ring);
/// Takes up to `capacity` completions out; asks the kernel to flush an overflow or to run
/// deferred work where the ring says that there is some. Never waits.
uint32_t clinux_ring_take(clinux_ring *ring, clinux_completion *completions, uint32_t capacity);

/// eventfd(2), non-blocking and close-on-exec.
int32_t clinux_eventfd(void);

#endif
