/* A broker that costs next to nothing: what remains of a measurement is the client's own share.
 *
 *     floor PORT
 *
 * Serves just enough of Kafka's protocol for bench.py: topics of one partition, records kept in
 * anonymous memory files as they come, without a check, and sent back by sendfile. A fetch that
 * finds nothing waits for the next record and is answered in the same turn of the loop. One thread,
 * one wait in poll for all connections; whatever it does not understand ends the program.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 64, TOPICS = 256, FRAME_LIMIT = 64 << 20, OUTPUT_BYTES = 64 << 10 };
enum { PRODUCE = 0, FETCH = 1, LIST_OFFSETS = 2, METADATA = 3, API_VERSIONS = 18,
       CREATE_TOPICS = 19, DELETE_TOPICS = 20 };

typedef struct {
    int64_t base, position;
} Batch;

typedef struct {
    char name[256];
    int file;
    int64_t end, byte_count;
    Batch *batches;
    long count, capacity;
} Topic;

/* A fetch that waits for records: what its answer will need. */
typedef struct {
    int is_waiting;
    int32_t correlation, limit;
    int64_t offset, deadline_ms;
    Topic *topic;
} Waiting;

typedef struct {
    int socket;
    unsigned char *input;
    size_t filled, capacity;
    unsigned char output[OUTPUT_BYTES]; /* head of the answer that is being sent */
    size_t output_end, output_sent;
    int region_file;
    off_t region_position;
    size_t region_left;
    Waiting waiting;
} Connection;

static Topic topics[TOPICS];
static Connection *connections[CONNECTIONS];
static int port;

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static int64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Reading a request. */

static const unsigned char *cursor, *limit;

static const unsigned char *take(size_t count) {
    if ((size_t)(limit - cursor) < count) die("a request ends early");
    const unsigned char *found = cursor;
    cursor += count;
    return found;
}

static int8_t i8(void) { return (int8_t)*take(1); }
static int16_t i16(void) { uint16_t v; memcpy(&v, take(2), 2); return (int16_t)be16toh(v); }
static int32_t i32(void) { uint32_t v; memcpy(&v, take(4), 4); return (int32_t)be32toh(v); }
static int64_t i64(void) { uint64_t v; memcpy(&v, take(8), 8); return (int64_t)be64toh(v); }

static const char *text(void) {
    static char kept[4][256];
    static int next;
    int count = i16();
    if (count > 255) die("a name is too long");
    char *found = kept[next++ & 3];
    if (count > 0) memcpy(found, take(count), count);
    found[count > 0 ? count : 0] = 0;
    return found;
}

/* Writing an answer. The length comes first and is known last. */

static void put(Connection *to, const void *bytes, size_t count) {
    if (to->output_end + count > OUTPUT_BYTES) die("an answer is too long");
    memcpy(to->output + to->output_end, bytes, count);
    to->output_end += count;
}

static void put8(Connection *to, int8_t v) { put(to, &v, 1); }
static void put16(Connection *to, int16_t v) { uint16_t n = htobe16((uint16_t)v); put(to, &n, 2); }
static void put32(Connection *to, int32_t v) { uint32_t n = htobe32((uint32_t)v); put(to, &n, 4); }
static void put64(Connection *to, int64_t v) { uint64_t n = htobe64((uint64_t)v); put(to, &n, 8); }

static void put_text(Connection *to, const char *v) {
    put16(to, (int16_t)strlen(v));
    put(to, v, strlen(v));
}

static size_t begin(Connection *to, int32_t correlation) {
    size_t start = to->output_end;
    put32(to, 0);
    put32(to, correlation);
    return start;
}

static void finish(Connection *to, size_t start, size_t region_count) {
    uint32_t count = htobe32((uint32_t)(to->output_end - start - 4 + region_count));
    memcpy(to->output + start, &count, 4);
}

/* Topics. */

static Topic *find(const char *name) {
    for (int i = 0; i < TOPICS; i++)
        if (topics[i].file && !strcmp(topics[i].name, name)) return &topics[i];
    return NULL;
}

static void create(const char *name) {
    if (find(name)) return;
    for (int i = 0; i < TOPICS; i++) {
        if (topics[i].file) continue;
        snprintf(topics[i].name, sizeof topics[i].name, "%s", name);
        topics[i].file = memfd_create("floor", 0);
        if (topics[i].file < 0) die("memfd_create: %s", strerror(errno));
        return;
    }
    die("too many topics");
}

