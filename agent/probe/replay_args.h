/* What `fairuse-probe replay` is told on its command line: networks, key servers, ports. */
#ifndef PROBE_REPLAY_ARGS_H
#define PROBE_REPLAY_ARGS_H

#include "base/diag.h"
#include "probe/replay.h"

/* Zeroed before the first use. */
struct replay_args {
    struct network *local;
    struct sight_target *targets;
    size_t n_local, local_cap, n_targets, targets_cap;
    uint16_t ports[SIGHT_PORTS_MAX]; /* those given; see replay_args_order() */
    size_t n_ports;
};

void replay_args_done(struct replay_args *a);

/* Each of the three adds one value. 0; -EBADMSG, or -ERANGE where there are too many, with the
 * reason. Here "203.0.113.0/24", or an address alone. */
MUST_USE int replay_args_local(struct replay_args *a, const char *value, struct diag *d);
/* "ADDRESS", "IPv4:PORT" or "[IPv6]:PORT"; the port is 443 unless it is given. */
MUST_USE int replay_args_key_server(struct replay_args *a, const char *value, struct diag *d);
MUST_USE int replay_args_panel_port(struct replay_args *a, const char *value, struct diag *d);

/* The order that they make, borrowed from `a`: with Plesk's ports where none was given. */
struct replay_order replay_args_order(const struct replay_args *a, const char *file);

#endif
