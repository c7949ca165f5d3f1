/*
 * Many short connections, as visitors make them: what a watching program costs beside them.
 *
 * knock serve SECONDS PORT…
 *     says "listening", takes connections on every address of IPv4 and closes them.
 * knock visit ADDRESS SECONDS (PORT PER_SECOND)…
 *     opens so many connections a second to each port, closes each when it is there, and prints
 *     how many were "opened", how many "failed" and how many were "late": not even begun, for
 *     too many waited.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { PORTS_MAX = 8, WAITING_MAX = 512, SECONDS_MAX = 3600, RATE_MAX = 50000, PAUSE_MS = 2 };

struct target {
    struct sockaddr_in at;
    int64_t per_second, begun;
};

struct visits {
    struct target targets[PORTS_MAX];
    int n_targets, waiting;
    int64_t opened, failed, late;
};

static void die(const char *what)
{
    (void)fprintf(stderr, "knock: %s: %s\n", what, strerror(errno));
    exit(EX_OSERR);
}

static int64_t read_number(const char *word, int64_t most)
{
    char *end = NULL;
    errno = 0;
    intmax_t v = strtoimax(word, &end, 10);
    if (errno == 0 && end != word && *end == '\0' && v >= 1 && v <= most)
        return v;
    (void)fprintf(stderr, "knock: %s: not a number from 1 to %" PRId64 "\n", word, most);
    exit(EX_USAGE);
}

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int new_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket");
    return fd;
}

static void watch(int epoll, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0)
        die("epoll");
}

/* ---- Who is visited --------------------------------------------------------------------- */

static int listen_on(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int one = 1;
    int fd = new_socket();
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 4096) < 0)
        die("listen");
    return fd;
}

static void serve(int64_t seconds, char **ports, int n)
{
    int64_t until = now_ms() + seconds * 1000;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < n && i < PORTS_MAX; i++)
        watch(epoll, listen_on((uint16_t)read_number(ports[i], UINT16_MAX)), EPOLLIN);
    (void)puts("listening");
    (void)fflush(stdout);
    for (int64_t left; (left = until - now_ms()) > 0;) {
        struct epoll_event ready[PORTS_MAX];
        int found = epoll_wait(epoll, ready, PORTS_MAX, (int)left);
        for (int i = 0; i < found; i++)
            for (int fd; (fd = accept4(ready[i].data.fd, NULL, NULL, SOCK_CLOEXEC)) >= 0;)
                (void)close(fd);
    }
}

/* ---- Who visits ------------------------------------------------------------------------- */

/* Closed with a reset: thousands a second would use up the ports else. */
static void knock(struct visits *v, int epoll, struct target *t)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    int fd = new_socket();
    t->begun++;
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (connect(fd, (struct sockaddr *)&t->at, sizeof t->at) < 0 && errno != EINPROGRESS) {
        (void)close(fd);
        v->failed++;
        return;
    }
    watch(epoll, fd, EPOLLOUT);
    v->waiting++;
}

static void finish(struct visits *v, const struct epoll_event *e)
{
    if (e->events & (EPOLLERR | EPOLLHUP))
        v->failed++;
    else
        v->opened++;
    v->waiting--;
    (void)close(e->data.fd);
}

/* What is due at the moment `ms` since the start. */
static void begin_due(struct visits *v, int epoll, int64_t ms)
{
    for (int i = 0; i < v->n_targets; i++) {
        struct target *t = &v->targets[i];
        int64_t due = t->per_second * ms / 1000 + 1;
        while (t->begun < due && v->waiting < WAITING_MAX)
            knock(v, epoll, t);
    }
}

static void visit(struct visits *v, int64_t seconds)
{
    int64_t start = now_ms(), passed = 0;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    while ((passed = now_ms() - start) < seconds * 1000) {
        struct epoll_event ready[64];
        begin_due(v, epoll, passed);
        int found = epoll_wait(epoll, ready, 64, PAUSE_MS);
        for (int i = 0; i < found; i++)
            finish(v, &ready[i]);
    }
    for (int i = 0; i < v->n_targets; i++)
        v->late += v->targets[i].per_second * seconds - v->targets[i].begun;
    v->failed += v->waiting;
}

static void read_targets(struct visits *v, const char *address, char **words, int n)
{
    for (int i = 0; i + 1 < n && v->n_targets < PORTS_MAX; i += 2) {
        struct target *t = &v->targets[v->n_targets++];
        t->at.sin_family = AF_INET;
        t->at.sin_port = htons((uint16_t)read_number(words[i], UINT16_MAX));
        t->per_second = read_number(words[i + 1], RATE_MAX);
        if (inet_pton(AF_INET, address, &t->at.sin_addr) == 1)
            continue;
        (void)fprintf(stderr, "knock: %s: not an address\n", address);
        exit(EX_USAGE);
    }
}

int main(int argc, char **argv)
{
    struct visits v = {.n_targets = 0};
    if (argc >= 4 && strcmp(argv[1], "serve") == 0) {
        serve(read_number(argv[2], SECONDS_MAX), argv + 3, argc - 3);
        return EX_OK;
    }
    if (argc < 6 || argc % 2 != 0 || strcmp(argv[1], "visit") != 0) {
        (void)fputs("knock: serve SECONDS PORT… | visit ADDRESS SECONDS (PORT PER_SECOND)…\n",
                    stderr);
        return EX_USAGE;
    }
    read_targets(&v, argv[2], argv + 4, argc - 4);
    visit(&v, read_number(argv[3], SECONDS_MAX));
    (void)printf("opened %" PRId64 "\nfailed %" PRId64 "\nlate %" PRId64 "\n", v.opened,
                 v.failed, v.late);
    return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
