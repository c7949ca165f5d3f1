/* Sends what mutate.c makes, over a few threads, and counts the answers. */
#include "hostile.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIPELINE = 8, ANSWER = 4096 };

static struct {
    const struct hostile_args *args;
    time_t until;
    atomic_long next; /* of the threads, for a name of its own */
    atomic_long sent, accepted, refused, answered, silent, wrong, broken, connections;
} run;

static bool is_time_left(void)
{
    return time(NULL) < run.until;
}

/* Once in full, then only counted. */
static void note_wrong(atomic_long *counter, long n, int status, const char *answer)
{
    if (atomic_fetch_add(counter, 1) == 0)
        (void)fprintf(stderr, "load: case %ld of seed %ld: %d %.500s\n", n, run.args->seed,
                      status, answer);
}

/* ---- Bodies: each request is whole, and the connection goes on --------------------------- */

static bool send_body(struct link *l, struct sample *s, long n)
{
    char head[512];
    long long now = time(NULL);

    make_body(s, (uint64_t)run.args->seed, (uint64_t)n, now);
    int length = snprintf(head, sizeof head,
                          "POST /v1/reports HTTP/1.1\r\nHost: localhost\r\n"
                          "Content-Type: application/json\r\nFairuse-Sent-At: %lld\r\n"
                          "Content-Length: %zu\r\n\r\n",
                          now, s->n);
    return link_send(l, head, (size_t)length) && (s->n == 0 || link_send(l, s->text, s->n));
}

static bool take_answer(struct link *l, long n)
{
    char answer[ANSWER] = "";
    int status = link_answer(l, answer, sizeof answer);

    if (status == 200)
        atomic_fetch_add(&run.accepted, 1);
    else if (status == 400)
        atomic_fetch_add(&run.refused, 1);
    else if (status > 0)
        note_wrong(&run.wrong, n, status, answer);
    return status > 0;
}

/* Cases n, n + step, … as many as are sent before the first answer is read. */
static bool send_some(struct link *l, struct sample *s, long n, long step)
{
    long end = run.args->base + run.args->cases, sent = 0;
    bool is_whole = true;

    for (; sent < PIPELINE && n + sent * step < end && is_whole; sent++)
        is_whole = send_body(l, s, n + sent * step);
    atomic_fetch_add(&run.sent, sent);
    for (long i = 0; i < sent && is_whole; i++)
        is_whole = take_answer(l, n + i * step);
    if (!is_whole)
        note_wrong(&run.broken, n, -1, "the connection ended");
    return is_whole;
}

static void send_bodies(struct client *c, struct sample *s, long thread)
{
    long step = run.args->connections, end = run.args->base + run.args->cases;
    struct link *l = NULL;

    for (long n = run.args->base + thread; n < end && is_time_left(); n += PIPELINE * step) {
        if (!l) {
            l = link_open(c, 0, false);
            atomic_fetch_add(&run.connections, 1);
        }
        if (!l) {
            note_wrong(&run.broken, n, -1, "no connection");
            return;
        }
        if (!send_some(l, s, n, step)) {
            link_close(l, false);
            l = NULL;
        }
    }
    if (l)
        link_close(l, false);
}

/* ---- Requests: a connection each, and the end of what we say ------------------------------
 */

static bool is_known(int status)
{
    return (status >= 200 && status < 500) || status == 501 || status == 505;
}

static void send_http(struct client *c, struct sample *s, long n)
{
    char answer[ANSWER] = "";
    struct link *l = link_open(c, 0, true);

    atomic_fetch_add(&run.connections, 1);
    if (!l) {
        note_wrong(&run.broken, n, -1, "no connection");
        return;
    }
    make_http(s, (uint64_t)run.args->seed, (uint64_t)n, time(NULL));
    atomic_fetch_add(&run.sent, 1);
    if (s->n > 0) /* it may hang up at the first line */
        (void)link_send(l, s->text, s->n);
    link_finish(l);
    int status = link_rest(l, answer, sizeof answer);
    if (status < 0)
        note_wrong(&run.broken, n, status, "it did not hang up");
    else if (status == 0)
        atomic_fetch_add(&run.silent, 1);
    else if (is_known(status))
        atomic_fetch_add(&run.answered, 1);
    else
        note_wrong(&run.wrong, n, status, answer);
    link_close(l, true);
}

/* ---- All of it --------------------------------------------------------------------------- */

static void *attack(void *p)
{
    long thread = atomic_fetch_add(&run.next, 1);
    struct sample *s = malloc(sizeof *s);
    char path[ANSWER];

    (void)p;
    if (!s)
        return NULL;
    (void)snprintf(path, sizeof path, "%s/%ld.pem", run.args->dir, thread);
    struct client *c = client_new(run.args->target, path);
    if (strcmp(run.args->mode, "http") != 0)
        send_bodies(c, s, thread);
    else
        for (long n = thread; n < run.args->cases && is_time_left(); n += run.args->connections)
            send_http(c, s, run.args->base + n);
    client_free(c);
    free(s);
    return NULL;
}

int hostile_run(const struct hostile_args *args)
{
    pthread_t *threads = calloc((size_t)args->connections, sizeof *threads);
    long started = 0;

    if (!threads)
        return 1;
    run.args = args;
    run.until = time(NULL) + args->seconds;
    while (started < args->connections &&
           pthread_create(&threads[started], NULL, attack, NULL) == 0)
        started++;
    for (long i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
    free(threads);
    (void)printf("sent %ld\naccepted %ld\nrefused %ld\nanswered %ld\nsilent %ld\nwrong %ld\n"
                 "broken %ld\nconnections %ld\n",
                 (long)run.sent, (long)run.accepted, (long)run.refused, (long)run.answered,
                 (long)run.silent, (long)run.wrong, (long)run.broken, (long)run.connections);
    return run.sent == args->cases ? 0 : 1;
}
