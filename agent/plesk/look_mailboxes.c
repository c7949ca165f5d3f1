/* Mailboxes of the domains that are filtered: counts from one place, verdicts from another. */
#include "plesk/look_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "plesk/count.h"

enum { MX_DEADLINE_MS = 60000 };

/* From the database, else from folders. False when nothing was counted. */
static bool count(struct look *l, struct counts *ret)
{
    const struct options *o = l->options;
    struct diag why = {""};
    struct diag folders = {""};
    int r = psa_count(o, ret, &why);
    if (r == 0)
        return true;
    /* Folders outlive mailboxes: they stand in where there is no database to ask, not for one
     * that is slow for a moment. */
    bool is_away = r == -ENOENT || r == -EACCES || r == -ECONNREFUSED;
    if (o->maildirs[0] == '\0' || !is_away) {
        look_trouble(l, MESSAGE_TROUBLE_MAILBOXES, why.text);
        return false;
    }
    if (maildir_count(o->maildirs, ret, &folders) == 0) {
        look_trouble(l, MESSAGE_TROUBLE_FOLDERS, why.text);
        return true;
    }
    look_trouble(l, MESSAGE_TROUBLE_MAILBOXES, why.text);
    return false;
}

static void say_domain(struct look *l, const struct counted *c, bool is_filtered)
{
    struct message m = {.kind = MESSAGE_DOMAIN};
    (void)snprintf(m.as.domain.domain, sizeof m.as.domain.domain, "%s", c->domain);
    m.as.domain.counts = c->counts;
    m.as.domain.counts.is_filtered = is_filtered;
    look_say(l, &m);
}

/* Domains of which it is not known whether they are filtered are in neither kind of report:
 * saying "not" would hide what is charged, saying "yes" would charge for what may not be. */
static void say_lost(struct look *l, int64_t lost)
{
    struct message m = {
        .kind = MESSAGE_GAP,
        .as = {.gap = {.what = GAP_MAILBOXES, .first_s = l->boot_s, .last_s = l->boot_s}}};
    m.as.gap.lost = lost;
    look_say(l, &m);
}

static void say_domains(struct look *l, const struct counts *c, const struct mx_question *v)
{
    int64_t unknown = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (v[i].verdict == MX_UNKNOWN)
            unknown++;
        else if (v[i].verdict == MX_FILTERED || l->options->all_domains)
            say_domain(l, &c->v[i], v[i].verdict == MX_FILTERED);
    }
    if (unknown > 0) {
        struct diag why;
        (void)diag_set(&why, 0,
                       "the mail exchangers of %" PRId64 " domains are not known: these "
                       "domains are left out until the resolvers answer",
                       unknown);
        look_trouble(l, MESSAGE_TROUBLE_NAMES, why.text);
    }
    /* What the counting had no room for is lost in the same way. */
    if (c->n >= (size_t)CAP_REPORT_MAILBOXES * 4)
        unknown += c->refused;
    if (unknown > 0)
        say_lost(l, unknown);
}

void look_mailboxes(struct look *l)
{
    AUTO(counts) struct counts counts = {0};
    struct diag d = {""};
    if (!count(l, &counts))
        return;
    AUTO_FREE struct mx_question *v = calloc(counts.n + 1, sizeof *v);
    if (!v) {
        look_trouble(l, MESSAGE_TROUBLE_MAILBOXES, "out of memory");
        return;
    }
    for (size_t i = 0; i < counts.n; i++)
        v[i] = (struct mx_question){.domain = counts.v[i].domain, .verdict = MX_UNKNOWN};
    const struct mx_order order = {.options = l->options,
                                   .suffixes = &l->suffixes,
                                   .now = l->now,
                                   .deadline_ms = MX_DEADLINE_MS};
    if (counts.n > 0 && mx_ask(&order, v, counts.n, &d) != 0)
        look_trouble(l, MESSAGE_TROUBLE_NAMES, d.text);
    say_domains(l, &counts, v);
    l->end.has_counted = true;
}
