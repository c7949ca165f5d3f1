/*
 * Laws that an audit keeps on any world, with no second audit to ask: the order in which
 * reports came changes nothing, not a byte of evidence; an audit of one subject says of it
 * what the audit of all does; and reports that come again teach nothing.
 */
#include "support/leak.h"

#include "support/realaudit.h"
#include "support/worldgen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

SUITE(audit_laws);

enum { WORLDS = 300 };
#define TEXT_CAP ((size_t)16 << 20)

static struct world *new_world(uint64_t k, struct rng *r)
{
    struct world *w = malloc(sizeof *w);
    cr_assert_not_null(w);
    if (getenv("TMPDIR") == NULL)
        (void)setenv("TMPDIR", "/dev/shm", 0); /* hundreds of small stores: not on a disk */
    *r = (struct rng){seed_now() + k * UINT64_C(1000003)};
    world_random(r, (enum world_theme)(k % WORLD_THEME_COUNT), w);
    return w;
}

/* The whole audit as text, evidence and all. */
static void audit_text(const struct world *w, uint64_t order, struct buf *ret)
{
    AUTO(real) struct real real = {.store = NULL};
    struct diag d = {{0}};
    struct verdict_list *l = calloc(1, sizeof *l);
    cr_assert_not_null(l);
    cr_assert_eq(real_open(w, order, &real, &d), 0, "%s", d.text);
    cr_assert_eq(real_audit(&real, w, NULL, l, ret), 0);
    free(l);
}

Test(audit_laws, the_order_of_reports_changes_nothing)
{
    for (uint64_t k = 0; k < WORLDS; k++) {
        AUTO(buf) struct buf one = BUF_INIT(TEXT_CAP);
        AUTO(buf) struct buf other = BUF_INIT(TEXT_CAP);
        struct rng r;
        struct world *w = new_world(k, &r);
        audit_text(w, 0, &one);
        audit_text(w, 1 + rng_below(&r, 1000), &other);
        cr_assert_str_eq(buf_str(&one), buf_str(&other), "world %" PRIu64, k);
        free(w);
    }
}

Test(audit_laws, a_report_that_comes_again_teaches_nothing)
{
    for (uint64_t k = 0; k < WORLDS; k++) {
        AUTO(buf) struct buf once = BUF_INIT(TEXT_CAP);
        AUTO(buf) struct buf again = BUF_INIT(TEXT_CAP);
        struct rng r;
        struct world *w = new_world(k, &r);
        w->n_reports = w->n_reports < WORLD_REPORTS / 2 ? w->n_reports : WORLD_REPORTS / 2;
        audit_text(w, 0, &once);
        for (size_t i = w->n_reports; i-- > 0;)
            w->reports[w->n_reports++] = w->reports[i];
        world_link(w);
        audit_text(w, 1 + rng_below(&r, 1000), &again);
        cr_assert_str_eq(buf_str(&once), buf_str(&again), "world %" PRIu64, k);
        free(w);
    }
}

/* What the audit of all said of one subject. */
static void pick_subject(const struct verdict_list *all, const char *subject,
                         struct verdict_list *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->v[i].subject, subject) == 0)
            ret->v[ret->n++] = all->v[i];
}

static void check_subject(const struct real *real, const struct world *w, const char *subject,
                          const struct verdict_list *all)
{
    struct verdict_list *of_all = calloc(1, sizeof *of_all), *alone = calloc(1, sizeof *alone);
    AUTO(buf) struct buf text = BUF_INIT(TEXT_CAP);
    cr_assert(of_all != NULL && alone != NULL);
    pick_subject(all, subject, of_all);
    cr_assert_eq(real_audit(real, w, subject, alone, NULL), 0);
    verdict_print_difference(of_all, alone, &text);
    cr_assert(verdict_lists_are_equal(of_all, alone), "%s", buf_str(&text));
    free(of_all);
    free(alone);
}

Test(audit_laws, one_subject_alone_is_judged_as_among_all)
{
    for (uint64_t k = 0; k < WORLDS / 3; k++) {
        struct rng r;
        struct world *w = new_world(k, &r);
        struct verdict_list *all = calloc(1, sizeof *all);
        AUTO(real) struct real real = {.store = NULL};
        struct diag d = {{0}};
        char text[LICENSE_TEXT_SIZE];
        cr_assert_not_null(all);
        cr_assert_eq(real_open(w, 0, &real, &d), 0, "%s", d.text);
        cr_assert_eq(real_audit(&real, w, NULL, all, NULL), 0);
        for (size_t i = 0; i < w->n_licenses; i++)
            check_subject(&real, w, license_format(w->licenses[i].license, text), all);
        for (size_t i = 0; i < w->n_domains; i++)
            check_subject(&real, w, w->domains[i].domain, all);
        free(all);
        free(w);
    }
}
