/* `fairuse-probe replay`: a capture file -> which addresses it shows in use, and when. */
#ifndef PROBE_REPLAY_H
#define PROBE_REPLAY_H

#include "packet/sight.h"

/* Borrowed for the call. */
struct replay_order {
    const char *file;            /* "-" = standard input */
    const struct network *local; /* own addresses; none = every address is */
    size_t n_local;
    const struct sight_target *targets; /* key servers; none = no sightings of them */
    size_t n_targets;
    const uint16_t *ports; /* of the panel */
    size_t n_ports;
};

/*
 * One JSON object a line on standard output: {"address":"203.0.113.9","source":"keyserver",
 * "first":1795296400,"last":1795299700,"packets":3}, by address (addr_compare()), source,
 * beginning. What is wrong goes to standard error, behind what had been seen until then. The
 * file is a stranger's: all rights are given up before it is looked at. sysexits.h.
 */
int replay_run(const struct replay_order *order);

#endif
