/*
 * Load on a collector, from loopback only, bounded in count and time; results as "name value"
 * lines.
 *
 * load enrol  --port P --ca FILE --dir DIR --count N --token FILE
 *     makes N keys, enrols each with the token, writes DIR/K.pem (certificate and key)
 * load report --port P --ca FILE --dir DIR --count N --reports R --connections C
 *             --mode full|resumed|keep [--acked FILE] [--base B] [--seconds S] [--rate N]
 *             [--spacing S]
 *     sends R reports of five facts from N servers over C threads until each is acknowledged;
 *     a report that was not is sent again, the same body. --acked: a line "SERVER COUNTER" each
 * load idle   --port P --ca FILE --dir DIR --connections C --seconds S --dribble no|head|body
 *     opens C connections from many addresses and holds them, or sends a byte a second on each,
 *     of a request's head or of its body
 * load hostile --port P --ca FILE --dir DIR --count N --connections C --mode body|http
 *             [--seed X] [--base B] [--seconds S]
 *     sends N bodies that nobody means well, or as many broken requests
 */
#include "hostile.h"

#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_S = 1590969600 /* 2020-06-01 */, MESSAGE = 4096 };

static struct {
    struct target target;
    const char *dir, *token, *mode, *acked, *dribble;
    long count, reports, connections, base, seconds, seed, rate, spacing;
} arg = {.mode = "keep",
         .dribble = "no",
         .count = 1,
         .reports = 1,
         .connections = 1,
         .seconds = 600,
         .spacing = 7200};

static uint64_t now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void fail(const char *what)
{
    (void)fprintf(stderr, "load: %s\n", what);
    exit(1);
}

static void pem_path(char *path, size_t size, long server)
{
    (void)snprintf(path, size, "%s/%ld.pem", arg.dir, server);
}

/* ---- enrol ------------------------------------------------------------------------------ */

/* A JSON string's text: only newlines need an escape in PEM and tokens. */
static void put_escaped(char *out, size_t size, const char *in)
{
    size_t n = 0;
    for (; *in && n + 3 < size; in++) {
        if (*in == '\n') {
            out[n++] = '\\';
            out[n++] = 'n';
        } else if (*in != '\r') {
            out[n++] = *in;
        }
    }
    out[n] = '\0';
}

static void get_unescaped(char *out, size_t size, const char *in)
{
    size_t n = 0;
    for (; *in && *in != '"' && n + 1 < size; in++) {
        bool is_newline = in[0] == '\\' && in[1] == 'n';
        out[n++] = is_newline ? '\n' : *in;
        in += is_newline;
    }
    out[n] = '\0';
}

static void read_token(char *token, size_t size)
{
    FILE *f = fopen(arg.token, "r");
    size_t n = f ? fread(token, 1, size - 1, f) : 0;
    if (!f || n == 0)
        fail("the token cannot be read");
    token[n] = '\0';
    token[strcspn(token, "\r\n")] = '\0';
    (void)fclose(f);
}

static void write_pem(long server, const char *certificate, const char *key)
{
    char path[MESSAGE];
    pem_path(path, sizeof path, server);
    FILE *f = fopen(path, "w");
    if (!f || fprintf(f, "%s%s", certificate, key) < 0 || fclose(f) != 0)
        fail("a certificate cannot be written");
}

