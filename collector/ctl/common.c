/* What several commands need of the store, the moment and the period. */
#include "ctl/ctl_parts.h"
#include <errno.h>
#include <string.h>

int ctl_open_store(struct ctl *c, enum store_mode mode, struct store **ret)
{
    const char *url = ctl_value(c, "store");
    struct diag d = {""};

    if (!url)
        url = c->settings.store[0] ? c->settings.store : NULL;
    if (!url)
        return ctl_fail(EX_USAGE, "which store? Give --store sqlite:PATH, or `store` in the "
                                  "configuration (-c FILE)");
    int r = store_open(url, mode, ret, &d);
    if (r == 0)
        return 0;
    if (r == -ENOENT)
        return ctl_fail(EX_UNAVAILABLE, "%s (`fairusectl --store %s store init` makes one)",
                        d.text, url);
    if (r == -EAGAIN)
        return ctl_fail(EX_TEMPFAIL, "%s", d.text);
    return ctl_fail(r == -ENOMEM ? EX_OSERR : EX_UNAVAILABLE, "%s", d.text[0] ? d.text : url);
}

int ctl_run_setup(struct ctl *c, struct store *s, struct run_setup *ret)
{
    const char *as_of = ctl_value(c, "as-of");
    char quoted[TEXT_QUOTE_SIZE];

    *ret = (struct run_setup){
        .store = s,
        .zone = &c->settings.zone,
        .policies = &c->settings.policies,
        .lab_networks = c->settings.lab_networks,
        .n_lab_networks = c->settings.n_lab_networks,
        .license_prefixes = (const char(*)[8])c->settings.license_prefixes,
        .n_license_prefixes = c->settings.n_license_prefixes,
        .as_of = c->now,
    };
    if (!as_of)
        return 0;
    int64_t seconds;
    if (wall_parse(text_of(as_of), &ret->as_of) == 0)
        return 0;
    if (text_to_int(text_of(as_of), 0, WALL_MAX.s, &seconds) == 0) {
        ret->as_of.s = seconds;
        return 0;
    }
    return ctl_fail(
        EX_USAGE,
        "--as-of %s: must be a moment, e.g. 2026-10-31T23:00:00Z, or seconds since 1970",
        text_quote(text_of(as_of), quoted));
}

int ctl_period(struct ctl *c, bool *ret_given, period_t *ret)
{
    const char *value = ctl_value(c, "period");
    char quoted[TEXT_QUOTE_SIZE];

    *ret_given = value != NULL;
    if (!value || period_parse(text_of(value), ret) == 0)
        return 0;
    return ctl_fail(EX_USAGE, "--period %s: must be a month, e.g. 2026-10",
                    text_quote(text_of(value), quoted));
}

int ctl_end_write(struct store *s, int r)
{
    if (r >= 0)
        r = store_commit(s);
    if (r < 0)
        store_rollback(s);
    return r < 0 ? r : 0;
}

int ctl_format(struct ctl *c, const char *const names[])
{
    const char *value = ctl_value(c, "format");
    AUTO(buf) struct buf list = BUF_INIT(256);
    char quoted[TEXT_QUOTE_SIZE];

    for (int i = 0; names[i]; i++) {
        if (!value || strcmp(value, names[i]) == 0)
            return i;
        buf_printf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    (void)ctl_fail(EX_USAGE, "--format %s: must be one of %s",
                   text_quote(text_of(value), quoted), buf_str(&list));
    return -1;
}