static void forget(Topic *topic) {
    close(topic->file);
    free(topic->batches);
    memset(topic, 0, sizeof *topic);
}

static void append(Topic *topic, const unsigned char *bytes, int32_t count) {
    while (count > 0) {
        uint32_t length, last_delta;
        memcpy(&length, bytes + 8, 4);
        memcpy(&last_delta, bytes + 23, 4);
        int32_t size = (int32_t)be32toh(length) + 12;
        if (size > count) die("a batch ends early");
        if (topic->count == topic->capacity) {
            topic->capacity = topic->capacity ? topic->capacity * 2 : 1024;
            topic->batches = realloc(topic->batches, topic->capacity * sizeof(Batch));
        }
        topic->batches[topic->count++] = (Batch){topic->end, topic->byte_count};
        uint64_t base = htobe64((uint64_t)topic->end);
        if (pwrite(topic->file, &base, 8, topic->byte_count) != 8 ||
            pwrite(topic->file, bytes + 8, size - 8, topic->byte_count + 8) != size - 8)
            die("pwrite: %s", strerror(errno));
        topic->end += (int32_t)be32toh(last_delta) + 1;
        topic->byte_count += size;
        bytes += size;
        count -= size;
    }
}

/* The whole batches from `offset` on within `limit` bytes, one at least. */
static int64_t region(Topic *topic, int64_t offset, int32_t limit, int64_t *position) {
    if (offset >= topic->end) return 0;
    long low = 0, high = topic->count - 1;
    while (low < high) {
        long middle = (low + high + 1) / 2;
        if (topic->batches[middle].base <= offset) low = middle;
        else high = middle - 1;
    }
    *position = topic->batches[low].position;
    long last = low + 1;
    while (last < topic->count && topic->batches[last].position - *position <= limit) last++;
    int64_t end = last < topic->count ? topic->batches[last].position : topic->byte_count;
    if (end - *position > limit && last - 1 > low) end = topic->batches[last - 1].position;
    return end - *position;
}

/* Requests. */

static void answer_fetch(Connection *to, const Waiting *wants) {
    int64_t position = 0;
    int64_t count = region(wants->topic, wants->offset, wants->limit, &position);
    size_t start = begin(to, wants->correlation);
    put32(to, 0);
    put16(to, 0);
    put32(to, 0); /* no session */
    put32(to, 1);
    put_text(to, wants->topic->name);
    put32(to, 1);
    put32(to, 0);
    put16(to, 0);
    put64(to, wants->topic->end);
    put64(to, wants->topic->end);
    put64(to, 0);
    put32(to, -1);
    put32(to, -1);
    put32(to, (int32_t)count);
    finish(to, start, count);
    to->region_file = wants->topic->file;
    to->region_position = position;
    to->region_left = count;
}

static void fetch(Connection *to, int32_t correlation) {
    Waiting wants = {.correlation = correlation};
    i32();
    int32_t patience = i32();
    i32(), i32(), i8(), i32(), i32();
    int32_t topic_count = i32();
    if (topic_count == 0) { /* nothing is wanted yet */
        size_t start = begin(to, correlation);
        put32(to, 0), put16(to, 0), put32(to, 0), put32(to, 0);
        finish(to, start, 0);
        return;
    }
    wants.topic = find(text());
    if (topic_count != 1 || i32() != 1 || !wants.topic) die("one partition is served");
    i32(), i32();
    wants.offset = i64();
    i64();
    wants.limit = i32();
    if (wants.offset >= wants.topic->end && patience > 0) {
        wants.is_waiting = 1;
        wants.deadline_ms = now_ms() + patience;
        to->waiting = wants;
    } else {
        answer_fetch(to, &wants);
    }
}

static void produce(Connection *to, int32_t correlation) {
    text();
    int16_t acks = i16();
    i32();
    if (i32() != 1) die("one topic a request");
    const char *name = text();
    Topic *topic = find(name);
    if (!topic || i32() != 1) die("one partition is served");
    i32();
    int32_t count = i32();
    int64_t base = topic->end;
    append(topic, take(count), count);
    if (acks != 0) {
        size_t start = begin(to, correlation);
        put32(to, 1);
        put_text(to, name);
        put32(to, 1);
        put32(to, 0), put16(to, 0), put64(to, base), put64(to, -1), put64(to, 0);
        put32(to, 0);
        finish(to, start, 0);
    }
}

