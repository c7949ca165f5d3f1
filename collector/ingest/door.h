/*
 * The collector's door: listeners, connections, requests. It lets in whom it should, within
 * bounds that nobody outside can move, hands what is to be kept to the writer, and answers when
 * that is on disk. All of it runs in the loop's thread.
 */
#ifndef INGEST_DOOR_H
#define INGEST_DOOR_H

#include "crypto/tls.h"
#include "crypto/x509.h"
#include "ingest/answer.h"
#include "ingest/metrics.h"
#include "ingest/writer.h"
#include "os/log.h"
#include "os/loop.h"
#include "settings/settings.h"

struct door;

/* The authority and what TLS shows of it: replaced together, shared by counting. */
struct keys {
    unsigned references; /* the loop's thread alone counts */
    struct authority *authority;
    struct tls_context *tls;
};
/* Takes both over. NULL when out of memory; they stay the caller's then. */
struct keys *keys_new(struct authority *authority, struct tls_context *tls);
struct keys *keys_ref(struct keys *k);
void keys_unref(struct keys *k); /* NULL is fine */

/* What may change while it runs. Settings are borrowed until the next door_configure(). */
struct door_config {
    const struct settings_collector *rules;
    dur_t merge_gap;
    struct keys *keys; /* a reference of its own is taken */
};

struct door_setup {
    struct loop *loop;
    struct writer *writer;
    const struct log *log;
    const char *store_url; /* opened for reading, to ask who may come in */
    struct door_config config;
};

/* Errors as of store_open(), and -ENOMEM, -EIO. All of the setup is borrowed. */
MUST_USE int door_open(const struct door_setup *setup, struct door **ret, struct diag *d);
/* Ends all connections at once, whatever they wait for; the writer must have been stopped. */
void door_close(struct door *d);

/* Takes over a listening socket. 0 or -errno. */
enum door_kind { DOOR_AGENTS, DOOR_MONITOR };
MUST_USE int door_listen(struct door *d, int fd, enum door_kind kind);

/* For connections and requests from now on. */
void door_configure(struct door *d, const struct door_config *config);

/* Loads what answers are to say of licences, if it was published anew since: 1, else 0; errors
 * of the store with the text in e (what was known stays). */
MUST_USE int door_refresh_standings(struct door *d, struct diag *e);

/* Opens the store for reading anew: after it was put back. The text of an error goes to `e`;
 * the old one is gone then, and everybody is told to come back later. */
MUST_USE int door_reopen_store(struct door *d, struct diag *e);

/* Closes it, and refuses whoever comes: at the end, so that the writer's connection is the last
 * one, which leaves the store in one file. NULL is fine. */
void door_leave_store(struct door *d);
bool door_has_store(const struct door *d);

/* No new connections; those that wait for a request are ended, others after their answer. */
void door_drain(struct door *d);
size_t door_connections(const struct door *d);

/* What it counts. */
struct metrics *door_metrics(struct door *d);
/* A sentence when the store does not take reports, "" when all is well: for /healthz. */
void door_set_trouble(struct door *d, const char *trouble);

#endif
