/* The parts of the simple audit (brute.h); nobody else includes this. */
#ifndef SUPPORT_BRUTE_PARTS_H
#define SUPPORT_BRUTE_PARTS_H

#include "support/brute.h"

enum {
    BRUTE_SIGHTINGS = 8192,
    BRUTE_MAIL_ROWS = 4096,
    BRUTE_MOMENTS = 16384,
    BRUTE_ENTRIES = 12,
    BRUTE_ROWS = 16,
    BRUTE_MACHINES = 32,
    BRUTE_UNITS = 24,
    BRUTE_PIECES = 4096,
};

/* ---- What is known of the time up to E: the union of all reports, cut at E (SPEC 3) ---- */

struct brute_sighting {
    license_t license;
    const char *server;
    struct uuid boot;
    struct addr address;
    enum source source;
    struct span seen;
};

struct brute_mail_row {
    const char *domain, *server;
    struct mail_counts counts;
    struct span seen;
};

struct brute_known {
    struct brute_sighting sightings[BRUTE_SIGHTINGS];
    size_t n_sightings;
    struct brute_mail_row mail[BRUTE_MAIL_ROWS];
    size_t n_mail;
    /* Which reports were not refused. */
    const struct world_report *accepted[WORLD_REPORTS_ROOM];
    size_t n_accepted;
};

void brute_learn(const struct world *w, wall_t e, struct brute_known *ret);

/* ---- One audit ------------------------------------------------------------------------ */

struct brute {
    const struct world *world;
    period_t period;
    wall_t p0, e; /* of the period: P0 and E */
    const struct policy_version *version;
    struct brute_known known;
    struct verdict_list *out;
};

void brute_begin(struct brute *b, const struct world *w, period_t p, struct verdict_list *out);
const struct policy *brute_policy(const struct brute *b, const char *reseller); /* NULL: base */

/*
 * Says something; fills in period and trial. Of two that share kind, reseller and subject the
 * confirmed, then the larger quantity stands; of equals the first said.
 */
void brute_say(struct brute *b, struct verdict v, const char *reseller, const char *subject);

/* ---- Time ------------------------------------------------------------------------------ */

/*
 * A point of time in half seconds: 2t is the moment t, 2t + 1 lies in the open stretch that
 * follows it.
 */
typedef struct {
    int64_t half;
} point_t;

bool brute_span_has(struct span s, point_t x);       /* closed */
bool brute_term_has(struct term t, point_t x);       /* its end is not in it */
bool brute_span_cut(struct span *s, struct span by); /* false: they do not meet */
point_t brute_moment(wall_t t);

/*
 * Moments, sorted and unique. Cell 2i is the moment i, cell 2i + 1 the open stretch after it:
 * whatever changes only at these moments is constant in each cell.
 */
struct brute_moments {
    wall_t v[BRUTE_MOMENTS];
    size_t n;
};

void brute_add_moment(struct brute_moments *m, wall_t t);
void brute_add_span(struct brute_moments *m, struct span s);
void brute_sort_moments(struct brute_moments *m);
size_t brute_cells(const struct brute_moments *m);
point_t brute_point(const struct brute_moments *m, size_t cell);
wall_t brute_left_end(const struct brute_moments *m, size_t cell);

/* A level: one value for each cell. */
struct brute_level {
    struct brute_moments moments;
    int64_t value[2 * BRUTE_MOMENTS];
};

/* |{t in window: f(t) >= q}| */
int64_t brute_measure(const struct brute_level *f, int64_t q, struct span window);

/* The question that all charging rules ask, and what it is asked of. */
struct brute_question {
    struct span window; /* [P0 - g, E] within [from, to] */
    struct span judged; /* V */
    dur_t g, period_min, flag_after;
    wall_t e;
};

/* Each fills state, quantity, since, confirms_at; false when there is nothing to say. */
bool brute_sustained(const struct brute_level *f, const struct brute_question *q,
                     struct verdict *ret);
bool brute_seen(const struct brute_level *f, const struct brute_question *q,
                struct verdict *ret); /* as a potential finding */
