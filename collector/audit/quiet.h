/*
 * Nearly every licence is one machine after another at one address, in its reseller's networks
 * and at its reseller's server, and was seen today: no rule says anything of it. That is told
 * here from the raw sightings, so that only the others need become cases.
 */
#ifndef AUDIT_QUIET_H
#define AUDIT_QUIET_H

#include "audit/case.h"

/* What is known of a licence before anything is looked up. */
struct quiet_facts {
    license_t license;
    const struct audit_row *rows;
    size_t n_rows;
    const struct audit_sighting *sightings; /* by machine, under whatever numbers */
    size_t n_sightings;
};

/*
 * Whether audit_license() certainly finds nothing, for a sink that does not want what is clear;
 * provided that all machines seen since the horizon are of one server, at which it is at home.
 * False says nothing: then the rules themselves must be asked.
 */
bool audit_is_quiet(const struct audit *a, const struct quiet_facts *f);

/* A machine that was last seen before this cannot be silent, forked, foreign or one of a crowd,
 * nor be bridged into the period. */
wall_t audit_horizon(const struct audit *a);

/* Whether the server is the reseller's, and was nobody else's, from the horizon to E. */
bool audit_is_at_home(const struct audit_server *server, const struct audit_reseller *reseller,
                      struct span since);

#endif
