/* The CSV reader: what is one field, and what is none. */
#include "estate/csv.h"

#include "support/leak.h"

#include <errno.h>
#include <string.h>

SUITE(csv);

/* All fields of a text: '|' behind each, '\n' behind each record; or the refusal with its
 * place. */
static void flatten(struct text text, struct buf *out)
{
    struct csv c;
    struct csv_record record;
    size_t line = 0, column = 0;
    struct diag d = {""};
    csv_init(&c, text);
    int r;
    while ((r = csv_next(&c, &record, &line, &column, &d)) > 0) {
        for (size_t i = 0; i < record.n; i++) {
            buf_add(out, record.fields[i].text.p, record.fields[i].text.n);
            buf_add_char(out, '|');
        }
        buf_add_char(out, '\n');
    }
    if (r < 0)
        buf_printf(out, "!%zu:%zu: %s", line, column, d.text);
    csv_done(&c);
}

Test(csv, sound_texts_are_read)
{
    static const struct {
        const char *text, *flat, *why;
    } rows[] = {
        {"", "", "nothing at all"},
        {"a", "a|\n", "one field, no line end"},
        {"a,b\n", "a|b|\n", "LF"},
        {"a,b\r\nc,d\r\n", "a|b|\nc|d|\n", "CRLF"},
        {"a,b\nc,d\r\n", "a|b|\nc|d|\n", "both"},
        {"a,b\nc,d", "a|b|\nc|d|\n", "the last line may lack its end"},
        {"\xef\xbb\xbf"
         "a,b\n",
         "a|b|\n", "a byte order mark"},
        {",\n,\n", "||\n||\n", "empty fields"},
        {"a,\n", "a||\n", "an empty last field"},
        {"\"a\",\"b\"\n", "a|b|\n", "quotes"},
        {"\"a,b\",c\n", "a,b|c|\n", "a comma in quotes"},
        {"\"a\"\"b\",\"\"\"\"\n", "a\"b|\"|\n", "a quote in quotes"},
        {"\"a\nb\",c\nd,e\n", "a\nb|c|\nd|e|\n", "a line end in quotes"},
        {"\"a\r\nb\",c", "a\r\nb|c|\n", "a CRLF in quotes is kept"},
        {"\"\",\"\"", "||\n", "empty quotes"},
        {" a , b ", " a | b |\n", "spaces are the field's own"},
        {"\xc3\xbc,\xe2\x82\xac\n", "\xc3\xbc|\xe2\x82\xac|\n", "UTF-8"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf flat = BUF_INIT(4096);
        flatten(text_of(rows[i].text), &flat);
        cr_assert_str_eq(buf_str(&flat), rows[i].flat, "%s", rows[i].why);
    }
}

Test(csv, unsound_texts_are_refused_with_their_place)
{
    static const struct {
        const char *text;
        size_t n;
        const char *flat, *why;
    } rows[] = {
        {"a,b\nc\n", 6, "a|b|\n!2:1: has 1 fields, the first line has 2", "too few"},
        {"a\nb,c\n", 6, "a|\n!2:1: has 2 fields", "too many"},
        {"a,b\n\n", 5, "a|b|\n!2:1: has 1 fields", "an empty line"},
        {"a\"b\n", 4, "!1:2: has a quote inside", "a quote in a bare field"},
        {"x,\"a\"b\n", 7, "!1:6: has something between", "text behind a closing quote"},
        {"x,\"abc", 6, "!1:3: opens a quote", "no closing quote"},
        {"x,\"a\n\n", 6, "!1:3: opens a quote", "the place is where it opened"},
        {"a\rb\n", 4, "!1:2: has a carriage return", "a bare CR"},
        {"a\r", 2, "!1:2: has a carriage return", "a CR at the very end"},
        {"a\0b\n", 4, "!1:2: has a NUL", "a NUL"},
        {"x,\"a\0b\"\n", 8, "!1:3: has a NUL", "a NUL in quotes"},
        {"a,\xff\n", 4, "!1:3: is not UTF-8", "a stray byte"},
        {"a,b\n\"x\ny\",\"\xc3\"\n", 15, "a|b|\n!3:4: is not UTF-8",
         "lines inside quotes are counted"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf flat = BUF_INIT(4096);
        flatten((struct text){rows[i].text, rows[i].n}, &flat);
        cr_assert(strstr(buf_str(&flat), rows[i].flat) == buf_str(&flat), "%s: %s", rows[i].why,
                  buf_str(&flat));
    }
}

Test(csv, fields_know_their_place)
{
    struct csv c;
    struct csv_record record;
    size_t line, column;
    struct diag d;
    csv_init(&c, text_of("\xef\xbb\xbf"
                         "ab,\"c\nd\",e\nx,y,z\n"));
    cr_assert_eq(csv_next(&c, &record, &line, &column, &d), 1);
    cr_assert_eq(record.fields[0].line, 1);
    cr_assert_eq(record.fields[0].column, 1, "the mark is no column");
    cr_assert_eq(record.fields[1].column, 4);
    cr_assert_eq(record.fields[2].line, 2, "behind a line end in quotes");
    cr_assert_eq(record.fields[2].column, 4);
    cr_assert_eq(csv_next(&c, &record, &line, &column, &d), 1);
    cr_assert_eq(record.fields[2].line, 3);
    cr_assert_eq(record.fields[2].column, 5);
    cr_assert_eq(csv_next(&c, &record, &line, &column, &d), 0);
    cr_assert_eq(csv_next(&c, &record, &line, &column, &d), 0, "the end stays the end");
    csv_done(&c);
}

Test(csv, field_at_the_cap_is_read_and_one_more_byte_refused)
{
    AUTO(buf) struct buf text = BUF_INIT(CAP_CSV_FIELD + 8);
    for (size_t i = 0; i < CAP_CSV_FIELD; i++)
        buf_add_char(&text, 'a');
    AUTO(buf) struct buf flat = BUF_INIT(CAP_CSV_FIELD + 100);
    flatten((struct text){text.data, text.len}, &flat);
    cr_assert_eq(flat.len, CAP_CSV_FIELD + 2);
    buf_add_char(&text, 'a');
    buf_reset(&flat);
    flatten((struct text){text.data, text.len}, &flat);
    cr_assert(strstr(buf_str(&flat), "!1:1: is a field of more than 65536 bytes"));
}

Test(csv, columns_have_a_cap)
{
    AUTO(buf) struct buf text = BUF_INIT(1000), flat = BUF_INIT(1000);
    for (size_t i = 0; i + 1 < CSV_FIELDS_MAX; i++)
        buf_add_char(&text, ',');
    flatten((struct text){text.data, text.len}, &flat);
    cr_assert_eq(flat.len, CSV_FIELDS_MAX + 1);
    buf_add_char(&text, ',');
    buf_reset(&flat);
    flatten((struct text){text.data, text.len}, &flat);
    cr_assert(strstr(buf_str(&flat), "too many columns"));
}