static void list_offsets(Connection *to, int32_t correlation) {
    i32();
    if (i32() != 1) die("one topic a request");
    const char *name = text();
    Topic *topic = find(name);
    if (!topic || i32() != 1) die("one partition is served");
    i32();
    int64_t time = i64();
    size_t start = begin(to, correlation);
    put32(to, 1);
    put_text(to, name);
    put32(to, 1);
    put32(to, 0), put16(to, 0), put64(to, -1), put64(to, time == -2 ? 0 : topic->end);
    finish(to, start, 0);
}

static void put_topic(Connection *to, const char *name) {
    int exists = find(name) != NULL;
    put16(to, exists ? 0 : 3);
    put_text(to, name);
    put8(to, 0);
    put32(to, exists);
    if (!exists) return;
    put16(to, 0), put32(to, 0), put32(to, 1);
    put32(to, 1), put32(to, 1);
    put32(to, 1), put32(to, 1);
}

static void metadata(Connection *to, int32_t correlation) {
    int32_t count = i32();
    size_t start = begin(to, correlation);
    put32(to, 0);
    put32(to, 1);
    put32(to, 1), put_text(to, "127.0.0.1"), put32(to, port), put16(to, -1);
    put_text(to, "floor");
    put32(to, 1);
    if (count >= 0) {
        put32(to, count);
        while (count-- > 0) put_topic(to, text());
    } else {
        int present = 0;
        for (int i = 0; i < TOPICS; i++) present += topics[i].file != 0;
        put32(to, present);
        for (int i = 0; i < TOPICS; i++)
            if (topics[i].file) put_topic(to, topics[i].name);
    }
    finish(to, start, 0);
}

static void api_versions(Connection *to, int32_t correlation, int version) {
    static const int16_t known[][3] = {{PRODUCE, 3, 7},       {FETCH, 4, 11}, {LIST_OFFSETS, 1, 1},
                                       {METADATA, 4, 4},      {API_VERSIONS, 0, 3},
                                       {CREATE_TOPICS, 2, 2}, {DELETE_TOPICS, 1, 1}};
    int count = sizeof known / sizeof *known;
    size_t start = begin(to, correlation);
    put16(to, 0);
    if (version >= 3) put8(to, (int8_t)(count + 1));
    else put32(to, count);
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < 3; j++) put16(to, known[i][j]);
        if (version >= 3) put8(to, 0);
    }
    if (version >= 1) put32(to, 0);
    if (version >= 3) put8(to, 0);
    finish(to, start, 0);
}

static void create_topics(Connection *to, int32_t correlation) {
    size_t start = begin(to, correlation);
    put32(to, 0);
    int32_t count = i32();
    put32(to, count);
    while (count-- > 0) {
        const char *name = text();
        i32(), i16();
        if (i32() > 0) die("no assignments, please");
        for (int32_t settings = i32(); settings > 0; settings--) text(), text();
        create(name);
        put_text(to, name), put16(to, 0), put16(to, -1);
    }
    finish(to, start, 0);
}

static void delete_topics(Connection *to, int32_t correlation) {
    size_t start = begin(to, correlation);
    put32(to, 0);
    int32_t count = i32();
    put32(to, count);
    while (count-- > 0) {
        const char *name = text();
        Topic *topic = find(name);
        if (topic) forget(topic);
        put_text(to, name), put16(to, topic ? 0 : 3);
    }
    finish(to, start, 0);
}

static void serve(Connection *from, const unsigned char *frame, size_t count) {
    cursor = frame, limit = frame + count;
    int16_t key = i16(), version = i16();
    int32_t correlation = i32();
    int16_t client = i16();
    if (client > 0) take(client);
    switch (key) {
    case PRODUCE: produce(from, correlation); break;
    case FETCH: fetch(from, correlation); break;
    case LIST_OFFSETS: list_offsets(from, correlation); break;
    case METADATA: metadata(from, correlation); break;
    case API_VERSIONS: api_versions(from, correlation, version); break;
    case CREATE_TOPICS: create_topics(from, correlation); break;
    case DELETE_TOPICS: delete_topics(from, correlation); break;
    default: die("unexpected request %d", key);
    }
}

/* Connections. */

