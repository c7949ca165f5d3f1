/* Reading an estate from JSON (SPEC 4), by the tables' fields. */
#include "estate/estate_internal.h"

#include <errno.h>
#include <string.h>

#include "json/json.h"

enum { NAMES_MAX = 16 };

struct reader {
    struct estate_source src;
    struct field_context fields;
    struct text text;
    struct json_error error;
};

/* The last member of a row may be a list of its own: a reseller's networks. */
struct row_shape {
    enum table table;
    size_t first_field; /* 1 in a reseller's own list of networks, which need not name it */
    const char *list;   /* NULL where there is none */
};

static int check_members(struct reader *rd, const struct json *object,
                         const struct row_shape *shape)
{
    const struct table_info *info = table_info(shape->table);
    const char *known[NAMES_MAX + 1] = {NULL};
    size_t n = 0;
    for (size_t i = shape->first_field; i < info->n_fields; i++)
        known[n++] = info->fields[i].name;
    if (shape->list)
        known[n++] = shape->list;
    assert(n < NAMES_MAX);
    return json_only(object, known, &rd->error);
}

static int read_field(struct reader *rd, const struct json *member, const struct field *f,
                      struct estate_row *row)
{
    if (!json_is_given(member) && !f->is_required)
        return 0;
    struct field_value v = {.text = {"", 0}};
    int r;
    if (f->type == FIELD_INT)
        r = json_get_int(member, f->min, f->max, &v.number, &rd->error);
    else if (f->type == FIELD_BOOL)
        r = json_get_bool(member, &v.truth, &rd->error);
    else
        r = json_get_text(member, CAP_CSV_FIELD, &v.text, &rd->error);
    if (r < 0)
        return r;
    struct diag why;
    r = field_set(f, &v, &rd->fields, row, &why);
    return r == -EBADMSG ? json_refuse(member, &rd->error, "bad-value", "%s", why.text) : r;
}

static int read_row(struct reader *rd, const struct json *object, const struct row_shape *shape,
                    struct estate_row *row)
{
    const struct table_info *info = table_info(shape->table);
    int r = check_members(rd, object, shape);
    for (size_t i = shape->first_field; r == 0 && i < info->n_fields; i++) {
        struct json member = json_member(object, info->fields[i].name);
        r = read_field(rd, &member, &info->fields[i], row);
    }
    struct term term = info->term(row);
    if (r < 0 || term.from.s < term.to.s)
        return r;
    struct json to = json_member(object, "to");
    return json_refuse(&to, &rd->error, "out-of-range", "must be after `from`");
}

/* One network of a reseller: its text alone, or an object. */
static int read_network(struct reader *rd, const struct json *item,
                        const struct estate_row *reseller)
{
    static const struct row_shape shape = {TABLE_NETWORKS, 1, NULL};
    struct estate_row row;
    row_init(TABLE_NETWORKS, &row);
    row.at = reseller->at;
    row.network.reseller = reseller->reseller.id;
    int r = json_kind(item) == JSON_STRING
                ? read_field(rd, item, &table_info(TABLE_NETWORKS)->fields[1], &row)
                : read_row(rd, item, &shape, &row);
    return r < 0 ? r : rows_add(&rd->src.e->tables[TABLE_NETWORKS], &row);
}

static int read_networks(struct reader *rd, const struct json *object,
                         const struct estate_row *reseller)
{
    struct json list = json_member(object, "networks");
    if (!json_is_given(&list))
        return 0;
    int r = json_get_array(&list, CAP_RESELLER_NETWORKS, &rd->error);
    for (size_t i = 0; r == 0 && i < json_count(&list); i++) {
        struct json item = json_item(&list, i);
        r = read_network(rd, &item, reseller);
    }
    return r;
}