void brute_set_since(const struct brute_level *f, struct span window, struct verdict *ret);

/* ---- The estate ------------------------------------------------------------------------ */

/* Rows of one subject and reseller that touch. */
struct brute_entry {
    const char *reseller;
    struct term valid;
    size_t rows[BRUTE_ROWS]; /* indexes into the world's table, by `from` */
    size_t n_rows;
    struct span judged; /* V; only where is_judged */
    bool is_judged;
};

struct brute_entries {
    struct brute_entry v[BRUTE_ENTRIES];
    size_t n;
};

/* By `from`. */
void brute_license_entries(const struct brute *b, license_t l, struct brute_entries *ret);
void brute_domain_entries(const struct brute *b, const char *domain, struct brute_entries *ret);
struct brute_question brute_ask(const struct brute *b, const struct brute_entry *e, dur_t g);

/* The reseller whose server it is at x; NULL: nobody's. */
const char *brute_owner(const struct world *w, const char *server, point_t x);
/* The times in which it is this reseller's: touching rows are one. Returns how many. */
size_t brute_tenures(const struct world *w, const char *server, const char *reseller,
                     struct span ret[static BRUTE_ROWS]);
bool brute_is_in_estate(const struct world *w, const char *server);
bool brute_is_retired(const struct world *w, const char *server, wall_t t);
bool brute_has_prefix(const struct world *w, license_t l);

/* All licences that the estate or a sighting names, each once. Returns how many. */
#define BRUTE_LICENSES 32
size_t brute_licenses(const struct brute *b, license_t ret[static BRUTE_LICENSES]);

/* ---- Who is where ---------------------------------------------------------------------- */

struct brute_unit {
    struct network network;
    bool is_one_place;
};

struct brute_machine {
    const char *server;
    struct uuid boot;
};

struct brute_piece {
    size_t machine, unit;
    struct addr address;
    struct span seen;
};

/* Counted sightings, cut, by machine and unit. */
struct brute_scene {
    struct brute_machine machines[BRUTE_MACHINES];
    size_t n_machines;
    struct brute_unit units[BRUTE_UNITS];
    size_t n_units;
    struct brute_piece pieces[BRUTE_PIECES];
    size_t n_pieces;
    dur_t bridge;
};

/* Who is present where at one point of time, and which units count (SPEC 6.1, steps 1, 2). */
struct brute_moment_scene {
    bool at[BRUTE_MACHINES][BRUTE_UNITS];
    bool has_machine[BRUTE_MACHINES];
    bool has_unit[BRUTE_UNITS]; /* units(t) */
    int64_t machines, units;    /* how many */
};

struct brute_unit brute_unit_of(const struct world *w, const char *reseller,
                                const struct addr *a);
void brute_add_piece(struct brute_scene *s, const struct brute_sighting *from,
                     struct brute_unit unit, struct span seen);
void brute_license_scene(const struct brute *b, license_t l, const struct brute_entry *e,
                         struct brute_scene *ret);
bool brute_is_counted(const struct brute *b, const struct brute_sighting *s,
                      const char *reseller);
struct brute_moment_scene brute_look(const struct brute_scene *s, point_t x);
/* The size of a largest set of pairs in which no machine and no unit occurs twice. */
int64_t brute_matching(const struct brute_scene *s, const struct brute_moment_scene *at);

/* ---- The rules ------------------------------------------------------------------------- */

void brute_extra_ip(struct brute *b, license_t l);
void brute_outside(struct brute *b, license_t l);
void brute_elsewhere(struct brute *b, license_t l);
void brute_mailboxes(struct brute *b, const char *domain);
void brute_license_notices(struct brute *b, license_t l);
void brute_domain_notices(struct brute *b, const char *domain);
void brute_reseller_notices(struct brute *b);
void brute_server_notices(struct brute *b);
void brute_address_notices(struct brute *b);
/* `past` are the audits of the five periods before, the nearest first. */
#define BRUTE_PAST 5
void brute_recurring(struct brute *b, license_t l, struct brute past[static BRUTE_PAST]);

#endif
