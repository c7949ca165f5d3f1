/* A report as a value (SPEC 3): what one run of one agent saw. JSON is wire's business. */
#ifndef DOMAIN_REPORT_H
#define DOMAIN_REPORT_H

#include "base/caps.h"
#include "base/diag.h"
#include "domain/addr.h"
#include "domain/dname.h"
#include "domain/license.h"
#include "domain/source.h"
#include "domain/span.h"
#include "domain/uuid.h"

struct report_license {
    license_t license;
    /* Optional texts: "" where the report has none. */
    char version[CAP_LABEL_TEXT + 1];
    char product[CAP_LABEL_TEXT + 1];
    char edition[CAP_LABEL_TEXT + 1];
    char expires[11];    /* YYYY-MM-DD */
    char machine_id[65]; /* 64 hex digits, lower case */
};

struct report_sighting {
    license_t license;
    struct addr address;
    enum source source; /* never SOURCE_PEER */
    struct span seen;
};

/* All that one row says of a domain, times apart: rows join only where all of it is equal. */
struct mail_counts {
    int64_t mailboxes, aliases, forwards, lists, alias_domains;
    bool catch_all, is_filtered;
};

struct report_mailboxes {
    char domain[DNAME_SIZE];
    struct mail_counts counts;
    struct span seen;
};

struct report_gap {
    enum gap_kind what;
    struct span seen;
    int64_t lost; /* 0 where the report does not say */
};

struct report {
    char agent_version[CAP_LABEL_TEXT + 1]; /* "" where it does not say */
    struct uuid boot;
    int64_t counter; /* from 1 */
    bool is_live;
    struct report_license *licenses;
    size_t n_licenses;
    struct report_sighting *sightings;
    size_t n_sightings;
    struct report_mailboxes *mailboxes;
    size_t n_mailboxes;
    struct report_gap *gaps;
    size_t n_gaps;
};

void report_done(struct report *r);

/*
 * Puts the report's times on the collector's clock, in the order of SPEC 3, "Clock": refuses
 * first > last and last > sent_at + 60 s; shifts all by received - sent when they are more
 * than 60 s apart; brings what lies after the receipt to it; refuses what lies before 2020.
 *
 * Returns 0, or -EBADMSG with *reterr_at = the JSON pointer of the time at fault, e.g.
 * "/sightings/3/first" (REPORT_AT_SIZE bytes), and the reason in `d`. A refused report is
 * to be thrown away: its times may be half moved.
 */
#define REPORT_AT_SIZE 64
MUST_USE int report_settle(struct report *r, wall_t sent_at, wall_t received_at,
                           char reterr_at[static REPORT_AT_SIZE], struct diag *d);

#endif
