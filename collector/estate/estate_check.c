/* The estate as a whole, before anything is written: nothing twice, nothing that dangles. */
#include "estate/estate_internal.h"

#include <errno.h>
#include <string.h>

/* "in line 4", with the file where it is another one. */
static void describe_place(const struct estate_row *there, const struct estate_row *here,
                           struct diag *ret)
{
    if (!there->at.file)
        (void)diag_set(ret, 0, "in the store");
    else if (here->at.file && strcmp(there->at.file, here->at.file) == 0)
        (void)diag_set(ret, 0, "in line %zu, column %zu", there->at.line, there->at.column);
    else
        (void)diag_set(ret, 0, "in %s, line %zu, column %zu", there->at.file, there->at.line,
                       there->at.column);
}

static int refuse_pair(const struct apply *a, enum table t, const struct estate_row *before,
                       const struct estate_row *row)
{
    const struct table_info *info = table_info(t);
    struct diag what, where;
    info->describe(row, &what);
    describe_place(before, row, &where);
    if (t == TABLE_MANAGERS || t == TABLE_RESELLERS || t == TABLE_TARIFFS)
        return apply_refuse(a, row, "%s stands twice: it is %s already", what.text, where.text);
    return apply_refuse(a, row, "%s has another entry %s whose time overlaps", what.text,
                        where.text);
}

/* Rows of one subject stand together, by their beginning: only neighbours can meet first. */
static int check_overlaps(const struct apply *a, enum table t)
{
    const struct table_info *info = table_info(t);
    const struct estate_rows *rows = apply_rows(a, t);
    for (size_t i = 1; i < rows->n; i++) {
        const struct estate_row *before = &rows->v[i - 1], *row = &rows->v[i];
        if (info->compare_subject(before, row) == 0 &&
            info->term(before).to.s > info->term(row).from.s)
            return refuse_pair(a, t, before, row);
    }
    return 0;
}

/* How many rows in a line share a server, or a reseller. */
static int check_run(const struct apply *a, enum table t, size_t max,
                     bool (*same)(const struct estate_row *a, const struct estate_row *b))
{
    const struct estate_rows *rows = apply_rows(a, t);
    size_t run = 0;
    for (size_t i = 0; i < rows->n; i++) {
        run = i > 0 && same(&rows->v[i - 1], &rows->v[i]) ? run + 1 : 1;
        if (run <= max)
            continue;
        struct diag what;
        table_info(t)->describe(&rows->v[i], &what);
        return apply_refuse(a, &rows->v[i], "%s has more than %zu entries", what.text, max);
    }
    return 0;
}

static bool same_server(const struct estate_row *a, const struct estate_row *b)
{
    return strcmp(a->server.server, b->server.server) == 0;
}

static bool same_network_reseller(const struct estate_row *a, const struct estate_row *b)
{
    return strcmp(a->network.reseller, b->network.reseller) == 0;
}

static int compare_id(const void *key, const void *row)
{
    const struct estate_row *r = row;
    return strcmp(key, r->reseller.id);
}
static_assert(offsetof(struct estate_manager, id) == offsetof(struct estate_reseller, id),
              "a manager and a reseller are found by the same member");

/* Who may be named by a row of this table, as the estate would stand. */
static const struct estate_rows *targets(const struct apply *a, enum table t)
{
    enum table target = t == TABLE_RESELLERS ? TABLE_MANAGERS : TABLE_RESELLERS;
    if (apply_names(a, target))
        return apply_rows(a, target);
    return target == TABLE_MANAGERS ? &a->managers : &a->resellers;
}

static bool is_known(const struct estate_rows *ids, const char *id)
{
    return ids->n > 0 && bsearch(id, ids->v, ids->n, sizeof ids->v[0], compare_id);
}

static int check_references(const struct apply *a, enum table t)
{
    const struct table_info *info = table_info(t);
    const struct estate_rows *rows = apply_rows(a, t), *ids = targets(a, t);
    const char *noun = t == TABLE_RESELLERS ? "account manager" : "reseller";
    for (size_t i = 0; i < rows->n; i++) {
        const char *id = info->reference(&rows->v[i]);
        if (!id || is_known(ids, id))
            continue;
        struct diag what;
        char quoted[TEXT_QUOTE_SIZE];
        info->describe(&rows->v[i], &what);
        return apply_refuse(a, &rows->v[i], "%s names %s %s, which is not in the estate",
                            what.text, noun, text_quote(text_of(id), quoted));
    }
    return 0;
}

static int refuse_vanished(const struct apply *a, enum table t, const struct estate_row *row)
{
    const struct table_info *info = table_info(t);
    enum table target = t == TABLE_RESELLERS ? TABLE_MANAGERS : TABLE_RESELLERS;
    struct diag what;
    char quoted[TEXT_QUOTE_SIZE];
    info->describe(row, &what);
    (void)text_quote(text_of(info->reference(row)), quoted);
    return diag_set(
        a->d, -EBADMSG,
        "%s:1:1: leaves out %s %s, of whom the store still has %s (%s): keep it, or "
        "import the %s without it at the same time",
        a->e->named_by[target], t == TABLE_RESELLERS ? "account manager" : "reseller", quoted,
        info->noun, what.text, info->noun);
}

/* A table that stays as it is stored must not lose what its rows name. */
static int check_stored_references(const struct apply *a, enum table t)
{
    const struct table_info *info = table_info(t);
    const struct estate_rows *ids = targets(a, t);
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct estate_row row;
    row_init(t, &row);
    int r = info->scan(a->s, &scan);
    while (r >= 0) {
        r = info->next(scan, &row);
        if (r <= 0)
            break;
        const char *id = info->reference(&row);
        if (id && !is_known(ids, id))
            return refuse_vanished(a, t, &row);
    }
    return r < 0 ? apply_store_fail(a, r) : 0;
}

static bool target_is_named(const struct apply *a, enum table t)
{
    return apply_names(a, t == TABLE_RESELLERS ? TABLE_MANAGERS : TABLE_RESELLERS);
}

static int check_table(const struct apply *a, enum table t)
{
    if (t == TABLE_NETWORKS && a->e->named_by[t] && !a->e->named_by[TABLE_RESELLERS])
        return diag_set(
            a->d, -EBADMSG,
            "%s:1:1: networks belong to the resellers: resellers.csv must be there too",
            a->e->named_by[t]);
    if (!apply_names(a, t))
        return target_is_named(a, t) ? check_stored_references(a, t) : 0;
    int r = check_overlaps(a, t);
    if (r == 0 && t == TABLE_SERVERS)
        r = check_run(a, t, STORE_TENURES_MAX, same_server);
    if (r == 0 && t == TABLE_NETWORKS)
        r = check_run(a, t, CAP_RESELLER_NETWORKS, same_network_reseller);
    return r == 0 ? check_references(a, t) : r;
}

int apply_check(const struct apply *a)
{
    int r = 0;
    for (int t = 0; r == 0 && t < TABLE_COUNT; t++)
        r = check_table(a, (enum table)t);
    return r;
}
