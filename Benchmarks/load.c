/* Load that librdkafka's own program does not make: text that compresses as logs do, and the round
 * trip of single records.
 *
 *     load produce    BROKERS TOPIC COUNT SIZE ACKS CODEC
 *     load round-trip BROKERS TOPIC COUNT SIZE ACKS
 *
 * Prints one JSON object; the exit status is 0 when every record was acknowledged.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "rdkafka.h"

enum { POOL_BYTES = 32 << 20, WARM_UP_TRIPS = 500 };

static long acknowledged, failed, in_flight;
static volatile double last_acknowledgement;
static volatile int stopping;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static double cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

static void set(rd_kafka_conf_t *settings, const char *key, const char *value) {
    char error[256];
    if (rd_kafka_conf_set(settings, key, value, error, sizeof error) != RD_KAFKA_CONF_OK)
        die("%s", error);
}

static rd_kafka_t *client(rd_kafka_type_t type, rd_kafka_conf_t *settings) {
    char error[512];
    rd_kafka_t *made = rd_kafka_new(type, settings, error, sizeof error);
    if (!made) die("%s", error);
    return made;
}

static void delivered(rd_kafka_t *producer, const rd_kafka_message_t *message, void *context) {
    (void)producer, (void)context;
    if (message->err) failed++;
    else acknowledged++;
    in_flight--;
    last_acknowledgement = now();
}

/* xorshift: the same text in every run. */
static unsigned chance(void) {
    static unsigned long long state = 88172645463325252ULL;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 16);
}

/* Log lines in JSON that shrink to a third or a fifth. */
static char *text_pool(size_t count) {
    static const char *levels[] = {"INFO", "WARN", "ERROR", "DEBUG"};
    static const char *services[] = {"checkout", "cart", "search", "payments", "stock", "auth"};
    static const char *paths[] = {"/v1/items", "/v1/cart", "/login", "/v2/search", "/health"};
    char *pool = malloc(count + 4096);
    size_t end = 0;
    while (end < count)
        end += sprintf(pool + end,
                       "{\"time\":%u.%03u,\"level\":\"%s\",\"service\":\"%s\",\"path\":\"%s\","
                       "\"user\":%u,\"latency_ms\":%u,\"status\":%u,\"trace\":\"%08x%08x\"}",
                       1700000000u + (unsigned)(end / 100), chance() % 1000, levels[chance() % 4],
                       services[chance() % 6], paths[chance() % 5], chance() % 100000,
                       chance() % 2000, 200 + chance() % 4 * 100, chance(), chance());
    return pool;
}

static void produce_with(rd_kafka_conf_t *settings, const char *acks) {
    set(settings, "acks", acks);
    rd_kafka_conf_set_dr_msg_cb(settings, delivered);
}

static int produce(rd_kafka_conf_t *settings, const char *topic_name, long count, size_t size,
                   const char *acks, const char *codec) {
    produce_with(settings, acks);
    set(settings, "compression.codec", codec);
    set(settings, "queue.buffering.max.messages", "1000000");
    set(settings, "queue.buffering.max.kbytes", "1048576");
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, settings);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, topic_name, NULL);
    char *pool = text_pool(POOL_BYTES + size);
    size_t offset = 0;
    double begin = now(), begin_cpu = cpu_seconds();
    for (long index = 0; index < count; index++) {
        while (rd_kafka_produce(topic, 0, 0, pool + offset, size, NULL, 0, NULL) == -1)
            rd_kafka_poll(producer, 10);
        in_flight++;
        offset += size;
        if (offset > POOL_BYTES) offset -= POOL_BYTES;
        if ((index & 255) == 0) rd_kafka_poll(producer, 0);
    }
    while (in_flight > 0) rd_kafka_poll(producer, 100);
    double seconds = now() - begin;
    printf("{\"msgs\": %ld, \"failed\": %ld, \"bytes\": %lld, \"wall\": %.4f, "
           "\"own_cpu\": %.3f, \"msgs_s\": %.0f, \"mb_s\": %.2f}\n",
           acknowledged, failed, (long long)count * (long long)size, seconds,
           cpu_seconds() - begin_cpu, count / seconds, count * (double)size / seconds / 1e6);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(producer);
    free(pool);
    return failed != 0;
}

