/* The reader of JSON, and that of reports, against tests/support/json_conformance.txt. */
#include <errno.h>
#include <string.h>

#include "json/json.h"
#include "support/conformance.h"
#include "support/leak.h"
#include "wire/report_json.h"

SUITE(conformance);

/* What the reader says of bytes: 0 or -EBADMSG, with all that belongs to it. */
static int read_case(const struct conformance_case *c, struct text bytes)
{
    struct json_error e = {.line = 0};
    AUTO(json_doc) struct json_doc *doc = NULL;
    int r = json_read(bytes, &doc, &e);
    cr_assert(r == 0 || r == -EBADMSG, "%s: %d", c->name, r);
    cr_assert_eq(doc != NULL, r == 0, "%s", c->name);
    if (r != 0)
        cr_expect(e.code[0] != '\0' && e.diag.text[0] != '\0' && e.line >= 1 && e.column >= 1,
                  "%s: does not say what is wrong, or where", c->name);
    return r;
}

static void check_verdict(void *arg, const struct conformance_case *c)
{
    size_t *counts = arg;
    int r = read_case(c, c->bytes);
    counts[c->kind]++;
    if (c->kind == CONFORMANCE_TAKEN)
        cr_expect_eq(r, 0, "%s: refused", c->name);
    if (c->kind == CONFORMANCE_REFUSED)
        cr_expect_eq(r, -EBADMSG, "%s: taken", c->name);
}

Test(conformance, what_is_json_is_taken_and_what_is_not_is_refused)
{
    size_t counts[3] = {0};
    size_t n = conformance_each(CONFORMANCE_FILE, check_verdict, counts);
    cr_expect_geq(n, 400, "%zu cases", n);
    cr_expect(counts[CONFORMANCE_TAKEN] >= 90 && counts[CONFORMANCE_REFUSED] >= 300 &&
              counts[CONFORMANCE_EITHER] > 0);
}

/* A document is one bracket with all that is in it: no beginning of it is a document too, and
 * nothing but white space may follow. */
static void check_cut(void *arg, const struct conformance_case *c)
{
    (void)arg;
    if (c->kind != CONFORMANCE_TAKEN)
        return;
    size_t end = c->bytes.n;
    while (c->bytes.p[end - 1] != '}' && c->bytes.p[end - 1] != ']')
        end--;
    cr_expect_eq(read_case(c, (struct text){c->bytes.p, end}), 0, "%s", c->name);
    for (size_t n = 0; n < end; n++) {
        AUTO_FREE char *exact = malloc(n > 0 ? n : 1);
        cr_assert_not_null(exact);
        memcpy(exact, c->bytes.p, n);
        cr_expect_eq(read_case(c, (struct text){exact, n}), -EBADMSG, "%s: its first %zu bytes",
                     c->name, n);
    }
}

Test(conformance, no_beginning_of_a_document_is_one)
{
    (void)conformance_each(CONFORMANCE_FILE, check_cut, NULL);
}

static void check_canonical(void *arg, const struct conformance_case *c)
{
    (void)arg;
    AUTO(buf) struct buf first = BUF_INIT(1 << 20);
    AUTO(buf) struct buf second = BUF_INIT(1 << 20);
    int r = json_canonical(c->bytes, &first);
    cr_expect(r == 0 || r == -EBADMSG, "%s: %d", c->name, r);
    cr_expect(r != 0 || c->kind == CONFORMANCE_TAKEN, "%s: has a canonical form", c->name);
    if (r != 0)
        return;
    cr_assert_eq(json_canonical((struct text){first.data, first.len}, &second), 0, "%s",
                 c->name);
    cr_expect(first.len == second.len && memcmp(first.data, second.data, first.len) == 0, "%s",
              c->name);
}

Test(conformance, the_canonical_form_of_the_canonical_form_is_itself)
{
    (void)conformance_each(CONFORMANCE_FILE, check_canonical, NULL);
}

static void check_no_report(void *arg, const struct conformance_case *c)
{
    (void)arg;
    struct report r;
    struct json_error e = {.line = 0};
    cr_assert_eq(report_from_json(c->bytes, &r, &e), -EBADMSG, "%s: is a report", c->name);
    cr_expect(e.code[0] != '\0' && e.diag.text[0] != '\0', "%s: says nothing", c->name);
}

/* Whatever is JSON among them is a sound document, but of something else. */
Test(conformance, none_of_it_is_a_report)
{
    (void)conformance_each(CONFORMANCE_FILE, check_no_report, NULL);
}
