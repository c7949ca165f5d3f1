/* fairusectl store init, check, prune. */
#include "ctl/authority.h"
#include "ctl/commands.h"
#include "ctl/signing.h"
#include <errno.h>

static int run_init(struct ctl *c)
{
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf b = BUF_INIT(32768);
    int code = ctl_open_store(c, STORE_CREATE, &s);

    if (code != 0)
        return code;
    buf_printf(&b, "the store is ready%s%s\n", store_path(s) ? ": " : "",
               store_path(s) ? store_path(s) : "");
    code = signing_key_make(c, s);
    if (code == 0)
        code = ctl_authority_make(c, s, &b);
    return code == 0 ? ctl_print(&b) : code;
}

const struct ctl_command command_store_init = {
    .group = "store",
    .name = "init",
    .arguments = "",
    .help = "Make the store, the signing key and the authority where there are none",
    .run = run_init,
};

static void tell_defect(void *arg, const char *sentence)
{
    (void)arg;
    ctl_note("fairusectl: %s", sentence);
}

static int run_check(struct ctl *c)
{
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf b = BUF_INIT(4096);
    int64_t defects = 0;
    int code = ctl_open_store(c, STORE_READ, &s);

    if (code != 0)
        return code;
    int r = store_check(s, tell_defect, NULL, &defects);
    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    if (defects > 0)
        return ctl_fail(
            EX_DATAERR,
            "%lld defects: put the last good copy back, then import what came since",
            (long long)defects);
    buf_add_str(&b, "the store is sound\n");
    return ctl_print(&b);
}

const struct ctl_command command_store_check = {
    .group = "store",
    .name = "check",
    .arguments = "",
    .help = "Look at everything in the store and name each defect",
    .run = run_check,
};

static int64_t look_of(const struct policy *p)
{
    const int64_t graces[] = {p->grace.s, p->outside_grace.s, p->mailbox_sustain.s,
                              INT64_C(35) * 86400};
    int64_t longest = 0;

    for (size_t i = 0; i < ARRAY_LEN(graces); i++)
        longest = graces[i] > longest ? graces[i] : longest;
    return longest + p->bridge.s;
}

/* How far before a period's beginning any policy looks. */
static int64_t longest_look(const struct policy_book *book)
{
    int64_t longest = 0;

    for (size_t i = 0; i < book->n; i++) {
        const struct policy_version *v = &book->versions[i];
        longest = look_of(&v->base) > longest ? look_of(&v->base) : longest;
        for (size_t k = 0; k < v->n_overrides; k++)
            if (look_of(&v->overrides[k].policy) > longest)
                longest = look_of(&v->overrides[k].policy);
    }
    return longest;
}

/*
 * What may go: older than --keep, and older than anything a period that is open or can still be
 * corrected looks at (six periods back, and the longest grace before them).
 */
static int prune_before(struct ctl *c, struct store *s, wall_t *ret)
{
    const char *keep = ctl_value(c, "keep");
    dur_t age = ctl_settings(c)->retention;
    struct run_setup setup;
    struct run_periods periods;
    char quoted[TEXT_QUOTE_SIZE];

    if (keep && dur_parse(text_of(keep), &age) < 0)
        return ctl_fail(EX_USAGE, "--keep %s: must be a duration, e.g. 400d",
                        text_quote(text_of(keep), quoted));
    int code = ctl_run_setup(c, s, &setup);
    if (code != 0)
        return code;
    int r = run_periods_find(&setup, &periods);
    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    ret->s = ctl_now(c).s - age.s;
    if (periods.n > 0) {
        wall_t needed = period_start(setup.zone, period_plus(periods.v[0], -5));
        needed.s -= longest_look(setup.policies);
        *ret = wall_min(*ret, needed);
    }
    return 0;
}

static int run_prune(struct ctl *c)
{
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf b = BUF_INIT(4096);
    wall_t before = {0};
    int64_t rows = 0;
    char zoned[ZONE_TEXT_SIZE];
    int code = ctl_open_store(c, STORE_WRITE, &s);

    if (code == 0)
        code = prune_before(c, s, &before);
    if (code != 0)
        return code;
    int r = store_begin(s);
    if (r >= 0)
        r = store_prune(s, before, &rows);
    if (r >= 0 && ctl_flag(c, "dry-run"))
        store_rollback(s);
    else if (r >= 0)
        r = store_commit(s);
    if (r < 0) {
        int failed = ctl_fail_errno(r, store_diag(s));
        store_rollback(s);
        return failed;
    }
    buf_printf(&b, "%lld rows that ended before %s %s\n", (long long)rows,
               zone_format(&ctl_settings(c)->zone, before, zoned),
               ctl_flag(c, "dry-run") ? "would be deleted" : "were deleted");
    return ctl_print(&b);
}

static const struct ctl_option prune_options[] = {
    {"keep", "AGE", "how long observations are kept, e.g. 400d (default: `retention`)"},
    {"dry-run", NULL, "only say how many rows would go"},
};

const struct ctl_command command_store_prune = {
    .group = "store",
    .name = "prune",
    .arguments = "",
    .help = "Delete observations that nothing needs any more; the ledger is never touched",
    .options = prune_options,
    .n_options = ARRAY_LEN(prune_options),
    .run = run_prune,
};
