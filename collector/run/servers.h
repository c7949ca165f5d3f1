/* Servers and machines as the rules want them, looked up in the store for one case at a time.
 */
#ifndef RUN_SERVERS_H
#define RUN_SERVERS_H

#include "run/book.h"

/*
 * A server with its tenures: the estate's rows if it has any (joined where one reseller's
 * touch), else its enrolment; never before its enrolment. In `arena`. 0; store errors; -ENOMEM.
 */
MUST_USE int server_make(const struct book *b, const struct store_server *row,
                         struct arena *arena, struct audit_server *ret);
MUST_USE int server_load(struct store *s, const struct book *b, server_id id,
                         struct arena *arena, struct audit_server *ret);

/* The machines of one case: each stored number once, and where it stands. */
struct crew {
    struct arena arena;
    struct crew_machine *v; /* in the order they came */
    size_t n, cap;
    machine_id highest;
    struct audit_server **servers; /* each once; the pointers stay valid until crew_reset */
    server_id *server_ids;
    size_t n_servers, cap_servers, cap_server_ids;
    struct audit_machine *sorted; /* after crew_sort */
    size_t cap_sorted;
};

struct crew_machine {
    machine_id id;
    server_id server;
    uint32_t number; /* by (server name, boot), after crew_sort */
    struct audit_machine machine;
};

void crew_done(struct crew *c);
void crew_reset(struct crew *c);

/* The machine's place in `v`, loaded when it is new. */
MUST_USE int crew_add(struct crew *c, struct store *s, const struct book *b, machine_id id,
                      uint32_t *ret);
/* The gaps of all machines, for the evidence of those of whom something is said. */
MUST_USE int crew_load_gaps(struct crew *c, struct store *s);
/* The server, loaded when it is new. */
MUST_USE int crew_server(struct crew *c, struct store *s, const struct book *b, server_id id,
                         uint32_t *ret);

/* Numbers the machines by server name and boot, so that nothing depends on a store's numbers.
 */
MUST_USE int crew_sort(struct crew *c);

#endif