static int has_output(const Connection *of) {
    return of->output_sent < of->output_end || of->region_left > 0;
}

/* Sends what the socket takes; -1 when the peer is gone. */
static int flush(Connection *to) {
    while (to->output_sent < to->output_end) {
        ssize_t sent = send(to->socket, to->output + to->output_sent,
                            to->output_end - to->output_sent,
                            MSG_NOSIGNAL | MSG_DONTWAIT | (to->region_left ? MSG_MORE : 0));
        if (sent < 0) return errno == EAGAIN ? 0 : -1;
        to->output_sent += sent;
    }
    to->output_sent = to->output_end = 0;
    while (to->region_left > 0) {
        ssize_t sent =
            sendfile(to->socket, to->region_file, &to->region_position, to->region_left);
        if (sent <= 0) return sent < 0 && errno == EAGAIN ? 0 : -1;
        to->region_left -= sent;
    }
    return 0;
}

/* Serves the frames that are whole; stops while an answer waits for the socket. */
static int serve_frames(Connection *from) {
    size_t done = 0;
    while (from->filled - done >= 4 && !has_output(from) && !from->waiting.is_waiting) {
        uint32_t size;
        memcpy(&size, from->input + done, 4);
        size = be32toh(size);
        if (size > FRAME_LIMIT) die("a frame of %u bytes", size);
        if (size + 4 > from->capacity) {
            from->capacity = size + 4;
            from->input = realloc(from->input, from->capacity);
        }
        if (from->filled - done < size + 4) break;
        serve(from, from->input + done + 4, size);
        done += size + 4;
        if (flush(from) < 0) return -1;
    }
    memmove(from->input, from->input + done, from->filled - done);
    from->filled -= done;
    return 0;
}

static int receive(Connection *from) {
    if (from->filled == from->capacity) return 0;
    ssize_t count = recv(from->socket, from->input + from->filled, from->capacity - from->filled,
                         MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN)) return -1;
    if (count > 0) from->filled += count;
    return serve_frames(from);
}

/* Answers the fetches whose records have come or whose time is up. */
static int wake(Connection *of, int64_t now) {
    if (!of->waiting.is_waiting) return 0;
    if (of->waiting.offset >= of->waiting.topic->end && of->waiting.deadline_ms > now) return 0;
    of->waiting.is_waiting = 0;
    answer_fetch(of, &of->waiting);
    if (flush(of) < 0) return -1;
    return serve_frames(of);
}

static void drop(int index) {
    close(connections[index]->socket);
    free(connections[index]->input);
    free(connections[index]);
    connections[index] = NULL;
}

static void accept_one(int listener) {
    int one = 1, bytes = 128 << 10, socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (socket < 0) return;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    for (int i = 0; i < CONNECTIONS; i++) {
        if (connections[i]) continue;
        connections[i] = calloc(1, sizeof(Connection));
        connections[i]->socket = socket;
        connections[i]->capacity = 256 << 10;
        connections[i]->input = malloc(connections[i]->capacity);
        return;
    }
    die("too many connections");
}

int main(int count, char **words) {
    if (count != 2) die("usage: floor PORT");
    port = atoi(words[1]);
    signal(SIGPIPE, SIG_IGN);
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16))
        die("port %d: %s", port, strerror(errno));
    for (;;) {
        struct pollfd waits[CONNECTIONS + 1];
        int whose[CONNECTIONS + 1], used = 0;
        waits[used++] = (struct pollfd){listener, POLLIN, 0};
        for (int i = 0; i < CONNECTIONS; i++) {
            if (!connections[i]) continue;
            whose[used] = i;
            waits[used++] = (struct pollfd){connections[i]->socket,
                                            has_output(connections[i]) ? POLLOUT : POLLIN, 0};
        }
        poll(waits, used, 50);
        if (waits[0].revents) accept_one(listener);
        for (int i = 1; i < used; i++) {
            Connection *connection = connections[whose[i]];
            if (!waits[i].revents) continue;
            int gone = has_output(connection) ? flush(connection) : receive(connection);
            if (!gone && !has_output(connection)) gone = serve_frames(connection);
            if (gone) drop(whose[i]);
        }
        int64_t now = now_ms();
        for (int i = 0; i < CONNECTIONS; i++)
            if (connections[i] && wake(connections[i], now) < 0) drop(i);
    }
}
