/* The tables: RFC 4180, nothing that a spreadsheet would run, the manual's columns. */
#include "bulletin/render.h"
#include "estate/csv.h"
#include "os/file.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"
#include <string.h>

SUITE(bulletin_csv);

#define TABLE_CAP ((size_t)1 << 24)
typedef int renderer(const struct bulletin *r, struct buf *out);

static struct buf render(renderer *of, const struct bulletin *b)
{
    struct buf out = BUF_INIT(TABLE_CAP);

    cr_assert_eq(of(b, &out), 0);
    return out;
}

/* A finding whose subject and reseller's name are the given text. */
struct one {
    struct bulletin_line line;
    struct bulletin_reseller reseller;
    struct bulletin b;
};

static void one_init(struct one *o, const char *text)
{
    o->b = sample_empty(LANGUAGE_EN);
    o->line = sample_manager(LANGUAGE_EN).unassigned[0];
    o->line.subject = o->line.shown = text;
    o->reseller = o->b.resellers[0];
    o->reseller.name = text;
    o->reseller.lines = &o->line;
    o->reseller.n_lines = 1;
    o->b.resellers = &o->reseller;
    o->b.n_resellers = 1;
}

/* The field of that name in the table's row, 0 = the first behind the head. */
static void read_field(struct text table, size_t row, const char *name, struct buf *out)
{
    AUTO(csv) struct csv c;
    struct csv_record record;
    size_t line, column, at;
    struct diag d;

    csv_init(&c, table);
    cr_assert_eq(csv_next(&c, &record, &line, &column, &d), 1);
    for (at = 0; at < record.n && !text_is(record.fields[at].text, name); at++)
        ;
    cr_assert_lt(at, record.n, "no column %s", name);
    for (size_t i = 0; i <= row; i++)
        cr_assert_eq(csv_next(&c, &record, &line, &column, &d), 1);
    buf_reset(out);
    buf_add(out, record.fields[at].text.p, record.fields[at].text.n);
}

static const char *field(const struct buf *table, size_t row, const char *name, struct buf *out)
{
    read_field((struct text){buf_str(table), table->len}, row, name, out);
    return buf_str(out);
}

static const struct {
    const char *why, *text, *subject;
} dangers[] = {
    {"a formula", "=1+1", "'=1+1"},
    {"a plus", "+1", "'+1"},
    {"a minus", "-1", "'-1"},
    {"an at", "@SUM(A1)", "'@SUM(A1)"},
    {"behind spaces", "  =1", "'  =1"},
    {"behind a no-break space", "\xc2\xa0=1", "'\xc2\xa0=1"},
    {"behind a zero-width space", "\xe2\x80\x8b=1", "'\xe2\x80\x8b=1"},
    {"a tab", "\t1", "' 1"},
    {"a carriage return", "\r1", "' 1"},
    {"behind a line feed", "\n=1", "' =1"},
    {"full width, all four", "＝1", "'＝1"},
    {"full width plus", "＋1", "'＋1"},
    {"full width minus", "－1", "'－1"},
    {"full width at", "＠1", "'＠1"},
    {"quotes are doubled", "a\"b", "a\"b"},
    {"commas stay in the field", "a,b", "a,b"},
    {"a line is a row", "a\r\nb", "a  b"},
    {"no UTF-8", "a\xff", "a\xef\xbf\xbd"},
    {"a sign further on is none", "a=1", "a=1"},
    {"one behind another mark between fields is one", "a;=1", "a;'=1"},
    {"and behind a comma, and a space", "a, @x", "a, '@x"},
    {"nothing", "", ""},
};

Test(bulletin_csv, no_field_is_run_by_a_spreadsheet)
{
    for (size_t i = 0; i < ARRAY_LEN(dangers); i++) {
        struct one o;
        AUTO(buf) struct buf got = BUF_INIT(TABLE_CAP);
        one_init(&o, dangers[i].text);
        AUTO(buf) struct buf table = render(bulletin_csv, &o.b);
        cr_expect_str_eq(field(&table, 0, "subject", &got), dangers[i].subject, "%s",
                         dangers[i].why);
    }
}

/* Every field of somebody else's in a hostile night. */
Test(bulletin_csv, a_hostile_night_has_no_formula)
{
    struct bulletin b = sample_hostile(LANGUAGE_NL);
    AUTO(buf) struct buf table = render(bulletin_csv, &b);
    AUTO(csv) struct csv c;
    struct csv_record record;
    size_t line = 0, column = 0, rows = 0;
    struct diag d;

    csv_init(&c, (struct text){buf_str(&table), table.len});
    while (csv_next(&c, &record, &line, &column, &d) == 1) {
        for (size_t i = 0; i < record.n; i++)
            cr_expect(record.fields[i].text.n == 0 ||
                      !strchr("=+-@\t\r", record.fields[i].text.p[0]));
        rows++;
    }
    cr_expect_eq(rows, 1 + 7 + 2, "the head, the reseller's, nobody's");
    cr_expect_eq(line, 0, "no error");
}

