/*
 * The audit against the simple one, on random small worlds: through the store, in whatever
 * order the reports come, both say the same. FAIRUSE_CASES says how many worlds (3000);
 * FAIRUSE_SEED runs a failing run again, FAIRUSE_CASE one world of it. A difference is shown,
 * then shrunk to the smallest world that still has one.
 */
#include "support/leak.h"

#include "support/brute.h"
#include "support/realaudit.h"
#include "support/worldgen.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

SUITE(audit_agrees);

#define PRINT_CAP ((size_t)4 << 20)

/* What two audits said of a world. */
struct answers {
    struct verdict_list simple, real;
    struct cost_list simple_costs, real_costs;
    struct diag failure; /* of the real one; "" = none */
};

static int ask_real(const struct world *w, uint64_t order, struct answers *ret)
{
    AUTO(real) struct real real = {.store = NULL};
    int r = real_open(w, order, &real, &ret->failure);
    if (r == 0)
        r = real_audit(&real, w, NULL, &ret->real, NULL);
    return r < 0 ? r : real_costs(w, &ret->simple, &ret->real_costs);
}

static void ask(const struct world *w, uint64_t order, struct answers *ret)
{
    memset(ret, 0, sizeof *ret);
    for (size_t i = 0; i < w->n_periods; i++)
        brute_audit(w, w->periods[i], &ret->simple);
    brute_due(w, &ret->simple, &ret->simple_costs);
    int r = ask_real(w, order, ret);
    if (r < 0 && ret->failure.text[0] == '\0')
        (void)diag_set(&ret->failure, r, "error %d", -r);
}

static bool do_agree(const struct answers *a)
{
    return a->failure.text[0] == '\0' && verdict_lists_are_equal(&a->simple, &a->real) &&
           cost_lists_are_equal(&a->simple_costs, &a->real_costs);
}

static bool still_differs(const struct world *w, uint64_t order)
{
    struct answers *a = malloc(sizeof *a);
    cr_assert_not_null(a);
    ask(w, order, a);
    bool differs = !do_agree(a);
    free(a);
    return differs;
}

/* ---- Shrinking: leave out one thing at a time while the two still differ ------------------
 */

static void drop(void *array, size_t *n, size_t size, size_t i)
{
    char *p = array;
    memmove(p + i * size, p + (i + 1) * size, (*n - i - 1) * size);
    *n -= 1;
}

#define TABLE(rows, count)                                                                     \
    {                                                                                          \
        offsetof(struct world, rows), offsetof(struct world, count),                           \
            sizeof(((struct world *)NULL)->rows[0])                                            \
    }
#define LIST(rows, count)                                                                      \
    {                                                                                          \
        offsetof(struct world_report, rows), offsetof(struct world_report, report.count),      \
            sizeof(((struct world_report *)NULL)->rows[0])                                     \
    }

struct part {
    size_t array, count, size;
};

static void *array_in(void *base, const struct part *p)
{
    return (char *)base + p->array;
}

static size_t *count_in(void *base, const struct part *p)
{
    return (void *)((char *)base + p->count);
}

static const struct part tables[] = {TABLE(reports, n_reports), TABLE(licenses, n_licenses),
                                     TABLE(domains, n_domains), TABLE(networks, n_networks),
                                     TABLE(servers, n_servers), TABLE(moves, n_moves),
                                     TABLE(tariffs, n_tariffs), TABLE(periods, n_periods)};

static const struct part lists[] = {LIST(sightings, n_sightings), LIST(mailboxes, n_mailboxes),
                                    LIST(licenses, n_licenses), LIST(gaps, n_gaps)};

/* Keeps what is in `tried` when it still differs. */
static bool keep_if_differs(struct world *w, struct world *tried, uint64_t order)
{
    world_link(tried);
    if (!still_differs(tried, order))
        return false;
    world_copy(w, tried);
    return true;
}

static bool try_parts(struct world *w, struct world *tried, uint64_t order)
{
    bool is_smaller = false;
    for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
        const struct part *p = &tables[t];
        for (size_t i = *count_in(w, p); i-- > 0;) {
            world_copy(tried, w);
            drop(array_in(tried, p), count_in(tried, p), p->size, i);
            is_smaller |= keep_if_differs(w, tried, order);
        }
    }
    return is_smaller;
}

static bool try_report(struct world *w, struct world *tried, uint64_t order, size_t report)
{
    bool is_smaller = false;
    for (size_t t = 0; t < ARRAY_LEN(lists); t++) {
        const struct part *p = &lists[t];
        for (size_t i = *count_in(&w->reports[report], p); i-- > 0;) {
            world_copy(tried, w);
            struct world_report *r = &tried->reports[report];
            drop(array_in(r, p), count_in(r, p), p->size, i);
            is_smaller |= keep_if_differs(w, tried, order);
        }
    }
    return is_smaller;
}

