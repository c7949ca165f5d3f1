/* Forms of the group `mail`: which texts are taken, and in which one spelling they come out. */
#include "settings/forms_mail.h"

#include "base/buf.h"
#include "support/leak.h"

#include <errno.h>
#include <string.h>

SUITE(forms_mail);

struct row {
    table_form *form;
    const char *said, *read, *why; /* read is NULL where it is refused */
};

static const struct row rows[] = {
    {form_mail_server, "smtp://Mail.Example.NET", "smtp://mail.example.net", "a name"},
    {form_mail_server, "smtps://mail.example.net:465", "smtps://mail.example.net:465",
     "a port"},
    {form_mail_server, "smtp://localhost:25/", "smtp://localhost:25",
     "one label, a last slash"},
    {form_mail_server, "smtp://192.0.2.25:25", "smtp://192.0.2.25:25", "an IPv4 address"},
    {form_mail_server, "smtp://[2001:DB8::25]", "smtp://[2001:db8::25]", "RFC 3986 3.2.2"},
    {form_mail_server, "smtp://[2001:DB8::25]:587", "smtp://[2001:db8::25]:587", "and a port"},
    {form_mail_server, "smtp://bücher.example", "smtp://xn--bcher-kva.example", "an A-label"},
    {form_mail_server, "smtp://2001:db8::25", NULL, "its colons would be a port's"},
    {form_mail_server, "smtp://[192.0.2.25]", NULL, "brackets are for IPv6"},
    {form_mail_server, "smtp://[2001:db8::25", NULL, "half a bracket"},
    {form_mail_server, "smtp://", NULL, "no host"},
    {form_mail_server, "smtp:///", NULL, "no host either"},
    {form_mail_server, "smtp://a.example//", NULL, "a path"},
    {form_mail_server, "smtp://a.example:0", NULL, "no port to connect to"},
    {form_mail_server, "smtp://u:p@a.example", NULL, "a password has no business in settings"},
    {form_mail_server, "SMTP://a.example", NULL, "schemes are written small"},
    {form_mail_server, "https://a.example", NULL, "no mail server"},
    {form_mail_server, "mail.example.net:25", NULL, "no scheme"},
    {form_mail_hello, "Collector.Example.NET", "collector.example.net", "a name"},
    {form_mail_hello, "collector", "collector", "of one label"},
    {form_mail_hello, "192.0.2.1", NULL, "an address is no name (RFC 5321 4.1.3)"},
    {form_mail_hello, "2001:db8::1", NULL, "an address is no name"},
    {form_mail_address, "Jan.de-Vries+x@Example.NL", "Jan.de-Vries+x@example.nl",
     "the local part is the recipient's business (RFC 5321 2.4)"},
    {form_mail_address, "ü@bücher.example", "ü@xn--bcher-kva.example", "RFC 6531"},
    {form_mail_address, "a@b", NULL, "one label"},
    {form_mail_address, "a", NULL, "no domain"},
    {form_mail_address, "@example.nl", NULL, "no local part"},
    {form_mail_address, "a@", NULL, "an empty domain"},
    {form_mail_address, "a@example.nl.", NULL, "a dot too many"},
    {form_mail_address, ".a@example.nl", NULL, "a dot first (RFC 5322 3.2.3)"},
    {form_mail_address, "a.@example.nl", NULL, "a dot last"},
    {form_mail_address, "a..b@example.nl", NULL, "two dots"},
    {form_mail_address, "\"a b\"@example.nl", NULL, "quotes"},
    {form_mail_address, "a@b@example.nl", NULL, "two of them"},
    {form_mail_address, "A <a@example.nl>", NULL, "a name beside it"},
    {form_mail_address, "a@example.nl,b@example.nl", NULL, "two addresses"},
    {form_mail_address, "a@[192.0.2.1]", NULL, "a literal"},
    {form_mail_address, "a\xE2\x80\xAE@example.nl", NULL, "an unseen mark"},
    {form_mail_address, "a\n@example.nl", NULL, "an end of line"},
    {form_mail_address, "", NULL, "nothing"},
};

Test(forms_mail, texts_are_taken_or_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        char ret[TABLE_TEXT_SIZE] = "untouched";
        int r = row->form(text_of(row->said), ret);
        cr_assert_eq(r, row->read ? 0 : -EBADMSG, "%s: %s", row->said, row->why);
        cr_assert_str_eq(ret, row->read ? row->read : "untouched", "%s: %s", row->said,
                         row->why);
    }
}

/* RFC 5321 4.5.3.1: 64 bytes before the @, 254 in all. */
Test(forms_mail, addresses_have_a_length_that_smtp_can_carry)
{
    static const struct {
        int local, labels; /* labels of 59 letters and a dot, before "example" */
        bool is_taken;
    } lengths[] = {{64, 2, true}, {65, 2, false}, {3, 4, true}, {7, 4, false}};
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        AUTO(buf) struct buf text = BUF_INIT(1024);
        char ret[TABLE_TEXT_SIZE];
        for (int k = 0; k < lengths[i].local; k++)
            buf_add_char(&text, 'l');
        buf_add_char(&text, '@');
        for (int k = 0; k < lengths[i].labels; k++)
            buf_add_str(&text, "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd.");
        buf_add_str(&text, "example");
        cr_assert_eq(buf_error(&text), 0);
        cr_assert_eq(form_mail_address(text_of(buf_str(&text)), ret),
                     lengths[i].is_taken ? 0 : -EBADMSG, "%zu: %zu bytes", i, text.len);
    }
}
