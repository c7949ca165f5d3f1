/* Any bytes as CSV: what is read, written with quotes, reads back the same; and as a table. */
#include <string.h>

#include "estate/csv.h"
#include "estate/estate_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void write_field(struct text t, struct buf *out)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, t.p[i]);
    }
    buf_add_char(out, '"');
}

/* Writes all records with every field in quotes. 0, or the reader's error. */
static int rewrite(struct text text, struct buf *out)
{
    struct csv c;
    struct csv_record record;
    size_t line = 0, column = 0;
    struct diag d = {""};
    int r;
    csv_init(&c, text);
    while ((r = csv_next(&c, &record, &line, &column, &d)) > 0) {
        assert(record.n >= 1 && record.n <= CSV_FIELDS_MAX);
        for (size_t i = 0; i < record.n; i++) {
            assert(record.fields[i].line >= 1 && record.fields[i].column >= 1);
            write_field(record.fields[i].text, out);
            buf_add_char(out, i + 1 < record.n ? ',' : '\n');
        }
    }
    csv_done(&c);
    assert(r == 0 || (line >= 1 && column >= 1 && d.text[0] != '\0'));
    return r;
}

static void check_stable(struct text text)
{
    AUTO(buf) struct buf once = BUF_INIT(256 << 20), twice = BUF_INIT(256 << 20);
    if (rewrite(text, &once) < 0)
        return;
    assert(buf_error(&once) == 0);
    int r = rewrite((struct text){buf_str(&once), once.len}, &twice);
    assert(r == 0 && once.len == twice.len);
    assert(memcmp(buf_str(&once), buf_str(&twice), once.len) == 0);
}

static void read_as(struct text text, enum table t)
{
    AUTO(estate) struct estate *e = NULL;
    struct zone zone;
    struct diag d = {""};
    zone_init_utc(&zone);
    int r = estate_new(&zone, &e);
    assert(r == 0);
    if (estate_read_csv(e, text, table_info(t)->name, "fuzz.csv", &d) != 0) {
        assert(d.text[0] != '\0' && text_is_utf8(text_of(d.text)));
        return;
    }
    const struct estate_rows *rows = &e->tables[t];
    for (size_t i = 1; i < rows->n; i++)
        assert(table_compare(t, &rows->v[i - 1], &rows->v[i]) <= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct text text = {(const char *)data, n};
    check_stable(text);
    for (int t = 0; t < TABLE_COUNT; t++)
        read_as(text, (enum table)t);
    return 0;
}
