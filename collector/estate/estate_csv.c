/* Reading one table of an estate from CSV: the columns are the JSON members. */
#include "estate/estate_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "estate/csv.h"

/* The column of a reseller that is no field: its networks, by spaces or semicolons. */
static const char networks_column[] = "networks";

struct column {
    const struct field *field; /* NULL = the networks */
};

struct csv_reader {
    struct estate_source src;
    struct field_context fields;
    enum table table;
    const struct table_info *info;
    struct csv csv;
    struct csv_record record;
    size_t n_columns;
    struct column columns[CSV_FIELDS_MAX];
};

static int refuse_at(const struct csv_reader *rd, size_t line, size_t column, const char *name,
                     const char *reason)
{
    return diag_set(rd->src.d, -EBADMSG, "%s:%zu:%zu: %s%s%s", rd->src.name, line, column, name,
                    name[0] ? ": " : "", reason);
}

/* 1 and the next record, 0 at the end. */
static int next_record(struct csv_reader *rd)
{
    size_t line = 0, column = 0;
    struct diag why;
    int r = csv_next(&rd->csv, &rd->record, &line, &column, &why);
    return r == -EBADMSG ? refuse_at(rd, line, column, "", why.text) : r;
}

static const struct field *find_field(const struct csv_reader *rd, struct text name)
{
    for (size_t i = 0; i < rd->info->n_fields; i++)
        if (text_is(name, rd->info->fields[i].name))
            return &rd->info->fields[i];
    return NULL;
}

static bool has_networks(const struct csv_reader *rd)
{
    return rd->table == TABLE_RESELLERS;
}

static int refuse_column(const struct csv_reader *rd, const struct csv_field *f,
                         const char *reason)
{
    char quoted[TEXT_QUOTE_SIZE];
    AUTO(buf) struct buf known = BUF_INIT(CAP_DIAG);
    for (size_t i = 0; i < rd->info->n_fields; i++)
        buf_printf(&known, "%s%s", i > 0 ? ", " : "", rd->info->fields[i].name);
    if (has_networks(rd))
        buf_printf(&known, ", %s", networks_column);
    return diag_set(rd->src.d, -EBADMSG, "%s:%zu:%zu: column %s %s; the columns of %s are %s",
                    rd->src.name, f->line, f->column, text_quote(f->text, quoted), reason,
                    rd->info->name, buf_str(&known));
}

static int read_column(struct csv_reader *rd, const struct csv_field *f)
{
    struct column column = {find_field(rd, f->text)};
    if (!column.field && !(has_networks(rd) && text_is(f->text, networks_column)))
        return refuse_column(rd, f, "is not known");
    for (size_t i = 0; i < rd->n_columns; i++)
        if (rd->columns[i].field == column.field)
            return refuse_column(rd, f, "stands twice");
    rd->columns[rd->n_columns++] = column;
    return 0;
}

static bool has_column(const struct csv_reader *rd, const struct field *f)
{
    for (size_t i = 0; i < rd->n_columns; i++)
        if (rd->columns[i].field == f)
            return true;
    return false;
}

static int read_header(struct csv_reader *rd)
{
    int r = next_record(rd);
    if (r == 0)
        return refuse_at(rd, 1, 1, "", "is empty: the first line must name the columns");
    for (size_t i = 0; r > 0 && i < rd->record.n; i++) {
        int wrong = read_column(rd, &rd->record.fields[i]);
        if (wrong < 0)
            return wrong;
    }
    for (size_t i = 0; r > 0 && i < rd->info->n_fields; i++) {
        const struct field *f = &rd->info->fields[i];
        if (f->is_required && !has_column(rd, f))
            return refuse_at(rd, 1, 1, f->name, "this column is missing");
    }
    return r < 0 ? r : 0;
}

/* A CSV has texts only: a number and a truth are read from theirs. */
static int read_scalar(const struct field *f, struct text t, struct field_value *v,
                       struct diag *why)
{
    char quoted[TEXT_QUOTE_SIZE];
    v->text = t;
    v->truth = text_is(t, "true");
    if (f->type == FIELD_INT && text_to_int(t, f->min, f->max, &v->number) < 0)
        return diag_set(why, -EBADMSG, "is %s, must be %" PRId64 " to %" PRId64,
                        text_quote(t, quoted), f->min, f->max);
    if (f->type == FIELD_BOOL && !v->truth && !text_is(t, "false"))
        return diag_set(why, -EBADMSG, "is %s, must be true or false", text_quote(t, quoted));
    return 0;
}

