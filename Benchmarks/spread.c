/* Produce requests of one batch each, spread over many partitions in turn, so many in flight.
 *
 *     spread HOST PORT TOPIC PARTITIONS SECONDS SIZE IN_FLIGHT ACKS
 *
 * One connection, one thread, Produce version 3; the topic exists. SIZE is that of the batch's one
 * record. Prints one JSON object: bytes of batches, seconds, and how long answers took. The exit
 * status is 0 when every batch was accepted.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void die(const char *reason) {
    perror(reason);
    exit(2);
}

static uint8_t *put(uint8_t *at, uint64_t value, int bytes) {
    for (int index = 0; index < bytes; index++) at[index] = value >> 8 * (bytes - 1 - index);
    return at + bytes;
}

static uint8_t *put_varint(uint8_t *at, int64_t value) {
    uint64_t left = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
    for (; left > 127; left >>= 7) *at++ = left | 128;
    *at++ = left;
    return at;
}

static int varint_size(int64_t value) {
    uint8_t bytes[10];
    return put_varint(bytes, value) - bytes;
}

static uint32_t crc32c(const uint8_t *bytes, size_t count) {
    uint32_t crc = ~0u;
    for (size_t index = 0; index < count; index++) {
        crc ^= bytes[index];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
    }
    return ~crc;
}

/* A batch of one record without key; returns its size. */
static size_t make_batch(uint8_t *batch, int size) {
    int64_t time_ms = (int64_t)time(NULL) * 1000;
    int body = 1 + varint_size(0) * 2 + varint_size(-1) + varint_size(size) + size + varint_size(0);
    uint8_t *at = put(batch, 0, 8) + 4;
    at = put(at, 0xFFFFFFFF, 4);
    at = put(at, 2, 1) + 4;
    uint8_t *checked = at;
    at = put(put(at, 0, 2), 0, 4);
    at = put(put(at, time_ms, 8), time_ms, 8);
    at = put(put(put(at, ~0ull, 8), 0xFFFF, 2), 0xFFFFFFFF, 4);
    at = put(at, 1, 4);
    at = put_varint(at, body);
    *at++ = 0;
    at = put_varint(put_varint(at, 0), 0);
    at = put_varint(put_varint(at, -1), size);
    for (int index = 0; index < size; index++) *at++ = rand();
    at = put_varint(at, 0);
    put(batch + 8, at - batch - 12, 4);
    put(batch + 17, crc32c(checked, at - checked), 4);
    return at - batch;
}

static int compare(const void *left, const void *right) {
    float a = *(const float *)left, b = *(const float *)right;
    return a < b ? -1 : a > b;
}

static void send_all(int connection, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = write(connection, bytes, count);
        if (sent <= 0) die("write");
        bytes += sent;
        count -= sent;
    }
}

int main(int count, char **words) {
    if (count < 9) {
        fputs("usage: spread HOST PORT TOPIC PARTITIONS SECONDS SIZE IN_FLIGHT ACKS\n", stderr);
        return 2;
    }
    const char *topic = words[3];
    int partitions = atoi(words[4]), size = atoi(words[6]), window = atoi(words[7]);
    double seconds = atof(words[5]);

    struct addrinfo hint = {.ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(words[1], words[2], &hint, &found)) die("getaddrinfo");
    int connection = socket(found->ai_family, SOCK_STREAM, 0), one = 1;
    if (connect(connection, found->ai_addr, found->ai_addrlen)) die("connect");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);

    uint8_t *frame = calloc(1, size + 4096);
    uint8_t *at = put(put(put(frame + 4, 0, 2), 3, 2), 0, 4);
    at = put(at, 0xFFFF, 2);
    at = put(put(put(at, 0xFFFF, 2), atoi(words[8]), 2), 30000, 4);
    at = put(put(at, 1, 4), strlen(topic), 2);
    memcpy(at, topic, strlen(topic));
    at += strlen(topic);
    at = put(at, 1, 4);
    uint8_t *index_at = at;
    uint8_t *length_at = at + 4;
    size_t batch = make_batch(length_at + 4, size);
    put(length_at, batch, 4);
    size_t frame_bytes = length_at + 4 + batch - frame;
    put(frame, frame_bytes - 4, 4);

    double *sent = calloc(window, sizeof *sent);
    size_t room = 1 << 20, filled = 0, answers = 0, requests = 0, capacity = 16 << 20;
    float *waits = malloc(capacity * sizeof *waits);
    uint8_t *input = malloc(room);
    long refused = 0;
    /* The first second warms up: pages, the broker's files. */
    double begin = now(), measured = begin + 1, end = measured + seconds, time = begin;
    size_t counted = 0;
    while (time < end || answers < requests) {
        while (time < end && requests - answers < (size_t)window) {
            put(frame + 8, requests, 4);
            put(index_at, requests % partitions, 4);
            sent[requests % window] = now();
            send_all(connection, frame, frame_bytes);
            requests++;
        }
        ssize_t got = read(connection, input + filled, room - filled);
        if (got <= 0) die("read");
        filled += got;
        time = now();
        size_t start = 0;
        while (filled - start >= 4) {
            size_t length = ntohl(*(uint32_t *)(input + start));
            if (filled - start < length + 4) break;
            uint8_t *error = input + start + 4 + 4 + 4 + 2 + strlen(topic) + 4 + 4;
            if (error[0] || error[1]) refused++;
            if (time >= measured && time < end && counted < capacity)
                waits[counted++] = time - sent[answers % window];
            answers++;
            start += length + 4;
        }
        memmove(input, input + start, filled - start);
        filled -= start;
    }
    qsort(waits, counted, sizeof *waits, compare);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    if (!counted) die("no answer");
    printf("{\"partitions\": %d, \"size\": %d, \"in_flight\": %d, \"batches\": %zu, \"bytes\": %zu, "
           "\"all_bytes\": %zu, \"seconds\": %.2f, \"mb_s\": %.2f, \"refused\": %ld, "
           "\"p50_us\": %.0f, \"p99_us\": %.0f, \"p999_us\": %.0f}\n",
           partitions, size, window, counted, counted * batch, requests * batch, seconds,
           counted * batch / seconds / 1e6, refused, waits[counted / 2] * 1e6,
           waits[counted * 99 / 100] * 1e6, waits[counted * 999 / 1000] * 1e6);
    return refused ? 1 : 0;
}