static void enrol_one(struct client *c, const char *token, long server)
{
    char key[MESSAGE], csr[MESSAGE], escaped[MESSAGE], certificate[MESSAGE];
    char body[2 * MESSAGE], request[3 * MESSAGE], answer[4 * MESSAGE];

    make_request(key, sizeof key - 1, csr, sizeof csr - 1);
    put_escaped(escaped, sizeof escaped, csr);
    (void)snprintf(body, sizeof body, "{\"token\":\"%s\",\"csr\":\"%s\"}", token, escaped);
    (void)snprintf(request, sizeof request,
                   "POST /v1/enrol HTTP/1.1\r\nHost: localhost\r\n"
                   "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                   strlen(body), body);
    struct link *l = link_open(c, 0, false);
    if (!l || !link_send(l, request, strlen(request)) ||
        link_answer(l, answer, sizeof answer) != 200)
        fail(l ? answer : "no connection");
    link_close(l, false);
    const char *at = strstr(answer, "\"certificate\":\"");
    if (!at)
        fail("no certificate in the answer");
    get_unescaped(certificate, sizeof certificate, at + strlen("\"certificate\":\""));
    write_pem(server, certificate, key);
}

static int enrol(void)
{
    char token[1024];
    struct client *c = client_new(&arg.target, NULL);

    read_token(token, sizeof token);
    for (long i = 0; i < arg.count; i++)
        enrol_one(c, token, i);
    client_free(c);
    (void)printf("enrolled %ld\n", arg.count);
    return 0;
}

/* ---- report ----------------------------------------------------------------------------- */

static struct {
    atomic_long threads, acknowledged, again, refused, resumed, opened;
    uint64_t began_us;
    uint64_t *latency_us; /* of each acknowledged report */
    pthread_mutex_t lock;
    FILE *acked;
} work = {.lock = PTHREAD_MUTEX_INITIALIZER};

/*
 * Report n of the run: server n % count, counter n / count + 1. Its times are --spacing seconds
 * after those of the one before: with two hours (the default) every report leaves rows of its
 * own, which can be looked for; with 900, as in life, it lengthens what is there.
 */
static size_t make_report(char *out, size_t size, long n)
{
    char body[MESSAGE];
    long server = n % arg.count;
    long counter = n / arg.count + 1;
    long at = FIRST_S + counter * arg.spacing;
    int length = snprintf(
        body, sizeof body,
        "{\"format\":1,\"agent_version\":\"1.0.0\","
        "\"boot_id\":\"%08lx-7c1c-4f7e-9d0f-2b1f6f0c9a11\",\"counter\":%ld,\"live\":true,"
        "\"licenses\":[{\"license\":\"PLSK.%08ld\",\"version\":\"0003\","
        "\"product\":\"plesk-unified\",\"edition\":\"web-pro\"}],\"sightings\":["
        "{\"license\":\"PLSK.%08ld\",\"address\":\"203.0.113.9\",\"source\":\"keyserver\","
        "\"first\":%ld,\"last\":%ld},"
        "{\"license\":\"PLSK.%08ld\",\"address\":\"203.0.113.9\",\"source\":\"interface\","
        "\"first\":%ld,\"last\":%ld},"
        "{\"license\":\"PLSK.%08ld\",\"address\":\"2001:db8::9\",\"source\":\"interface\","
        "\"first\":%ld,\"last\":%ld}],"
        "\"mailboxes\":[{\"domain\":\"d%ld.example\",\"mailboxes\":42,\"aliases\":12,"
        "\"forwards\":3,\"lists\":0,\"catch_all\":false,\"alias_domains\":1,\"filtered\":true,"
        "\"first\":%ld,\"last\":%ld}]}",
        arg.base + server, counter, server + 1, server + 1, at, at + 60, server + 1, at,
        at + 60, server + 1, at, at + 60, server, at, at + 60);
    return (size_t)snprintf(out, size,
                            "POST /v1/reports HTTP/1.1\r\nHost: localhost\r\n"
                            "Content-Type: application/json\r\nFairuse-Sent-At: %lld\r\n"
                            "Content-Length: %d\r\n%s\r\n%s",
                            (long long)time(NULL), length,
                            strcmp(arg.mode, "keep") == 0 ? "" : "Connection: close\r\n", body);
}

static void note_acknowledged(long n, uint64_t took_us)
{
    long i = atomic_fetch_add(&work.acknowledged, 1);
    work.latency_us[i] = took_us;
    if (!work.acked)
        return;
    (void)pthread_mutex_lock(&work.lock);
    (void)fprintf(work.acked, "%ld %ld\n", n % arg.count, n / arg.count + 1);
    (void)pthread_mutex_unlock(&work.lock);
}

static void rest_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}

/* One attempt over *l, which is opened when it is NULL and closed when it must be. */
static bool try_report(struct client *c, struct link **l, long n)
{
    char request[2 * MESSAGE], answer[2 * MESSAGE];
    bool is_kept = strcmp(arg.mode, "keep") == 0;
    uint64_t began = now_us();

    if (!*l) {
        *l = link_open(c, 0, strcmp(arg.mode, "resumed") == 0);
        if (!*l)
            return false;
        atomic_fetch_add(&work.opened, 1);
        atomic_fetch_add(&work.resumed, link_is_resumed(*l));
    }
    size_t length = make_report(request, sizeof request, n);
    int status = link_send(*l, request, length) ? link_answer(*l, answer, sizeof answer) : -1;
    if (status == 200)
        note_acknowledged(n, now_us() - began);
    else if (status > 0 && status != 503 && status != 429 && work.refused++ == 0)
        (void)fprintf(stderr, "load: %d %s\n", status, answer);
    if (status != 200 || !is_kept) {
        link_close(*l, status == 200 && strcmp(arg.mode, "resumed") == 0);
        *l = NULL;
    }
    return status == 200;
}

