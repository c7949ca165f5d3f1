/* Where a domain was, from the evidence of mailboxes. */
#include "base/caps.h"
#include "base/grow.h"
#include "bulletin/seen_parts.h"
#include <errno.h>

/* A server's row: from the first to the last moment, and what it counted last. */
struct counted {
    struct span last; /* of the report that the count is from, not cut */
    bool has_last;
};

static bool read_row(const struct json *v, int64_t n_servers, struct seen_row *ret)
{
    struct json server = json_member(v, "server"), count = json_member(v, "count");
    struct json first = json_member(v, "first"), last = json_member(v, "last");
    int64_t number;

    if (!seen_get_number(&server, n_servers - 1, &number) ||
        !seen_get_number(&count, INT64_C(4) * CAP_REPORT_COUNT, &ret->count) ||
        !seen_get_moment(&first, &ret->at.first) || !seen_get_moment(&last, &ret->at.last))
        return false;
    ret->number = (uint32_t)number;
    return ret->at.first.s <= ret->at.last.s;
}

/* Which of two rows of a server tells its present count (SPEC 6.2). */
static bool is_later(const struct seen_row *a, struct span than, int64_t its_count)
{
    if (a->at.last.s != than.last.s)
        return a->at.last.s > than.last.s;
    return a->at.first.s != than.first.s ? a->at.first.s > than.first.s : a->count > its_count;
}

static void add_row(const struct seen_row *row, struct span window, struct seen_row *to,
                    struct counted *counted)
{
    struct span cut = row->at;

    if (!span_cut(&cut, window))
        return;
    if (!counted->has_last || is_later(row, counted->last, to->count)) {
        counted->last = row->at;
        to->count = row->count;
    }
    to->at.first = counted->has_last ? wall_min(to->at.first, cut.first) : cut.first;
    to->at.last = counted->has_last ? wall_max(to->at.last, cut.last) : cut.last;
    counted->has_last = true;
}

/* A row for each server that counted anything within the window. */
static int read_servers(const struct json *servers, const struct json *list, struct span window,
                        struct seen_rows *ret)
{
    size_t n = json_count(servers);
    AUTO_FREE struct counted *counted = calloc(n + 1, sizeof(*counted));
    int r = grow(&ret->v, &ret->cap, n + 1, sizeof(*ret->v), SIZE_MAX);

    if (r < 0 || !counted)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        struct json name = json_item(servers, i);
        ret->v[i] = (struct seen_row){.unit = {"", 0}, .is_anchor = true};
        if (!seen_get_text(&name, &ret->v[i].server))
            return -EBADMSG;
    }
    for (size_t i = 0; i < json_count(list); i++) {
        struct json v = json_item(list, i);
        struct seen_row row = {0};
        if (!read_row(&v, (int64_t)n, &row))
            return -EBADMSG;
        add_row(&row, window, &ret->v[row.number], &counted[row.number]);
    }
    for (size_t i = 0; i < n; i++)
        if (counted[i].has_last)
            ret->v[ret->n++] = ret->v[i];
    return 0;
}

/* The limit in force at a moment, of steps [from, limit] by time. */
static bool read_limit(const struct json *limits, wall_t at, int64_t *ret)
{
    for (size_t i = 0; i < json_count(limits); i++) {
        struct json step = json_item(limits, i);
        if (!seen_get_array(&step))
            return false;
        struct json from = json_item(&step, 0), limit = json_item(&step, 1);
        wall_t begin;
        int64_t value;
        if (!seen_get_moment(&from, &begin) ||
            !seen_get_number(&limit, CAP_REPORT_COUNT, &value))
            return false;
        if (begin.s <= at.s)
            *ret = value;
    }
    return true;
}

int seen_read_mail(const struct json *root, wall_t end, struct seen_rows *ret,
                   struct bulletin_line *line)
{
    struct json servers = json_member(root, "servers"), rows = json_member(root, "rows");
    struct json limits = json_member(root, "limits");
    struct span window;

    if (!seen_get_array(&servers) || !seen_get_array(&rows) || !seen_get_array(&limits) ||
        !seen_get_window(root, &window) || !read_limit(&limits, end, &line->limit) ||
        !seen_get_seconds(root, "observed_seconds", &line->observed) ||
        !seen_get_seconds(root, "presence_seconds", &line->presence))
        return -EBADMSG;
    return read_servers(&servers, &rows, window, ret);
}
