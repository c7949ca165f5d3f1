/* XML documents of others: order, places, and listeners that refuse. */
#include "plesk/xml.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "support/leak.h"

SUITE(xml);

struct log {
    struct buf out;
    const char *stop_at; /* the element at which to refuse; NULL = never */
};

static int log_opened(void *arg, const struct xml_element *e, struct diag *d)
{
    struct log *l = arg;
    buf_printf(&l->out, "%zu{%.*s}%.*s", e->depth, (int)e->space.n, e->space.p, (int)e->local.n,
               e->local.p);
    for (size_t i = 0; e->attributes[i]; i += 2)
        buf_printf(&l->out, " %s=%s", e->attributes[i], e->attributes[i + 1]);
    buf_add_char(&l->out, ';');
    if (l->stop_at && text_is(e->local, l->stop_at))
        return diag_set(d, -ELOOP, "refused");
    return 0;
}

static int log_text(void *arg, struct text part, struct diag *d)
{
    struct log *l = arg;
    (void)d;
    buf_add(&l->out, part.p, part.n);
    return 0;
}

static int log_closed(void *arg, size_t depth, struct diag *d)
{
    struct log *l = arg;
    (void)d;
    buf_printf(&l->out, "%zu.", depth);
    return 0;
}

static void log_done(struct log *l)
{
    buf_done(&l->out);
}

Test(xml, elements_are_told_in_their_order)
{
    AUTO(log) struct log l = {.out = BUF_INIT(1000)};
    struct xml_listener listener = {log_opened, log_text, log_closed, &l};
    struct diag d = {""};
    int r = xml_read(text_of("<r xmlns='urn:a' x='1'>a&lt;<b:s xmlns:b='urn:b'/>c</r>"),
                     &listener, &d);
    cr_assert_eq(r, 0, "%s", d.text);
    cr_assert_str_eq(buf_str(&l.out), "1{urn:a}r x=1;a<2{urn:b}s;2.c1.");
}

Test(xml, nothing_is_told_after_a_refusal)
{
    AUTO(log) struct log l = {.out = BUF_INIT(1000), .stop_at = "s"};
    struct xml_listener listener = {log_opened, log_text, log_closed, &l};
    struct diag d = {""};
    cr_assert_eq(xml_read(text_of("<r>\n <s/>x<t/></r>"), &listener, &d), -ELOOP);
    cr_assert_str_eq(buf_str(&l.out), "1{}r;\n 2{}s;");
    cr_assert_str_eq(d.text, "line 2, column 2: refused");
}

Test(xml, a_listener_may_be_deaf)
{
    struct xml_listener listener = {NULL, NULL, NULL, NULL};
    struct diag d = {""};
    cr_assert_eq(xml_read(text_of("<r a='b'>c<d/></r>"), &listener, &d), 0, "%s", d.text);
}

Test(xml, a_namespace_cannot_pretend_to_be_a_longer_name)
{
    AUTO(log) struct log l = {.out = BUF_INIT(1000)};
    struct xml_listener listener = {log_opened, log_text, log_closed, &l};
    struct diag d = {""};
    cr_assert_eq(xml_read(text_of("<r xmlns='urn:a&#10;key'/>"), &listener, &d), -EBADMSG);
    cr_assert_str_empty(buf_str(&l.out));
}

Test(xml, trimming_takes_white_space_of_both_ends)
{
    static const struct {
        const char *text, *wanted;
    } rows[] = {{"", ""},   {" ", ""},    {"\t\r\n a b \n", "a b"},
                {"a", "a"}, {"\v", "\v"}, {" \xc2\xa0", "\xc2\xa0"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_assert(text_is(xml_trim(text_of(rows[i].text)), rows[i].wanted), "row %zu", i);
}
