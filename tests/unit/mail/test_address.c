/* Claims about mail addresses. */
#include "support/leak.h"

#include "mail/message.h"

#include <errno.h>
#include <string.h>

SUITE(address);

static const struct {
    const char *from, *to;
    bool needs_utf8;
    const char *why;
} good[] = {
    {"a@example.nl", "a@example.nl", false, "plain"},
    {"anna@Intranet", "anna@intranet", false, "a host of the own network, without a domain"},
    {"A.b+c@Example.NL", "A.b+c@example.nl", false, "the local part as it is"},
    {"!#$%&'*+-/=?^_`{|}~@example.nl", "!#$%&'*+-/=?^_`{|}~@example.nl", false,
     "all of RFC 5322's atext"},
    {"-x@example.nl", "-x@example.nl", false, "a hyphen in front"},
    {"a@b\xc3\xbc"
     "cher.example",
     "a@xn--bcher-kva.example", false, "an A-label for a U-label"},
    {"j\xc3\xa9@example.nl", "j\xc3\xa9@example.nl", true, "RFC 6531"},
    {"1234567890123456789012345678901234567890123456789012345678901234@example.nl",
     "1234567890123456789012345678901234567890123456789012345678901234@example.nl", false,
     "64 bytes (RFC 5321 4.5.3.1.1)"},
};

Test(address, it_comes_to_what_goes_over_the_wire)
{
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        char wire[MAIL_ADDRESS_SIZE] = "";
        bool needs_utf8 = !good[i].needs_utf8;
        cr_expect_eq(mail_address_wire(good[i].from, wire, &needs_utf8), 0, "%s", good[i].why);
        cr_expect_str_eq(wire, good[i].to, "%s", good[i].why);
        cr_expect_eq(needs_utf8, good[i].needs_utf8, "%s", good[i].why);
    }
}

static const struct {
    const char *text, *why;
} bad[] = {
    {"", "nothing"},
    {"a", "no domain"},
    {"@example.nl", "no local part"},
    {"a@", "an empty domain"},
    {"a@-nl", "a host's name that begins with a hyphen"},
    {"a@example.nl.", "a dot at the end is none of a path's"},
    {"a@.example.nl", "an empty label"},
    {"a@b@example.nl", "two @"},
    {".a@example.nl", "a dot in front"},
    {"a.@example.nl", "a dot behind"},
    {"a..b@example.nl", "two dots"},
    {"a b@example.nl", "a space"},
    {" a@example.nl", "a space in front"},
    {"a@example.nl ", "a space behind"},
    {"a@exam ple.nl", "a space in the domain"},
    {"a\r\nRCPT TO:<b@example.nl>@example.nl", "a line end"},
    {"a@example.nl\r\nDATA", "a line end behind"},
    {"a\x7f@example.nl", "a control character"},
    {"a\xc2\x85@example.nl", "one of C1 (U+0085)"},
    {"a\xc2\xa0@example.nl", "a no-break space"},
    {"a\xe2\x80\xae@example.nl", "a bidirectional mark"},
    {"a\xff@example.nl", "not UTF-8"},
    {"<a@example.nl>", "brackets"},
    {"a<@example.nl", "a bracket"},
    {"a@example.nl>", "a bracket behind"},
    {"\"a\"@example.nl", "a quoted local part"},
    {"a@example.nl,b@example.nl", "two addresses"},
    {"Jan <a@example.nl>", "a name"},
    {"a@[127.0.0.1]", "an address literal"},
    {"a@[IPv6:::1]", "an IPv6 address literal"},
    {"a@127.0.0.1", "an address"},
    {"12345678901234567890123456789012345678901234567890123456789012345@example.nl",
     "a local part of 65 bytes"},
};

Test(address, what_is_none_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char wire[MAIL_ADDRESS_SIZE] = "before";
        bool needs_utf8 = false;
        cr_expect_eq(mail_address_wire(bad[i].text, wire, &needs_utf8), -EBADMSG, "%s",
                     bad[i].why);
        cr_expect_str_eq(wire, "before", "%s", bad[i].why);
    }
}

/* RFC 5321 4.5.3.1.3: a path has at most 256 bytes, two of them brackets. */
Test(address, it_has_at_most_254_bytes)
{
    static const char label[] = ".123456789012345678901234567890123456789012345678";
    AUTO(buf) struct buf text = BUF_INIT(1000);
    char wire[MAIL_ADDRESS_SIZE];
    bool needs_utf8;
    buf_add_str(&text, "1234567890123456789012345678901234567890123456789012@nl");
    for (int i = 0; i < 4; i++)
        buf_add_str(&text, label);
    buf_add_str(&text, ".nl"); /* 52 + 1 + 2 + 4 * 49 + 3 = 254 */
    cr_assert_eq(text.len, 254);
    cr_expect_eq(mail_address_wire(buf_str(&text), wire, &needs_utf8), 0);
    buf_add_str(&text, "x");
    cr_expect_eq(mail_address_wire(buf_str(&text), wire, &needs_utf8), -EBADMSG);
}