/* With --rate, report n has a time of its own, whatever became of those before it. */
static void wait_for_turn(long n)
{
    if (arg.rate == 0)
        return;
    uint64_t at = work.began_us + (uint64_t)n * 1000000 / (uint64_t)arg.rate;
    uint64_t now = now_us();
    if (at > now)
        rest_ms((long)((at - now) / 1000));
}

/* A thread keeps to servers of its own, so that a connection belongs to one of them. */
static void *send_reports(void *p)
{
    long thread = atomic_fetch_add(&work.threads, 1);
    uint64_t until = now_us() + (uint64_t)arg.seconds * 1000000;

    (void)p;
    for (long server = thread; server < arg.count; server += arg.connections) {
        char path[MESSAGE];
        struct link *l = NULL;
        pem_path(path, sizeof path, server);
        struct client *c = client_new(&arg.target, path);
        for (long n = server; n < arg.reports && now_us() < until; n += arg.count) {
            wait_for_turn(n);
            while (!try_report(c, &l, n) && now_us() < until) {
                atomic_fetch_add(&work.again, 1);
                rest_ms(50);
            }
        }
        if (l)
            link_close(l, false);
        client_free(c);
    }
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void put_results(uint64_t took_us)
{
    long n = work.acknowledged;

    qsort(work.latency_us, (size_t)n, sizeof work.latency_us[0], by_size);
    (void)printf("acknowledged %ld\nagain %ld\nrefused %ld\nconnections %ld\nresumed %ld\n", n,
                 (long)work.again, (long)work.refused, (long)work.opened, (long)work.resumed);
    (void)printf("wall_us %llu\n", (unsigned long long)took_us);
    if (n > 0)
        (void)printf("p50_us %llu\np99_us %llu\nmax_us %llu\n",
                     (unsigned long long)work.latency_us[n / 2],
                     (unsigned long long)work.latency_us[n * 99 / 100],
                     (unsigned long long)work.latency_us[n - 1]);
}

static int report(void)
{
    pthread_t *threads = calloc((size_t)arg.connections, sizeof *threads);
    work.latency_us = calloc((size_t)arg.reports, sizeof *work.latency_us);
    work.acked = arg.acked ? fopen(arg.acked, "w") : NULL;
    if (!threads || !work.latency_us || (arg.acked && !work.acked))
        fail("out of memory, or --acked cannot be written");
    uint64_t began = now_us();
    work.began_us = began;
    for (long i = 0; i < arg.connections; i++)
        if (pthread_create(&threads[i], NULL, send_reports, NULL) != 0)
            fail("no more threads");
    for (long i = 0; i < arg.connections; i++)
        (void)pthread_join(threads[i], NULL);
    put_results(now_us() - began);
    if (work.acked && fclose(work.acked) != 0)
        fail("--acked could not be written");
    free(work.latency_us);
    free(threads);
    return work.acknowledged == arg.reports ? 0 : 1;
}

/* ---- idle ------------------------------------------------------------------------------- */

/* A head that is never whole, or a body. */
static const char *dribble_text(void)
{
    if (strcmp(arg.dribble, "head") == 0)
        return "POST /v1/reports HTTP/1.1\r\nHost: localhost\r\nFairuse-Sent-At: "
               "1795300000\r\n";
    if (strcmp(arg.dribble, "body") == 0)
        return "{\"format\":1,\"agent_version\":\"1.0.0\",\"licenses\":[{\"license\":\"PLSK";
    return "";
}

/* What stands before it and is sent at once. */
static void begin_request(struct link *l)
{
    static const char head[] = "POST /v1/reports HTTP/1.1\r\nHost: localhost\r\n"
                               "Fairuse-Sent-At: 1795300000\r\nContent-Length: 1000\r\n\r\n";

    if (strcmp(arg.dribble, "body") == 0)
        (void)link_send(l, head, strlen(head)); /* who hangs up is noticed at the next byte */
}

/* One byte on each connection that still lives; how many do. */
static long dribble(struct link **links, const char *text, size_t at)
{
    long alive = 0;

    for (long i = 0; i < arg.connections; i++) {
        if (!links[i])
            continue;
        struct pollfd peer = {.fd = link_socket(links[i]), .events = POLLRDHUP};
        bool is_alive = poll(&peer, 1, 0) == 0;
        if (is_alive && at < strlen(text))
            is_alive = link_send(links[i], text + at, 1);
        if (!is_alive) {
            link_close(links[i], false);
            links[i] = NULL;
        }
        alive += is_alive;
    }
    return alive;
}

static int idle(void)
{
    struct link **links = calloc((size_t)arg.connections, sizeof(struct link *));
    char path[MESSAGE];
    long opened = 0, alive = 0;

    if (!links)
        fail("out of memory");
    pem_path(path, sizeof path, 0);
    struct client *c = client_new(&arg.target, path);
    for (long i = 0; i < arg.connections; i++) {
        links[i] = link_open(c, 0x7f010001U + (uint32_t)i / 40, false);
        opened += links[i] != NULL;
    }
    (void)printf("opened %ld\n", opened);
    (void)fflush(stdout); /* whoever started us measures from here */
    for (long i = 0; i < arg.connections; i++)
        if (links[i])
            begin_request(links[i]);
    for (long s = 0; s < arg.seconds; s++) {
        alive = dribble(links, dribble_text(), (size_t)s);
        rest_ms(1000);
    }
    (void)printf("alive %ld\n", alive);
    for (long i = 0; i < arg.connections; i++)
        if (links[i])
            link_close(links[i], false);
    client_free(c);
    free(links);
    return 0;
}

/* ---- hostile ---------------------------------------------------------------------------- */

static int hostile(void)
{
    struct hostile_args args = {.target = &arg.target,
                                .dir = arg.dir,
                                .mode = arg.mode,
                                .cases = arg.count,
                                .connections = arg.connections,
                                .seed = arg.seed,
                                .base = arg.base,
                                .seconds = arg.seconds};
    return hostile_run(&args);
}

/* ---- The command line -------------------------------------------------------------------- */

static long number(const char *text)
{
    const char *end = text;
    long n = read_number(text, &end);
    if (n < 0 || *end)
        fail("an option wants a number");
    return n;
}

static void read_arguments(int argc, char **argv)
{
    static const struct option options[] = {
        {"port", 1, NULL, 'p'},    {"ca", 1, NULL, 'c'},      {"dir", 1, NULL, 'd'},
        {"count", 1, NULL, 'n'},   {"token", 1, NULL, 't'},   {"reports", 1, NULL, 'r'},
        {"mode", 1, NULL, 'm'},    {"acked", 1, NULL, 'a'},   {"connections", 1, NULL, 'C'},
        {"spacing", 1, NULL, 'i'}, {"rate", 1, NULL, 'R'},    {"base", 1, NULL, 'b'},
        {"seed", 1, NULL, 'S'},    {"seconds", 1, NULL, 's'}, {"dribble", 1, NULL, 'D'},
        {NULL, 0, NULL, 0}};
    int o;

    while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (o) {
        case 'p': arg.target.port = (uint16_t)number(optarg); break;
        case 'c': arg.target.ca_file = optarg; break;
        case 'd': arg.dir = optarg; break;
        case 'n': arg.count = number(optarg); break;
        case 't': arg.token = optarg; break;
        case 'r': arg.reports = number(optarg); break;
        case 'm': arg.mode = optarg; break;
        case 'a': arg.acked = optarg; break;
        case 'C': arg.connections = number(optarg); break;
        case 'b': arg.base = number(optarg); break;
        case 'S': arg.seed = number(optarg); break;
        case 's': arg.seconds = number(optarg); break;
        case 'R': arg.rate = number(optarg); break;
        case 'i': arg.spacing = number(optarg); break;
        case 'D': arg.dribble = optarg; break;
        default: exit(64);
        }
    }
}

int main(int argc, char **argv)
{
    struct rlimit files;
    const char *command = argc > 1 ? argv[1] : "";

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    read_arguments(argc - 1, argv + 1);
    if (!arg.target.port || !arg.target.ca_file || !arg.dir || arg.count < 1)
        fail("--port, --ca, --dir and --count are needed");
    if (strcmp(command, "enrol") == 0)
        return enrol();
    if (strcmp(command, "report") == 0)
        return report();
    if (strcmp(command, "idle") == 0)
        return idle();
    if (strcmp(command, "hostile") == 0)
        return hostile();
    fail("enrol, report, idle or hostile");
    return 64;
}