static int read_value(struct csv_reader *rd, const struct field *f,
                      const struct csv_field *cell, struct estate_row *row)
{
    if (cell->text.n == 0 && f->is_required)
        return refuse_at(rd, cell->line, cell->column, f->name, "must not be empty");
    if (cell->text.n == 0)
        return 0;
    struct field_value v = {.number = 0};
    struct diag why;
    int r = read_scalar(f, cell->text, &v, &why);
    if (r == 0)
        r = field_set(f, &v, &rd->fields, row, &why);
    return r == -EBADMSG ? refuse_at(rd, cell->line, cell->column, f->name, why.text) : r;
}

static bool ends_network(char c)
{
    return c == ' ' || c == ';';
}

/* The next network of a list; empty at its end. */
static struct text next_network(struct text *list)
{
    while (list->n > 0 && ends_network(list->p[0]))
        *list = (struct text){list->p + 1, list->n - 1};
    struct text word = {list->p, 0};
    while (word.n < list->n && !ends_network(word.p[word.n]))
        word.n++;
    *list = (struct text){list->p + word.n, list->n - word.n};
    return word;
}

static int read_networks(struct csv_reader *rd, const struct csv_field *cell,
                         const struct estate_row *reseller)
{
    const struct field *f = &table_info(TABLE_NETWORKS)->fields[1];
    struct text list = cell->text;
    for (struct text word = next_network(&list); word.n > 0; word = next_network(&list)) {
        struct estate_row row;
        row_init(TABLE_NETWORKS, &row);
        row.at = (struct estate_place){rd->src.name, cell->line, cell->column};
        row.network.reseller = reseller->reseller.id;
        struct diag why;
        int r = field_set(f, &(struct field_value){.text = word}, &rd->fields, &row, &why);
        if (r == -EBADMSG)
            return refuse_at(rd, cell->line, cell->column, networks_column, why.text);
        if (r == 0)
            r = rows_add(&rd->src.e->tables[TABLE_NETWORKS], &row);
        if (r < 0)
            return r;
    }
    return 0;
}

static int read_row(struct csv_reader *rd)
{
    const struct csv_field *first = &rd->record.fields[0], *networks = NULL;
    struct estate_row row;
    row_init(rd->table, &row);
    row.at = (struct estate_place){rd->src.name, first->line, first->column};
    for (size_t i = 0; i < rd->n_columns; i++) {
        const struct csv_field *cell = &rd->record.fields[i];
        const struct field *f = rd->columns[i].field;
        if (!f)
            networks = cell;
        int r = f ? read_value(rd, f, cell, &row) : 0;
        if (r < 0)
            return r;
    }
    struct term term = rd->info->term(&row);
    if (term.from.s >= term.to.s)
        return refuse_at(rd, first->line, first->column, "to", "must be after `from`");
    int r = rows_add(&rd->src.e->tables[rd->table], &row);
    return r == 0 && networks ? read_networks(rd, networks, &row) : r;
}

static int read_rows(struct csv_reader *rd)
{
    int r = read_header(rd);
    if (r < 0)
        return r;
    while ((r = next_record(rd)) > 0) {
        r = read_row(rd);
        if (r < 0)
            return r;
    }
    rows_sort(&rd->src.e->tables[rd->table], rd->table);
    if (has_networks(rd))
        rows_sort(&rd->src.e->tables[TABLE_NETWORKS], TABLE_NETWORKS);
    return r;
}

static int find_table(const struct estate_source *src, const char *table, enum table *ret)
{
    AUTO(buf) struct buf known = BUF_INIT(CAP_DIAG);
    for (int i = 0; i < TABLE_COUNT; i++) {
        const char *name = table_info((enum table)i)->name;
        if (strcmp(name, table) == 0) {
            *ret = (enum table)i;
            return 0;
        }
        buf_printf(&known, "%s%s", i > 0 ? ", " : "", name);
    }
    char quoted[TEXT_QUOTE_SIZE];
    return diag_set(src->d, -EBADMSG, "%s:1:1: there is no table %s; there are %s", src->name,
                    text_quote(text_of(table), quoted), buf_str(&known));
}

static void csv_reader_done(struct csv_reader *rd)
{
    csv_done(&rd->csv);
}

int estate_read_csv(struct estate *e, struct text text, const char *table, const char *name,
                    struct diag *d)
{
    AUTO(csv_reader)
    struct csv_reader rd = {.src = {.e = e, .zone = e->zone, .d = d},
                            .fields = {&e->arena, e->zone}};
    csv_init(&rd.csv, text);
    rd.src.name = arena_text(&e->arena, text_of(name));
    if (!rd.src.name)
        return diag_set(d, -ENOMEM, "not enough memory to read %s", name);
    int r = find_table(&rd.src, table, &rd.table);
    if (r == 0)
        r = source_names_table(&rd.src, rd.table);
    if (r < 0)
        return r;
    rd.info = table_info(rd.table);
    r = read_rows(&rd);
    return r < 0 && r != -EBADMSG ? source_fail(&rd.src, r) : r;
}
