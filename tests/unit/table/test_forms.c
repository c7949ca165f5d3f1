/* Forms: which texts are taken, and in which one spelling they come out. */
#include "table/forms.h"

#include "base/buf.h"
#include "support/leak.h"

#include <errno.h>
#include <string.h>

SUITE(forms);

struct row {
    table_form *form;
    const char *said, *read, *why; /* read is NULL where it is refused */
};

static const struct row rows[] = {
    {form_host, "Collector.Example.NET.", "collector.example.net", "lower case, no last dot"},
    {form_host, "bücher.example", "xn--bcher-kva.example", "an A-label (RFC 3492)"},
    {form_host, "Localhost", "localhost", "a host of one label"},
    {form_host, "web-01", "web-01", "digits and hyphens inside"},
    {form_host, "2001:DB8:0:0::1", "2001:db8::1", "RFC 5952"},
    {form_host, "::ffff:192.0.2.1", "192.0.2.1", "a mapped address is the IPv4 one"},
    {form_host, "", NULL, "nothing"},
    {form_host, "a b", NULL, "a space"},
    {form_host, "-a", NULL, "a hyphen first"},
    {form_host, "a_b", NULL, "one label is a host's, and has no underline"},
    {form_host, "4711", NULL, "digits alone are an address to some programs"},
    {form_host, "1.2.3", NULL, "half an address"},
    {form_host, "*.example.net", NULL, "a pattern"},
    {form_domain, "SpamExperts.com", "spamexperts.com", "lower case"},
    {form_domain, "com", NULL, "one label"},
    {form_domain, "192.0.2.1", NULL, "an address"},
    {form_domain, ".example.com", NULL, "an empty label"},
    {form_server, "KA.plesk.com", "ka.plesk.com", "a host"},
    {form_server, "ka.plesk.com:5224", "ka.plesk.com:5224", "a host and a port"},
    {form_server, "192.0.2.1:1", "192.0.2.1:1", "an address and a port"},
    {form_server, "2001:db8::1", "2001:db8::1", "all its colons are the address's"},
    {form_server, "[2001:DB8::1]:443", "[2001:db8::1]:443", "brackets, for the port"},
    {form_server, "ka.plesk.com:0", NULL, "no port to connect to"},
    {form_server, "ka.plesk.com:65536", NULL, "no port at all"},
    {form_server, "ka.plesk.com:https", NULL, "a port's name"},
    {form_server, "ka.plesk.com:", NULL, "a port is missing"},
    {form_server, ":443", NULL, "a host is missing"},
    {form_server, "https://ka.plesk.com", NULL, "a URL"},
    {form_server, "[::1]", NULL, "brackets without a port"},
    {form_server, "[::1]:0", NULL, "no port to connect to"},
    {form_endpoint, "[0::1]:9443", "[::1]:9443", "RFC 5952"},
    {form_endpoint, "0.0.0.0:0", "0.0.0.0:0", "a free port, to listen"},
    {form_endpoint, "localhost:9443", NULL, "a name"},
    {form_endpoint, "0.0.0.0", NULL, "no port"},
    {form_endpoint, "0.0.0.0:65536", NULL, "no port at all"},
    {form_loopback, "127.8.9.10:1", "127.8.9.10:1", "all of 127/8 (RFC 1122 3.2.1.3)"},
    {form_loopback, "[::1]:1", "[::1]:1", "RFC 4291 2.5.3"},
    {form_loopback, "[::]:9444", NULL, "anybody"},
    {form_loopback, "0.0.0.0:9444", NULL, "anybody"},
    {form_loopback, "192.0.2.1:9444", NULL, "somebody else"},
    {form_loopback, "127.0.0.1", NULL, "no port"},
};

Test(forms, texts_come_in_one_spelling_or_not_at_all)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        char text[TABLE_TEXT_SIZE] = "before";
        int r = row->form(text_of(row->said), text);
        cr_assert_eq(r, row->read ? 0 : -EBADMSG, "%s: %s", row->said, row->why);
        cr_assert_str_eq(text, row->read ? row->read : "before", "%s: %s", row->said, row->why);
        if (!row->read)
            continue;
        cr_assert_eq(row->form(text_of(row->read), text), 0);
        cr_assert_str_eq(text, row->read, "%s is no spelling that stays", row->read);
    }
}

/* 253 bytes, the longest domain (RFC 1035): 63 + 1 + 63 + 1 + 63 + 1 + 61. */
static void put_longest(struct buf *out)
{
    static const int labels[] = {63, 63, 63, 61};
    for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
        if (i > 0)
            buf_add_char(out, '.');
        for (int k = 0; k < labels[i]; k++)
            buf_add_char(out, 'a');
    }
}

Test(forms, longest_names_fit_and_longer_are_refused)
{
    AUTO(buf) struct buf longest = BUF_INIT(4096), one = BUF_INIT(4096), five = BUF_INIT(4096);
    char text[TABLE_TEXT_SIZE];
    put_longest(&longest);
    cr_assert_eq(longest.len, 253);
    cr_assert_eq(form_host(text_of(buf_str(&longest)), text), 0);
    cr_assert_str_eq(text, buf_str(&longest));
    buf_printf(&one, "%s:1", buf_str(&longest));
    cr_assert_eq(form_server(text_of(buf_str(&one)), text), 0);
    cr_assert_eq(strlen(text), 255);
    /* 253 + 6 are more than a text may have. */
    buf_printf(&five, "%s:65535", buf_str(&longest));
    cr_assert_eq(form_server(text_of(buf_str(&five)), text), -EBADMSG);
}
