/*
 * Bodies and requests that nobody means well, from a seed: case n of a seed is always the same,
 * whoever sends it.
 */
#ifndef LOAD_HOSTILE_H
#define LOAD_HOSTILE_H

#include "client.h"

struct hostile_args {
    const struct target *target;
    const char *dir;  /* DIR/K.pem: each thread is a server of its own */
    const char *mode; /* "body": whole requests, kept alive; "http": the requests themselves */
    long cases, connections, seed, base, seconds;
};

/* Sends cases [base, base + cases), prints the tally as "name value" lines. 0, or 1 when not
 * all were sent in `seconds`. */
int hostile_run(const struct hostile_args *args);

/* ---- What is sent (mutate.c) ----------------------------------------------------------- */

enum { HOSTILE_MAX = 96 << 10 };

struct sample {
    char text[HOSTILE_MAX + 1]; /* NUL-terminated, with any bytes before */
    size_t n;
};

/* A body of case n: mutated reports, cut ones, random bytes, deep and huge ones, and now and
 * then a good one. */
void make_body(struct sample *s, uint64_t seed, uint64_t n, long long now);
/* A request of case n, its body included. */
void make_http(struct sample *s, uint64_t seed, uint64_t n, long long now);

#endif
