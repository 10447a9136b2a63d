#ifndef COUNTED_ALLOCATIONS_H
#define COUNTED_ALLOCATIONS_H

#include <stdint.h>

/// How often memory was asked for since the program began, by all of its threads: malloc, calloc,
/// realloc and the aligned kinds, in Swift's runtime and in C libraries alike.
uint64_t allocation_count(void);

#endif