static bool try_policies(struct world *w, struct world *tried, uint64_t order)
{
    bool is_smaller = false;
    for (size_t i = 0; i < w->policies.n; i++)
        for (size_t j = w->versions[i].n_overrides; j-- > 0;) {
            world_copy(tried, w);
            drop(tried->overrides[i], &tried->versions[i].n_overrides,
                 sizeof tried->overrides[i][0], j);
            is_smaller |= keep_if_differs(w, tried, order);
        }
    for (; w->policies.n > 1; is_smaller = true) {
        world_copy(tried, w);
        tried->policies.n--;
        if (!keep_if_differs(w, tried, order))
            break;
    }
    return is_smaller;
}

static void shrink(struct world *w, uint64_t order)
{
    struct world *tried = malloc(sizeof *tried);
    cr_assert_not_null(tried);
    bool is_smaller = true;
    while (is_smaller) {
        is_smaller = try_parts(w, tried, order);
        for (size_t i = 0; i < w->n_reports; i++)
            is_smaller |= try_report(w, tried, order, i);
        is_smaller |= try_policies(w, tried, order);
    }
    free(tried);
}

/* ---- Showing -------------------------------------------------------------------------------
 */

static void print_answers(const struct answers *a, struct buf *out)
{
    if (a->failure.text[0] != '\0')
        buf_printf(out, "the audit failed: %s\n", a->failure.text);
    buf_add_str(out, "the simple audit alone says -, the real one alone +\n");
    verdict_print_difference(&a->simple, &a->real, out);
    cost_print_difference(&a->simple_costs, &a->real_costs, out);
}

static void print_all(const struct answers *a, struct buf *out)
{
    buf_add_str(out, "the simple audit:\n");
    for (size_t i = 0; i < a->simple.n; i++)
        verdict_print(&a->simple.v[i], " ", out);
    buf_add_str(out, "the real audit:\n");
    for (size_t i = 0; i < a->real.n; i++)
        verdict_print(&a->real.v[i], " ", out);
}

/* All of it to standard error: a failing run's own message has not the room. */
static void show(struct world *w, uint64_t k, uint64_t order, struct answers *a)
{
    AUTO(buf) struct buf text = BUF_INIT(PRINT_CAP);
    buf_printf(&text,
               "\n==== world %" PRIu64 " (%s); again: FAIRUSE_SEED=%" PRIu64
               " FAIRUSE_CASE=%" PRIu64 "\n",
               k, world_theme_name((enum world_theme)(k % WORLD_THEME_COUNT)), seed_now(), k);
    print_answers(a, &text);
    print_all(a, &text);
    world_print(w, &text);
    shrink(w, order);
    ask(w, order, a);
    buf_add_str(&text, "\n==== the smallest world that differs\n");
    print_answers(a, &text);
    print_all(a, &text);
    world_print(w, &text);
    fprintf(stderr, "%s\n", buf_str(&text));
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    int64_t v = 0;
    if (text == NULL || *text == '\0')
        return otherwise;
    cr_assert_eq(text_to_int(text_of(text), 0, INT64_MAX, &v), 0, "%s=%s", name, text);
    return (uint64_t)v;
}

/* True when the two agree on world k of this run; where not, it may be shrunk and shown. */
static bool try_world(uint64_t k, bool is_shown)
{
    struct world *w = malloc(sizeof *w);
    struct answers *a = malloc(sizeof *a);
    cr_assert(w != NULL && a != NULL);
    struct rng r = {seed_now() + k * UINT64_C(1000003)};
    world_random(&r, (enum world_theme)(k % WORLD_THEME_COUNT), w);
    uint64_t order = rng_next(&r);
    ask(w, order, a);
    bool ok = do_agree(a);
    if (!ok && is_shown)
        show(w, k, order, a);
    free(a);
    free(w);
    return ok;
}

Test(audit_agrees, with_the_simple_one_on_random_worlds)
{
    uint64_t from = setting("FAIRUSE_CASE", 0);
    uint64_t to = getenv("FAIRUSE_CASE") ? from + 1 : setting("FAIRUSE_CASES", 3000);
    uint64_t most_shown = setting("FAIRUSE_SHOWN", 3), failed = 0, k = from;
    if (getenv("TMPDIR") == NULL)
        (void)setenv("TMPDIR", "/dev/shm", 0); /* thousands of small stores: not on a disk */
    /* Where none is shown, the first one that differs is the end. */
    for (; k < to && (failed == 0 || failed < most_shown); k++)
        failed += !try_world(k, failed < most_shown);
    cr_assert_eq(failed, 0, "%" PRIu64 " of %" PRIu64 " worlds are judged differently", failed,
                 k - from);
}
