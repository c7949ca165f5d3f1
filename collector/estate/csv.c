/* The reader of CSV: one pass, a field at a time. */
#include "estate/csv.h"

#include <errno.h>
#include <string.h>

/* A place in the text, and where an error there is to be reported. */
struct place {
    size_t line, column;
};

static struct place place_here(const struct csv *c)
{
    return (struct place){c->line, c->at - c->line_start + 1};
}

void csv_init(struct csv *c, struct text text)
{
    static const char mark[] = "\xef\xbb\xbf";
    *c = (struct csv){.text = text,
                      .line = 1,
                      .plain = BUF_INIT((size_t)CSV_FIELDS_MAX * (CAP_CSV_FIELD + 1))};
    if (text.n >= 3 && memcmp(text.p, mark, 3) == 0)
        c->at = c->line_start = 3;
}

void csv_done(struct csv *c)
{
    buf_done(&c->plain);
}

static bool at_end(const struct csv *c)
{
    return c->at == c->text.n;
}

static char peek(const struct csv *c)
{
    return at_end(c) ? '\0' : c->text.p[c->at];
}

static bool at_line_end(const struct csv *c)
{
    return peek(c) == '\n' ||
           (peek(c) == '\r' && c->at + 1 < c->text.n && c->text.p[c->at + 1] == '\n');
}

static void skip_line_end(struct csv *c)
{
    c->at += peek(c) == '\r' ? 2 : 1;
    c->line++;
    c->line_start = c->at;
}

/* The bytes up to a comma or the record's end. */
static const char *read_bare(struct csv *c)
{
    size_t from = c->at;
    while (!at_end(c) && peek(c) != ',' && !at_line_end(c)) {
        char byte = peek(c);
        if (byte == '"')
            return "has a quote inside a field without quotes: put the field in quotes, and "
                   "write the quote twice";
        if (byte == '\0')
            return "has a NUL byte, which is no text";
        if (byte == '\r')
            return "has a carriage return that ends no line";
        c->at++;
    }
    buf_add(&c->plain, c->text.p + from, c->at - from);
    return NULL;
}

/* The bytes up to the closing quote; the opening one is passed already. */
static const char *read_quoted(struct csv *c)
{
    for (;;) {
        size_t from = c->at;
        while (!at_end(c) && peek(c) != '"' && peek(c) != '\n' && c->text.p[c->at] != '\0')
            c->at++;
        buf_add(&c->plain, c->text.p + from, c->at - from);
        if (at_end(c))
            return "opens a quote that is never closed";
        char byte = c->text.p[c->at];
        if (byte == '\0')
            return "has a NUL byte, which is no text";
        if (byte == '\n') {
            buf_add_char(&c->plain, '\n');
            skip_line_end(c);
            continue;
        }
        c->at++;
        if (peek(c) != '"')
            return NULL;
        buf_add_char(&c->plain, '"');
        c->at++;
    }
}

/* NULL, or what is wrong. The place is the field's, or that of the byte at fault. */
static const char *read_field(struct csv *c, size_t *ret_from, struct place *ret_place)
{
    *ret_place = place_here(c);
    *ret_from = c->plain.len;
    bool is_quoted = peek(c) == '"';
    const char *wrong;
    if (is_quoted) {
        c->at++;
        wrong = read_quoted(c);
    } else {
        wrong = read_bare(c);
        if (wrong)
            *ret_place = place_here(c);
    }
    if (wrong)
        return wrong;
    if (c->plain.len - *ret_from > CAP_CSV_FIELD)
        return "is a field of more than 65536 bytes";
    const char *p = buf_str(&c->plain) + *ret_from;
    if (!text_is_utf8((struct text){p, c->plain.len - *ret_from}))
        return "is not UTF-8";
    if (at_end(c) || peek(c) == ',' || at_line_end(c))
        return NULL;
    *ret_place = place_here(c);
    return "has something between a closing quote and the next comma";
}
static_assert(CAP_CSV_FIELD == 65536, "the message names the cap");

/* The fields' texts are known only now: the buffer moved while it grew. */
static void resolve(const struct csv *c, const size_t *starts, struct csv_record *ret)
{
    for (size_t i = 0; i < ret->n; i++) {
        size_t end = i + 1 < ret->n ? starts[i + 1] : c->plain.len;
        ret->fields[i].text = (struct text){buf_str(&c->plain) + starts[i], end - starts[i]};
    }
}

static const char *read_record(struct csv *c, struct csv_record *ret, struct place *at)
{
    size_t starts[CSV_FIELDS_MAX];
    struct place start = place_here(c);
    for (bool more = true; more;) {
        if (ret->n == CSV_FIELDS_MAX) {
            *at = place_here(c);
            return "has too many columns";
        }
        const char *wrong = read_field(c, &starts[ret->n], at);
        if (wrong)
            return wrong;
        ret->fields[ret->n].line = at->line;
        ret->fields[ret->n++].column = at->column;
        more = peek(c) == ',';
        if (more)
            c->at++;
    }
    if (!at_end(c))
        skip_line_end(c);
    *at = start;
    if (c->n_fields == 0)
        c->n_fields = ret->n;
    resolve(c, starts, ret);
    return NULL;
}

int csv_next(struct csv *c, struct csv_record *ret, size_t *ret_line, size_t *ret_column,
             struct diag *d)
{
    if (at_end(c))
        return 0;
    buf_reset(&c->plain);
    struct place at = place_here(c);
    ret->n = 0;
    const char *wrong = read_record(c, ret, &at);
    int r = buf_error(&c->plain);
    if (r == -ENOMEM)
        return diag_set(d, r, "not enough memory");
    if (!wrong && r == 0 && ret->n == c->n_fields)
        return 1;
    *ret_line = at.line;
    *ret_column = at.column;
    if (!wrong && r == 0)
        return diag_set(d, -EBADMSG, "has %zu fields, the first line has %zu", ret->n,
                        c->n_fields);
    return diag_set(d, -EBADMSG, "%s", wrong ? wrong : "is a record of too many bytes");
}
