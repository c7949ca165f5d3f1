/* Policies that the store has accepted, and those of the configuration (T&C 15.2). */
#include "ctl/ctl_parts.h"
#include <errno.h>
#include <string.h>

#define POLICIES_NOTE "policies"
enum { NOTICE_DAYS = 30 };

static bool take_line(struct text *rest, struct text *ret)
{
    if (rest->n == 0)
        return false;
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *ret = (struct text){rest->p, n};
    *rest = (struct text){rest->p + n + (end != NULL), rest->n - n - (end != NULL)};
    return true;
}

static bool has_line(struct text all, struct text line)
{
    struct text one;

    while (take_line(&all, &one))
        if (one.n == line.n && memcmp(one.p, line.p, line.n) == 0)
            return true;
    return false;
}

/*
 * When the i-th line of settings_policy_text() begins to hold: the first is the settings beside
 * the policies, then each version with its overrides.
 */
static wall_t line_from(const struct settings *s, size_t i)
{
    for (size_t v = 0; i > 0 && v < s->policies.n; v++) {
        size_t lines = 1 + s->policies.versions[v].n_overrides;
        if (i <= lines)
            return s->policies.versions[v].from;
        i -= lines;
    }
    return WALL_BEGIN;
}

/*
 * Whether the change from what was accepted to what is configured gives people less than their
 * notice. What a store begins with, and holds since ever, changes nothing for anybody.
 */
static bool needs_accept(const struct ctl *c, struct text accepted, struct text now)
{
    wall_t soonest = {c->now.s + INT64_C(86400) * NOTICE_DAYS};
    struct text rest = now, line;

    for (size_t i = 0; take_line(&rest, &line); i++) {
        wall_t from = line_from(&c->settings, i);
        bool is_founding = accepted.n == 0 && from.s == WALL_BEGIN.s;
        if (!is_founding && from.s < soonest.s && !has_line(accepted, line))
            return true;
    }
    while (take_line(&accepted, &line))
        if (!has_line(now, line))
            return true;
    return false;
}

int policies_check(struct ctl *c, struct store *s)
{
    AUTO(buf) struct buf accepted = BUF_INIT(64 << 20);
    AUTO(buf) struct buf now = BUF_INIT(64 << 20);
    int r = store_get_note(s, POLICIES_NOTE, &accepted);

    settings_policy_text(&c->settings, &now);
    if (r >= 0 && buf_error(&now) < 0)
        r = buf_error(&now);
    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    if (strcmp(buf_str(&accepted), buf_str(&now)) == 0)
        return 0;
    if (!ctl_flag(c, "accept") &&
        needs_accept(c, (struct text){buf_str(&accepted), accepted.len},
                     (struct text){buf_str(&now), now.len}))
        return ctl_fail(
            EX_TEMPFAIL,
            "the configuration has policies that this store has not accepted yet and that "
            "begin in less than %d days (T&C 15.2); nothing was done: --accept accepts them",
            NOTICE_DAYS);
    r = store_set_note(s, POLICIES_NOTE, buf_str(&now));
    return r < 0 ? ctl_fail_errno(r, store_diag(s)) : 0;
}
