/*
 * A small estate in a store of its own, filled by hand, and the story of one subject in it: for
 * tests of what explains. Times are UTC, so that they can be worked out on paper.
 */
#ifndef SUPPORT_SCENE_H
#define SUPPORT_SCENE_H

#include "run/story.h"
#include "support/store_fixture.h"

struct scene {
    struct store_place place;
    struct store *store;
    struct zone zone;
    struct policy_version version;
    struct policy_book policies;
    struct network lab[4];
    struct book book;
    int counters; /* reports so far */
};

/*
 * The documentation networks are public; the policy is the default; reseller "r1" with its
 * manager. An open write transaction. Aborts when the store cannot be made.
 */
void scene_init(struct scene *s);
void scene_done(struct scene *s);

/* A moment of October 2026: scene_at(1, 0) is 2026-10-01T00:00:00Z; day 0 and below reach back.
 */
wall_t scene_at(int day, int hour);

/* All for r1, for ever. */
void scene_license(struct scene *s, const char *license, const char *binding);
void scene_domain(struct scene *s, const char *domain, int64_t limit);
void scene_server(struct scene *s, const char *server);
void scene_network(struct scene *s, const char *network, struct term valid, bool is_one_place);
void scene_move(struct scene *s, const char *license, struct term valid);
void scene_tariff(struct scene *s, enum charge_kind kind, int64_t euros, int64_t block);

/* A report of one sighting, by the key server's connections, of one run of the server's agent.
 */
void scene_saw(struct scene *s, const char *server, int run, const char *license,
               const char *address, struct span seen);
/* The collector itself saw it: a `peer` sighting at one moment. */
void scene_peer(struct scene *s, const char *server, int run, const char *license,
                const char *address, wall_t at);
void scene_counted(struct scene *s, const char *server, const char *domain, int64_t mailboxes,
                   struct span seen);
void scene_gap(struct scene *s, const char *server, int run, struct span seen, int64_t lost);

/* What a run over the scene is told. Commits on the first call. */
struct run_setup scene_setup(struct scene *s, wall_t as_of);

/* With scene_setup(); then as story_load(). */
int scene_story(struct scene *s, const char *subject, const char *period, wall_t as_of,
                struct story *ret);

#endif
