/* What the files of this room share. */
#ifndef ENROL_ENROL_PARTS_H
#define ENROL_ENROL_PARTS_H

#include "enrol/enrol.h"
#include "json/jsonw.h"

/* The events of the trail: what was done, and who was let in with what. */
#define EVENT_TOKEN_CREATED "token-created"
#define EVENT_TOKEN_REVOKED "token-revoked"
#define EVENT_ENROLLED "server-enrolled"
#define EVENT_CAME_BACK "server-came-back"
#define EVENT_ASKED_AGAIN "enrolment-asked-again"
#define EVENT_RENEWED "certificate-renewed"
#define EVENT_REVOKED "server-revoked"
#define EVENT_RETIRED "server-retired"

#define TRAIL_DETAILS_MAX 2048

/*
 * Whether `server` may be brought back for `reseller`: it is that reseller's at `now`. 0;
 * -ESRCH, d says why not; errors of the store.
 */
struct claim {
    const char *server, *reseller;
    wall_t now;
};
MUST_USE int claim_check(struct store *s, const struct claim *claim, struct diag *d);

/* The details of an event that issues a certificate: its serial, key and end; the token's name
 * too, where one was used (else NULL). */
void trail_put_issued(struct buf *out, const struct issued *i, const uint8_t *token_id);

/* Whether the server's last enrolment, of all in the trail, was by this token and key: 1, 0, or
 * an error of the store. */
MUST_USE int trail_is_last(struct store *s, const struct store_use *use);

#endif
