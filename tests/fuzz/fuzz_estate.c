/* Any bytes as an estate or a listing: what is read is sorted and sound, and knows its place.
 */
#include <string.h>

#include "estate/estate_internal.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { PLACES_CHECKED = 20 };

static void check_row(const struct table_info *info, const struct estate_row *row)
{
    struct term term = info->term(row);
    struct diag what = {""};
    info->describe(row, &what);
    assert(term.from.s < term.to.s && what.text[0] != '\0');
    assert(row->at.file && row->at.line >= 1 && row->at.column >= 1);
    assert(info->equal(row, row));
}

static void check_rows(const struct estate_rows *rows, enum table t)
{
    for (size_t i = 0; i < rows->n; i++) {
        check_row(table_info(t), &rows->v[i]);
        assert(i == 0 || table_compare(t, &rows->v[i - 1], &rows->v[i]) <= 0);
    }
}

/* The places of an array's elements must be those that the JSON reader gives them. */
static void check_places(struct text text, const struct json *list, const char *const *path,
                         size_t depth)
{
    AUTO(spots) struct spots spots = {.n = 0};
    int r = spots_find(text, path, depth, &spots);
    assert(r == 0);
    if (spots.n == 0) /* it is empty, or its key is written with escapes */
        return;
    assert(spots.n == json_count(list));
    for (size_t i = 0; i < spots.n && i < PLACES_CHECKED; i++) {
        struct json item = json_item(list, i);
        struct json_error e;
        r = json_refuse(&item, &e, "bad-value", "is here");
        assert(r < 0 && e.line == spots.v[i].line && e.column == spots.v[i].column);
    }
}

static void check_all_places(struct text text)
{
    static const char *const listing[] = {"data", "results"};
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;
    if (json_read(text, &doc, &e) != 0)
        return;
    struct json root = json_root(doc), data = json_member(&root, "data");
    for (int t = 0; t < TABLE_COUNT; t++) {
        const char *const path[] = {table_info((enum table)t)->name};
        struct json list = json_member(&root, path[0]);
        if (json_kind(&list) == JSON_ARRAY)
            check_places(text, &list, path, 1);
    }
    struct json results = json_member(&data, "results");
    if (json_kind(&results) == JSON_ARRAY)
        check_places(text, &results, listing, ARRAY_LEN(listing));
}

static void read_as(struct text text, const char *reseller)
{
    AUTO(estate) struct estate *e = NULL;
    struct zone zone;
    struct diag d = {""};
    zone_init_utc(&zone);
    int r = estate_new(&zone, &e);
    assert(r == 0);
    if (estate_read_json(e, text, "fuzz.json", reseller, &d) != 0) {
        assert(d.text[0] != '\0' && text_is_utf8(text_of(d.text)));
        return;
    }
    for (int t = 0; t < TABLE_COUNT; t++)
        check_rows(&e->tables[t], (enum table)t);
    if (reseller) /* else they have none yet, and are no rows of the table */
        check_rows(&e->listing, TABLE_LICENSES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct text text = {(const char *)data, n};
    read_as(text, NULL);
    read_as(text, "r1");
    check_all_places(text);
    return 0;
}
