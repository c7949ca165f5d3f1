/* Domains: two scans in one order (rows of the estate, rows of the reports) become cases. */
#include "base/grow.h"
#include "run/feed.h"
#include <errno.h>
#include <string.h>

struct domain_feed {
    struct store *store;
    const struct book *book;
    struct store_scan *rows, *counts;
    struct estate_domain row;
    struct store_mail_row count;
    bool has_row, has_count;
    struct crew crew;
    struct arena arena; /* the domain's name */
    struct audit_row *case_rows;
    struct audit_count *case_counts;
    size_t cap_rows, cap_counts;
    struct domain_case c;
};

void domain_feed_close(struct domain_feed *f)
{
    if (!f)
        return;
    store_scan_end(f->rows);
    store_scan_end(f->counts);
    crew_done(&f->crew);
    arena_done(&f->arena);
    free(f->case_rows);
    free(f->case_counts);
    free(f);
}

static int next_row(struct domain_feed *f)
{
    int r = store_next_domain(f->rows, &f->row);
    f->has_row = r > 0;
    return r < 0 ? r : 0;
}

static int next_count(struct domain_feed *f)
{
    int r = store_next_mail_row(f->counts, &f->count);
    f->has_count = r > 0;
    return r < 0 ? r : 0;
}

int domain_feed_open(struct store *s, const struct book *b, struct domain_range range,
                     struct domain_feed **ret)
{
    AUTO(domain_feed) struct domain_feed *f = calloc(1, sizeof(*f));

    if (!f)
        return -ENOMEM;
    f->store = s;
    f->book = b;
    int r = store_scan_domains(s, range, &f->rows);
    if (r >= 0)
        r = store_scan_mail_rows(s, range, &f->counts);
    if (r >= 0)
        r = next_row(f);
    if (r >= 0)
        r = next_count(f);
    if (r < 0)
        return r;
    *ret = STEAL(f);
    return 0;
}

static int take_rows(struct domain_feed *f, const char *domain)
{
    int r = 0;

    while (r >= 0 && f->has_row && strcmp(f->row.domain, domain) == 0) {
        const struct audit_reseller *reseller = book_reseller(f->book, f->row.reseller);
        r = grow(&f->case_rows, &f->cap_rows, f->c.n_rows + 1, sizeof(*f->case_rows), SIZE_MAX);
        if (r < 0)
            return r;
        if (reseller)
            f->case_rows[f->c.n_rows++] = (struct audit_row){
                .reseller = reseller, .valid = f->row.valid, .limit = f->row.limit};
        r = next_row(f);
    }
    return r;
}

static int take_counts(struct domain_feed *f, const char *domain)
{
    int r = 0;

    while (r >= 0 && f->has_count && strcmp(f->count.domain, domain) == 0) {
        uint32_t server;
        r = crew_server(&f->crew, f->store, f->book, f->count.server, &server);
        if (r >= 0)
            r = grow(&f->case_counts, &f->cap_counts, f->c.n_counts + 1,
                     sizeof(*f->case_counts), UINT32_MAX);
        if (r < 0)
            return r;
        f->case_counts[f->c.n_counts++] =
            (struct audit_count){server, f->count.counts, f->count.seen};
        r = next_count(f);
    }
    return r;
}

struct named_server {
    const struct audit_server *server;
    uint32_t number;
};

static int server_compare(const void *a, const void *b)
{
    const struct named_server *x = a, *y = b;
    return strcmp(x->server->name, y->server->name);
}

/* Servers by name, so that nothing depends on a store's numbers; the counts follow. */
static int settle(struct domain_feed *f)
{
    size_t n = f->crew.n_servers;
    struct named_server *by_name = arena_array(&f->arena, n + 1, sizeof(*by_name));
    const struct audit_server **servers = arena_array(&f->arena, n + 1, sizeof(*servers));
    uint32_t *number_of = arena_array(&f->arena, n + 1, sizeof(*number_of));

    if (!by_name || !servers || !number_of)
        return -ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        by_name[i] = (struct named_server){f->crew.servers[i], i};
    qsort(by_name, n, sizeof(*by_name), server_compare);
    for (uint32_t i = 0; i < n; i++) {
        servers[i] = by_name[i].server;
        number_of[by_name[i].number] = i;
    }
    for (size_t i = 0; i < f->c.n_counts; i++)
        f->case_counts[i].server = number_of[f->case_counts[i].server];
    f->c.rows = f->case_rows;
    f->c.counts = f->case_counts;
    f->c.servers = servers;
    f->c.n_servers = n;
    return 0;
}

int domain_feed_next(struct domain_feed *f, const struct domain_case **ret)
{
    if (!f->has_row && !f->has_count)
        return 0;
    const char *domain = f->has_row ? f->row.domain : f->count.domain;
    if (f->has_row && f->has_count && strcmp(f->count.domain, domain) < 0)
        domain = f->count.domain;
    crew_reset(&f->crew);
    arena_reset(&f->arena);
    f->c = (struct domain_case){.domain = arena_text(&f->arena, text_of(domain))};
    if (!f->c.domain)
        return -ENOMEM;
    int r = take_rows(f, f->c.domain);
    if (r >= 0)
        r = take_counts(f, f->c.domain);
    if (r >= 0)
        r = settle(f);
    if (r < 0)
        return r;
    *ret = &f->c;
    return 1;
}

const struct crew *domain_feed_crew(const struct domain_feed *f)
{
    return &f->crew;
}