static void *poll_acknowledgements(void *producer) {
    while (!stopping) rd_kafka_poll(producer, 50);
    return NULL;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static void print_quantiles(const char *name, double *samples, long count) {
    qsort(samples, count, sizeof *samples, ascending);
    printf("\"%s\": {\"p50\": %.0f, \"p90\": %.0f, \"p99\": %.0f, \"p999\": %.0f, \"max\": %.0f}",
           name, samples[count / 2], samples[count * 9 / 10], samples[count * 99 / 100],
           samples[count * 999 / 1000], samples[count - 1]);
}

static rd_kafka_t *consumer_at_end(rd_kafka_conf_t *settings, const char *topic) {
    set(settings, "group.id", "unused");
    set(settings, "enable.auto.commit", "false");
    set(settings, "fetch.wait.max.ms", "100");
    set(settings, "fetch.error.backoff.ms", "1");
    set(settings, "check.crcs", "true");
    rd_kafka_t *consumer = client(RD_KAFKA_CONSUMER, settings);
    rd_kafka_topic_partition_list_t *places = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(places, topic, 0)->offset = RD_KAFKA_OFFSET_END;
    rd_kafka_assign(consumer, places);
    rd_kafka_topic_partition_list_destroy(places);
    rd_kafka_poll_set_consumer(consumer);
    for (int round = 0; round < 20; round++) { /* until it waits at the end */
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 100);
        if (message) rd_kafka_message_destroy(message);
    }
    return consumer;
}

/* When the record that begins with `number` has come to the consumer. */
static double await_record(rd_kafka_t *consumer, long number, size_t size, double sent) {
    for (;;) {
        double arrived = 0;
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);
        if (message) {
            if (!message->err && message->len == size &&
                !memcmp(message->payload, &number, sizeof number))
                arrived = now();
            rd_kafka_message_destroy(message);
        }
        if (arrived) return arrived;
        if (now() - sent > 10) die("record %ld did not come in 10 s", number);
    }
}

static int round_trip(rd_kafka_conf_t *settings, const char *topic_name, long count, size_t size,
                      const char *acks) {
    if (size < sizeof(long) || count < 1) die("a record must hold its number");
    set(settings, "socket.nagle.disable", "true");
    rd_kafka_t *consumer = consumer_at_end(rd_kafka_conf_dup(settings), topic_name);
    produce_with(settings, acks);
    set(settings, "linger.ms", "0");
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, settings);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, topic_name, NULL);
    pthread_t poller;
    pthread_create(&poller, NULL, poll_acknowledgements, producer);
    double *trips = malloc(count * sizeof *trips), *answers = malloc(count * sizeof *answers);
    char *payload = calloc(1, size);
    for (long number = -WARM_UP_TRIPS; number < count; number++) {
        memcpy(payload, &number, sizeof number);
        double sent = now();
        if (rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, payload, size, NULL, 0, NULL) == -1)
            die("%s", rd_kafka_err2str(rd_kafka_last_error()));
        double arrived = await_record(consumer, number, size, sent);
        while (last_acknowledgement < sent) usleep(20);
        if (number < 0) continue;
        trips[number] = (arrived - sent) * 1e6;
        answers[number] = (last_acknowledgement - sent) * 1e6;
    }
    printf("{\"msgs\": %ld, \"failed\": %ld, ", count, failed);
    print_quantiles("e2e_us", trips, count);
    printf(", ");
    print_quantiles("ack_us", answers, count);
    printf("}\n");
    stopping = 1;
    pthread_join(poller, NULL);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(producer);
    free(trips), free(answers), free(payload);
    return failed != 0;
}

int main(int count, char **words) {
    if (count < 7) die("usage: load produce|round-trip BROKERS TOPIC COUNT SIZE ACKS [CODEC]");
    rd_kafka_conf_t *settings = rd_kafka_conf_new();
    set(settings, "bootstrap.servers", words[2]);
    set(settings, "log_level", "4");
    const char *acks = words[6];
    long records = atol(words[4]);
    size_t size = strtoul(words[5], NULL, 10);
    if (!strcmp(words[1], "round-trip")) return round_trip(settings, words[3], records, size, acks);
    return produce(settings, words[3], records, size, acks, count > 7 ? words[7] : "none");
}
