/* One audit on one snapshot. */
#include "ctl/night.h"
#include <errno.h>

void night_done(struct night *n)
{
    findings_free(n->findings);
    book_done(&n->book);
    store_close(n->store);
    *n = (struct night){0};
}

static int choose_periods(struct ctl *c, struct night *n)
{
    bool is_given;
    period_t period = {0};
    char text[PERIOD_TEXT_SIZE];
    int code = ctl_period(c, &is_given, &period);

    if (code != 0)
        return code;
    if (is_given) {
        n->periods = (struct run_periods){.v = {period}, .n = 1};
        return 0;
    }
    int r = run_periods_find(&n->setup, &n->periods);
    if (r < 0)
        return ctl_fail_errno(r, store_diag(n->store));
    if (n->periods.is_cut)
        ctl_note("there is evidence of before %s: such periods are too old to be open",
                 period_format(n->periods.v[n->periods.n_corrected], text));
    return 0;
}

static int audit(struct night *n)
{
    struct diag d = {""};
    int r = findings_new(&n->findings, &d);

    if (r < 0)
        return ctl_fail_errno(r, d.text);
    struct finding_sink sink = {.take = findings_take, .arg = n->findings};
    r = book_load(&n->book, n->store);
    n->setup.book = &n->book;
    if (r >= 0)
        r = run_audit(&n->setup, n->periods.v, n->periods.n, &sink);
    return r < 0 ? ctl_fail_errno(r, store_diag(n->store)) : 0;
}

int night_audit(struct ctl *c, struct night *n)
{
    *n = (struct night){0};
    int code = ctl_open_store(c, STORE_READ, &n->store);

    if (code == 0)
        code = ctl_run_setup(c, n->store, &n->setup);
    if (code != 0)
        return code;
    n->setup.progress = ctl_progress;
    n->setup.progress_arg = (void *)"audit";
    int r = store_snapshot(n->store);
    if (r < 0)
        return ctl_fail_errno(r, store_diag(n->store));
    code = choose_periods(c, n);
    return code == 0 ? audit(n) : code;
}

bool night_shows(const struct night *n, period_t p)
{
    for (size_t i = n->periods.n_corrected; i < n->periods.n; i++)
        if (n->periods.v[i].month == p.month)
            return true;
    return false;
}