static int read_table(struct reader *rd, const struct json *list, enum table t)
{
    const struct row_shape shape = {t, 0, t == TABLE_RESELLERS ? "networks" : NULL};
    const char *const path[] = {list->key};
    struct estate_rows *rows = &rd->src.e->tables[t];
    AUTO(spots) struct spots spots = {.n = 0};
    int r = json_get_array(list, CAP_ESTATE_ROWS, &rd->error);
    if (r == 0)
        r = spots_find(rd->text, path, ARRAY_LEN(path), &spots);
    for (size_t i = 0; r == 0 && i < json_count(list); i++) {
        struct json item = json_item(list, i);
        struct estate_row row;
        row_init(t, &row);
        row.at = spots_place(&spots, i, rd->src.name);
        r = read_row(rd, &item, &shape, &row);
        if (r == 0 && t == TABLE_RESELLERS)
            r = read_networks(rd, &item, &row);
        if (r == 0)
            r = rows_add(rows, &row);
    }
    if (r == 0)
        rows_sort(rows, t);
    if (r == 0 && t == TABLE_RESELLERS)
        rows_sort(&rd->src.e->tables[TABLE_NETWORKS], TABLE_NETWORKS);
    return r;
}

/* The tables that a document may name; networks stand in their resellers. */
static const enum table named[] = {TABLE_MANAGERS, TABLE_RESELLERS, TABLE_LICENSES,
                                   TABLE_DOMAINS,  TABLE_SERVERS,   TABLE_MOVES,
                                   TABLE_TARIFFS};

/* Told by a code of its own, for its message is in the diagnosis already. */
enum { ALREADY_SAID = -EEXIST };

static int read_estate(struct reader *rd, const struct json *root)
{
    const char *known[ARRAY_LEN(named) + 1] = {NULL};
    for (size_t i = 0; i < ARRAY_LEN(named); i++)
        known[i] = table_info(named[i])->name;
    int r = json_only(root, known, &rd->error);
    if (r == 0 && json_count(root) == 0)
        r = json_refuse(root, &rd->error, "missing-field", "names no table");
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(named); i++) {
        struct json list = json_member(root, known[i]);
        if (json_kind(&list) == JSON_ABSENT)
            continue;
        if (source_names_table(&rd->src, named[i]) < 0)
            return ALREADY_SAID;
        r = read_table(rd, &list, named[i]);
    }
    return r;
}

static int read_document(struct reader *rd, const struct json *root, const char *reseller)
{
    if (listing_is(root))
        return listing_read(&rd->src, root, rd->text, reseller, &rd->error);
    if (!reseller)
        return read_estate(rd, root);
    (void)diag_set(rd->src.d, 0,
                   "%s:1:1: is no licence listing, so no reseller may be named for it: the "
                   "licences of an estate name theirs",
                   rd->src.name);
    return ALREADY_SAID;
}

static int finish(const struct reader *rd, int r)
{
    const struct json_error *e = &rd->error;
    if (r == ALREADY_SAID)
        return -EBADMSG;
    if (r != -EBADMSG)
        return r < 0 ? source_fail(&rd->src, r) : 0;
    return diag_set(rd->src.d, r, "%s:%zu:%zu: %s%s%s", rd->src.name, e->line, e->column, e->at,
                    e->at[0] ? ": " : "", e->diag.text);
}

int estate_read_json(struct estate *e, struct text text, const char *name, const char *reseller,
                     struct diag *d)
{
    struct reader rd = {
        .src = {.e = e, .zone = e->zone, .d = d}, .fields = {&e->arena, e->zone}, .text = text};
    rd.src.name = arena_text(&e->arena, text_of(name));
    if (!rd.src.name)
        return diag_set(d, -ENOMEM, "not enough memory to read %s", name);
    AUTO(json_doc) struct json_doc *doc = NULL;
    int r = json_read(text, &doc, &rd.error);
    if (r < 0)
        return finish(&rd, r);
    struct json root = json_root(doc);
    return finish(&rd, read_document(&rd, &root, reseller));
}