Test(bulletin_csv, begins_with_a_mark_and_its_lines_end_with_crlf)
{
    struct bulletin b = sample_manager(LANGUAGE_NL);
    AUTO(buf) struct buf table = render(bulletin_csv, &b);
    const char *text = buf_str(&table);
    size_t rows = 0;

    cr_assert(strncmp(text, "\xef\xbb\xbfrun,serial,", 14) == 0);
    for (const char *p = strchr(text, '\n'); p; p = strchr(p + 1, '\n')) {
        cr_assert_eq(p[-1], '\r');
        rows++;
    }
    cr_expect_eq(rows, 1 + 4 + 2 + 11 + 2);
    cr_expect_eq(text[table.len - 1], '\n');
}

Test(bulletin_csv, amounts_are_decimals_and_unknown_ones_empty)
{
    struct bulletin b = sample_manager(LANGUAGE_NL);
    AUTO(buf) struct buf table = render(bulletin_csv, &b);
    AUTO(buf) struct buf got = BUF_INIT(TABLE_CAP);

    /* The domain: 42 over, 2 blocks of 25 at 5.00. */
    cr_expect_str_eq(field(&table, 2, "cost", &got), "10.00");
    cr_expect_str_eq(field(&table, 2, "units", &got), "2");
    cr_expect_str_eq(field(&table, 2, "unit_price", &got), "5.00");
    cr_expect_str_eq(field(&table, 2, "limit", &got), "1000");
    cr_expect_str_eq(field(&table, 2, "confirms_at", &got), "2026-10-15T05:00:01Z");
    /* Outside: no tariff. */
    cr_expect_str_eq(field(&table, 6, "kind", &got), "outside");
    cr_expect_str_eq(field(&table, 6, "cost", &got), "");
    cr_expect_str_eq(field(&table, 6, "group", &got), "place:203.0.113.200");
    /* Nobody's. */
    cr_expect_str_eq(field(&table, 17, "subject", &got), "stranger-1");
    cr_expect_str_eq(field(&table, 17, "reseller", &got), "");
}

Test(bulletin_csv, a_negative_amount_of_ours_stays_a_number)
{
    struct bulletin b = sample_manager(LANGUAGE_NL);
    AUTO(buf) struct buf table = render(bulletin_money_csv, &b);
    AUTO(buf) struct buf got = BUF_INIT(TABLE_CAP);

    cr_expect_str_eq(field(&table, 0, "draft", &got), "-12.50");
    cr_expect(strstr(buf_str(&table), ",-12.50\r\n"));
    cr_expect_str_eq(field(&table, 0, "closed", &got), "true");
    cr_expect_str_eq(field(&table, 2, "draft", &got), "12.50");
}

Test(bulletin_csv, all_lines_are_in_it_however_few_are_told)
{
    struct bulletin b = sample_huge(LANGUAGE_NL);
    AUTO(buf) struct buf out = render(bulletin_csv, &b);
    size_t rows = 0;

    for (const char *p = strchr(buf_str(&out), '\n'); p; p = strchr(p + 1, '\n'))
        rows++;
    cr_expect_eq(rows, 1 + SAMPLE_HUGE_LINES);
}

/* The head's names with ", " between, as the manual has them. */
static void check_manual(renderer *of, const char *title)
{
    struct bulletin b = sample_empty(LANGUAGE_EN);
    AUTO(buf) struct buf table = render(of, &b);
    AUTO(buf) struct buf manual = BUF_INIT(TABLE_CAP), row = BUF_INIT(TABLE_CAP);
    struct diag d;

    cr_assert_eq(file_read(SOURCE_DIR "/docs/fairuse-bulletin.5.md", &manual, &d), 0);
    buf_printf(&row, "%s: `", title);
    for (const char *p = buf_str(&table) + 3; *p != '\r'; p++) {
        buf_add_char(&row, *p);
        if (*p == ',')
            buf_add_char(&row, ' ');
    }
    buf_add_str(&row, "`.");
    cr_expect(strstr(buf_str(&manual), buf_str(&row)), "not in the manual: %s", buf_str(&row));
}

Test(bulletin_csv, the_manual_has_the_columns)
{
    check_manual(bulletin_csv, "Findings");
    check_manual(bulletin_money_csv, "Money");
}
