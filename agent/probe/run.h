/* The resident probe: `fairuse-probe run`. */
#ifndef PROBE_RUN_H
#define PROBE_RUN_H

/* Borrowed for the call. Exactly one of the two ways to the keeper is given. */
struct probe_order {
    const char *config;      /* the agent's configuration file */
    const char *listen_path; /* where the keeper connects to; NULL = a descriptor is given */
    int descriptor;          /* a connected SOCK_SEQPACKET socket; -1 = a path is given */
};

/* Until SIGTERM or until the keeper is gone for good; says on standard error what went wrong.
 * sysexits.h. */
int probe_run(const struct probe_order *order);

#endif
