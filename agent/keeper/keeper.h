/*
 * The keeper: the agent's resident half that is a guest on somebody's server. It has the
 * network (through a child) and no right; it joins what the probe and the looks say, holds it
 * on disk, and gets it to the collector.
 */
#ifndef KEEPER_KEEPER_H
#define KEEPER_KEEPER_H

#include "options/options.h"
#include "os/log.h"

struct keeper_order {
    const char *config; /* path for the children and for SIGHUP; NULL = the defaults hold */
    const char *socket; /* of a probe that runs by itself; NULL = a child */
    int descriptor;     /* a line to a probe, made by who started us; -1 = none */
};

/* Until SIGTERM or SIGINT. Takes the options over, and frees them (also in failure).
 * sysexits.h. */
int keeper_run(const struct keeper_order *order, struct options *take_options, struct log *log);

/* The file in the state folder that holds everything; and the notes in it. */
#define KEEPER_SPOOL "spool.db"
#define KEEPER_NOTE_STATE "state" /* state.h */
#define KEEPER_NOTE_LICENSES                                                                   \
    "licenses" /* a line each: number, version, expires, edition, product */
#define KEEPER_NOTE_STANDING                                                                   \
    "standing" /* a line each: licence, state, kinds, since, confirms_at */
#define KEEPER_NOTE_SETTINGS "settings" /* a line each: interval N, mx TEXT, key TEXT */

#endif
