#define _GNU_SOURCE
#include <unistd.h>
#include "CLinux.h"

int32_t clinux_gettid(void) { return (int32_t)gettid(); }
