#ifndef CLINUX_H
#define CLINUX_H
// <features.h> first: see the note on fd_set in docs/ARCHITECTURE.md.
#include <features.h>
#include <stdint.h>

/// The kernel's id of the calling thread, gettid(2); never cached across an await.
int32_t clinux_gettid(void);

#endif
