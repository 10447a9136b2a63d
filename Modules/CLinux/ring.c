#define _GNU_SOURCE
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include "CLinux.h"

struct clinux_ring {
    struct io_uring ring;
    uint32_t submissions;
    uint32_t completions;
};

int32_t clinux_ring_create(uint32_t entries, uint32_t completions, uint32_t flags,
                           clinux_ring **out) {
    clinux_ring *ring = calloc(1, sizeof *ring);
    if (!ring) return -ENOMEM;
    struct io_uring_params parameters;
    memset(&parameters, 0, sizeof parameters);
    parameters.flags = flags;
    parameters.cq_entries = completions;
    int result = io_uring_queue_init_params(entries, &ring->ring, &parameters);
    if (result < 0) {
        free(ring);
        return result;
    }
    ring->submissions = parameters.sq_entries;
    ring->completions = parameters.cq_entries;
    *out = ring;
    return 0;
}

void clinux_ring_destroy(clinux_ring *ring) {
    io_uring_queue_exit(&ring->ring);
    free(ring);
}

uint32_t clinux_ring_features(const clinux_ring *ring) { return ring->ring.features; }
uint32_t clinux_ring_flags(const clinux_ring *ring) { return ring->ring.flags; }
uint32_t clinux_ring_submission_capacity(const clinux_ring *ring) { return ring->submissions; }
uint32_t clinux_ring_completion_capacity(const clinux_ring *ring) { return ring->completions; }

int32_t clinux_ring_probe(clinux_ring *ring, bool *supported, uint32_t count) {
    memset(supported, 0, count * sizeof *supported);
    struct io_uring_probe *probe = io_uring_get_probe_ring(&ring->ring);
    if (!probe) return -EINVAL;
    for (uint32_t opcode = 0; opcode < count && opcode <= probe->last_op; opcode++)
        supported[opcode] = probe->ops[opcode].flags & IO_URING_OP_SUPPORTED;
    io_uring_free_probe(probe);
    return 0;
}

int32_t clinux_ring_register_eventfd(clinux_ring *ring, int32_t descriptor) {
    // Not the _async variant: it never signals completions that arrive without a worker thread.
    return io_uring_register_eventfd(&ring->ring, descriptor);
}

bool clinux_ring_push(clinux_ring *ring, const clinux_entry *entry) {
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring->ring);
    if (!sqe) return false;
    memset(sqe, 0, sizeof *sqe);
    sqe->opcode = entry->opcode;
    sqe->fd = entry->descriptor;
    sqe->addr = entry->address;
    sqe->len = entry->length;
    sqe->off = entry->offset;
    sqe->rw_flags = (int)entry->operation_flags;
    sqe->user_data = entry->user_data;
    return true;
}

uint32_t clinux_ring_pending(const clinux_ring *ring) { return io_uring_sq_ready(&ring->ring); }

int32_t clinux_ring_submit(clinux_ring *ring) { return io_uring_submit(&ring->ring); }

int32_t clinux_ring_submit_and_wait(clinux_ring *ring) {
    return io_uring_submit_and_wait(&ring->ring, 1);
}

uint32_t clinux_ring_ready(const clinux_ring *ring) { return io_uring_cq_ready(&ring->ring); }

uint32_t clinux_ring_take(clinux_ring *ring, clinux_completion *completions, uint32_t capacity) {
    struct io_uring_cqe *entries[64];
    if (capacity > 64) capacity = 64;
    unsigned count = io_uring_peek_batch_cqe(&ring->ring, entries, capacity);
    for (unsigned index = 0; index < count; index++) {
        completions[index].user_data = entries[index]->user_data;
        completions[index].result = entries[index]->res;
        completions[index].flags = entries[index]->flags;
    }
    // Copied first, so that a callback may submit and wait while the slots are free again.
    io_uring_cq_advance(&ring->ring, count);
    return count;
}

int32_t clinux_eventfd(void) {
    int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}
