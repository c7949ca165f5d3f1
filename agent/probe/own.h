/*
 * The server's own addresses, and which of them the keeper knows. One that came and went while
 * nobody listened is told all the same. Pure: moments come in, in seconds of clock_boot().
 */
#ifndef PROBE_OWN_H
#define PROBE_OWN_H

#include "message/message.h"

/* Twice what may be own at one time (sight.h): there, or gone and not told yet. */
#define OWN_APART_S (45 * 60) /* SPEC 3: stretches further apart are not one */
#define OWN_MAX 2048

struct own_address {
    struct addr address;
    int64_t there_s, gone_s;
    bool is_there, is_told; /* is_told: the keeper takes it to be there */
};

struct own {
    struct own_address *v; /* in no order */
    size_t n, cap;
};

void own_done(struct own *o);

/* 0; -ERANGE beyond OWN_MAX, -ENOMEM: it is passed over. */
MUST_USE int own_came(struct own *o, const struct addr *a, int64_t at_s);
void own_went(struct own *o, const struct addr *a, int64_t at_s);

/* What is to be told next, true with *ret; own_tell() when it was told. False: all is told. */
bool own_next(const struct own *o, struct message_address *ret);
void own_tell(struct own *o, const struct message_address *told);

/* The keeper ended at `at_s`: the next one is told all anew, as from then on: what was before
 * that one has said. */
void own_was_lost(struct own *o, int64_t at_s);

#endif
