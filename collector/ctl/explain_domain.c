/* The steps of mailboxes, told. */
#include "ctl/explain.h"
#include <errno.h>
#include <stdio.h>

static const char *basis_words(const struct policy *p)
{
    if (p->mailbox_basis == BASIS_ADDRESSES)
        return "mailboxes, aliases, forwards and lists together";
    return "mailboxes";
}

/* Step 1. */
static int tell_servers(const struct telling *t, const struct story_entry *e)
{
    static const char *const heads[] = {"Server",      "First",     "Last",
                                        ">Last count", ">Most",     ">Mailboxes",
                                        ">Aliases",    ">Forwards", ">Lists"};
    struct table *table;
    char bridge[STORY_DUR_SIZE], text[320];

    (void)snprintf(text, sizeof(text),
                   "What each server counted (%s%s). The last count is carried on for at most "
                   "%s.",
                   basis_words(&e->policy),
                   e->policy.mailbox_filtered_only ? ", of filtered domains only" : "",
                   story_dur(e->policy.bridge, bridge));
    tell_wrapped(t, "1. ", 3, text);
    if (e->n_servers == 0) {
        tell_line(t, "   Nothing was counted.");
        return buf_error(t->out);
    }
    if (table_new(heads, ARRAY_LEN(heads), &table) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < e->n_servers && i < EXPLAIN_ROWS_MAX; i++) {
        const struct story_mail_server *s = &e->servers[i];
        char first[EXPLAIN_MOMENT_SIZE], last[EXPLAIN_MOMENT_SIZE];
        table_cell(table, "%s", s->server);
        table_cell(table, "%s", tell_moment(t, s->seen.first, first));
        table_cell(table, "%s", tell_moment(t, s->seen.last, last));
        table_cell(table, "%lld", (long long)s->last_count);
        table_cell(table, "%lld", (long long)s->most);
        table_cell(table, "%lld", (long long)s->last_counts.mailboxes);
        table_cell(table, "%lld", (long long)s->last_counts.aliases);
        table_cell(table, "%lld", (long long)s->last_counts.forwards);
        table_cell(table, "%lld", (long long)s->last_counts.lists);
    }
    return tell_table(t, table,
                      e->n_servers > EXPLAIN_ROWS_MAX ? e->n_servers - EXPLAIN_ROWS_MAX : 0);
}

/* Steps 2 and 3. */
static int tell_counts(const struct telling *t, const struct story_entry *e)
{
    static const char *const heads[] = {"From", "To", ">For", ">Count", ">Limit", ">Over"};
    AUTO(mail_stretches) struct mail_stretches all = {0};
    struct table *table;
    int r = mail_stretches_of(e, &all);

    tell_wrapped(t, "2. ", 3,
                 e->policy.mailbox_split == SPLIT_SUM
                     ? "The domain's count over time, the sum over its servers, against the "
                       "limit; the limit itself is allowed."
                     : "The domain's count over time, the largest of its servers, against the "
                       "limit; the limit itself is allowed.");
    if (r < 0 || table_new(heads, ARRAY_LEN(heads), &table) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < all.n && i < EXPLAIN_ROWS_MAX; i++) {
        const struct mail_stretch *s = &all.v[i];
        char from[EXPLAIN_MOMENT_SIZE], to[EXPLAIN_MOMENT_SIZE], length[STORY_DUR_SIZE];
        table_cell(table, "%s", tell_moment(t, s->at.first, from));
        table_cell(table, "%s", tell_moment(t, s->at.last, to));
        table_cell(table, "%s", story_dur((dur_t){s->at.last.s - s->at.first.s}, length));
        table_cell(table, "%lld", (long long)s->count);
        table_cell(table, "%lld", (long long)s->limit);
        table_cell(table, "%lld", (long long)s->over);
    }
    return tell_table(t, table, all.n > EXPLAIN_ROWS_MAX ? all.n - EXPLAIN_ROWS_MAX : 0);
}

int tell_mailboxes(const struct telling *t, const struct story_entry *e)
{
    int r = tell_servers(t, e);
    return r < 0 ? r : tell_counts(t, e);
}
