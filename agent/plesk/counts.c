/* Lists of counts: adding, sorting, joining. */
#include "plesk/counts.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"

void counts_done(struct counts *c)
{
    free(c->v);
    *c = (struct counts){0};
}

int counts_add(struct counts *c, struct text name, size_t *ret_at)
{
    struct counted new = {.counts = {0}};
    int r = dname_parse(name, new.domain);
    if (r == 0)
        r = grow(&c->v, &c->cap, c->n + 1, sizeof *c->v, COUNTS_DOMAINS_MAX);
    if (r == -EBADMSG || r == -ERANGE)
        c->refused++;
    if (r < 0)
        return r;
    c->v[c->n] = new;
    *ret_at = c->n++;
    return 0;
}

void counts_raise(int64_t *count, int64_t by)
{
    int64_t room = CAP_REPORT_COUNT - *count;
    *count += by < room ? by : room;
}

static int compare(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;
    return strcmp(x->domain, y->domain);
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void join(struct mail_counts *into, const struct mail_counts *c)
{
    into->mailboxes = larger(into->mailboxes, c->mailboxes);
    into->aliases = larger(into->aliases, c->aliases);
    into->forwards = larger(into->forwards, c->forwards);
    into->lists = larger(into->lists, c->lists);
    into->alias_domains = larger(into->alias_domains, c->alias_domains);
    into->catch_all = into->catch_all || c->catch_all;
}

void counts_settle(struct counts *c)
{
    size_t n = 0;
    if (c->n > 1)
        qsort(c->v, c->n, sizeof *c->v, compare);
    for (size_t i = 0; i < c->n; i++) {
        if (n > 0 && compare(&c->v[n - 1], &c->v[i]) == 0)
            join(&c->v[n - 1].counts, &c->v[i].counts);
        else
            c->v[n++] = c->v[i];
    }
    c->n = n;
}
