/* Claims about domain names. */
#include "support/leak.h"
#include "support/seed.h"

#include "domain/dname.h"

#include <errno.h>
#include <string.h>

SUITE(dname);

/* A-labels of the example names of IANA's test domains and of well-known registries. */
static const struct {
    const char *text, *ascii, *shown, *why;
} names[] = {
    {"example.nl", "example.nl", "example.nl", "plain"},
    {"Example.NL", "example.nl", "example.nl", "lower case"},
    {"example.nl.", "example.nl", "example.nl", "the root's dot"},
    {"a.b.c.d.e.nl", "a.b.c.d.e.nl", "a.b.c.d.e.nl", "many labels"},
    {"3m.com", "3m.com", "3m.com", "a digit in front (RFC 1123, 2.1)"},
    {"1.nl", "1.nl", "1.nl", "digits alone, but not at the end"},
    {"_dmarc.example.nl", "_dmarc.example.nl", "_dmarc.example.nl", "underscore"},
    {"my_old_host.nl", "my_old_host.nl", "my_old_host.nl", "underscore"},
    {"r3---sn-5hne.example.com", "r3---sn-5hne.example.com", "r3---sn-5hne.example.com",
     "hyphens in the third and fourth place occur"},
    {"m\xc3\xbcnchen.de", "xn--mnchen-3ya.de", "m\xc3\xbcnchen.de", "Latin"},
    {"M\xc3\x9cNCHEN.DE", "xn--mnchen-3ya.de", "m\xc3\xbcnchen.de", "mapped to lower case"},
    {"mu\xcc\x88nchen.de", "xn--mnchen-3ya.de", "m\xc3\xbcnchen.de", "composed (NFC)"},
    {"xn--mnchen-3ya.de", "xn--mnchen-3ya.de", "m\xc3\xbcnchen.de", "an A-label"},
    {"XN--MNCHEN-3YA.DE", "xn--mnchen-3ya.de", "m\xc3\xbcnchen.de", "an A-label in capitals"},
    {"fa\xc3\x9f.de", "xn--fa-hia.de", "fa\xc3\x9f.de",
     "sharp s is a letter (not transitional)"},
    {"\xce\xb2\xcf\x8c\xce\xbb\xce\xbf\xcf\x82.com", "xn--nxasmm1c.com",
     "\xce\xb2\xcf\x8c\xce\xbb\xce\xbf\xcf\x82.com",
     "final sigma is a letter (not transitional)"},
    {"\xe4\xbe\x8b\xe3\x81\x88.jp", "xn--r8jz45g.jp", "\xe4\xbe\x8b\xe3\x81\x88.jp",
     "Japanese"},
    {"\xe4\xbe\x8b\xe3\x81\x88\xe3\x80\x82jp", "xn--r8jz45g.jp", "\xe4\xbe\x8b\xe3\x81\x88.jp",
     "an ideographic full stop is a dot"},
    {"\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84",
     "xn--e1afmkfd.xn--p1ai",
     "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84", "Cyrillic"},
    {"\xd9\x85\xd8\xab\xd8\xa7\xd9\x84.\xd8\xa5\xd8\xae\xd8\xaa\xd8\xa8\xd8\xa7\xd8\xb1",
     "xn--mgbh0fb.xn--kgbechtv",
     "\xd9\x85\xd8\xab\xd8\xa7\xd9\x84.\xd8\xa5\xd8\xae\xd8\xaa\xd8\xa8\xd8\xa7\xd8\xb1",
     "Arabic"},
    {"\xe0\xa4\xad\xe0\xa4\xbe\xe0\xa4\xb0\xe0\xa4\xa4.in", "xn--h2brj9c.in",
     "\xe0\xa4\xad\xe0\xa4\xbe\xe0\xa4\xb0\xe0\xa4\xa4.in", "Devanagari"},
    {"\xed\x95\x9c\xea\xb5\xad.kr", "xn--3e0b707e.kr", "\xed\x95\x9c\xea\xb5\xad.kr", "Hangul"},
    {"\xef\xbd\x81.nl", "a.nl", "a.nl", "a full-width letter is mapped"},
    {"a\xc2\xad"
     "b.nl",
     "ab.nl", "ab.nl", "a soft hyphen is mapped to nothing"},
};

Test(dname, names_come_to_lower_case_a_labels)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char ascii[DNAME_SIZE] = "";
        cr_expect_eq(dname_parse(text_of(names[i].text), ascii), 0, "%s", names[i].why);
        cr_expect_str_eq(ascii, names[i].ascii, "%s: %s", names[i].why, ascii);
    }
}

Test(dname, people_see_u_labels)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char out[DNAME_SHOWN_SIZE];
        cr_expect_str_eq(dname_show(names[i].ascii, out), names[i].shown, "%s", names[i].why);
    }
}

static const struct {
    struct text text;
    const char *why;
} not_names[] = {
#define T(s)                                                                                   \
    {                                                                                          \
        (s), sizeof(s) - 1                                                                     \
    }
    {T(""), "empty"},
    {T("."), "the root"},
    {T("nl"), "one label"},
    {T("localhost"), "one label"},
    {T("nl."), "one label and the root"},
    {T(".nl"), "an empty label"},
    {T("a..nl"), "an empty label"},
    {T("example.nl.."), "two dots at the end"},
    {T("-a.nl"), "a hyphen in front"},
    {T("a-.nl"), "a hyphen behind"},
    {T("a b.nl"), "a space"},
    {T(" example.nl"), "a space"},
    {T("example.nl\n"), "a newline"},
    {T("exa\0mple.nl"), "a NUL"},
    {T("a/b.nl"), "a slash"},
    {T("a@b.nl"), "an address of mail"},
    {T("*.nl"), "a wildcard"},
    {T("192.0.2.1"), "an IPv4 address"},
    {T("2001:db8::1"), "an IPv6 address"},
    {T("a.1"), "a number at the end"},
    {T("xn--.de"), "an empty A-label"},
    {T("xn--a.de"), "no A-label"},
    {T("xn--abc.de"), "an A-label that no U-label gives"},
    {T("xn--ab-g4t.nl"), "an A-label of a U+202E b"},
    {T("xn--mnchen-psa.nl"), "an A-label of a capital"},
    {T("xn--mnchen-oga.de"), "an A-label of U+00A0, a space"},
    {T("\xe2\x98\x83.net"), "a symbol (IDNA2008 has letters and digits)"},
    {T("a\xe2\x80\xae"
       "b.nl"),
     "U+202E turns the text around"},
    {T("a\xe2\x80\x8d"
       "b.nl"),
     "a zero-width joiner out of its context"},
    {T("\xcc\x81"
       "a.nl"),
     "a combining mark in front"},
    {T("\xd7\x90"
       "1a.nl"),
     "both directions in one label (RFC 5893)"},
    {T("m\xfcnchen.de"), "Latin-1"},
    {T("\xff.nl"), "no UTF-8"},
#undef T
};

Test(dname, what_is_no_name_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(not_names); i++) {
        char ascii[DNAME_SIZE] = "old";
        cr_expect_eq(dname_parse(not_names[i].text, ascii), -EBADMSG, "%s", not_names[i].why);
        cr_expect_str_eq(ascii, "old", "%s", not_names[i].why);
    }
}

/* Labels of 63 and then the rest: a name of `n` bytes. */
static void long_name(char *out, size_t n)
{
    memset(out, 'a', n);
    for (size_t dot = 63; dot + 1 < n; dot += 64)
        out[dot] = '.';
    out[n] = '\0';
}

Test(dname, lengths_are_those_of_rfc_1035)
{
    char name[400];
    char ascii[DNAME_SIZE];
    long_name(name, 253);
    cr_expect_eq(dname_parse(text_of(name), ascii), 0);
    cr_expect_str_eq(ascii, name);
    long_name(name, 254);
    cr_expect_eq(dname_parse(text_of(name), ascii), -EBADMSG);
    long_name(name, 253);
    name[253] = '.';
    name[254] = '\0';
    cr_expect_eq(dname_parse(text_of(name), ascii), 0, "the root's dot is not counted");
    memset(name, 'a', 64);
    memcpy(name + 63, ".nl", 4);
    cr_expect_eq(dname_parse(text_of(name), ascii), 0, "a label of 63");
    memcpy(name + 63, "a.nl", 5);
    cr_expect_eq(dname_parse(text_of(name), ascii), -EBADMSG, "a label of 64");
    static char longer[5000];
    memset(longer, 'a', sizeof longer);
    cr_expect_eq(dname_parse((struct text){longer, sizeof longer}, ascii), -EBADMSG);
}

Test(dname, a_label_that_is_none_is_shown_as_it_is)
{
    char out[DNAME_SHOWN_SIZE];
    cr_assert_str_eq(dname_show("xn--zzzzzz.de", out), "xn--zzzzzz.de");
    cr_assert_str_eq(dname_show("xn--ab-g4t.nl", out), "xn--ab-g4t.nl", "hides U+202E");
    cr_assert_str_eq(dname_show("xn--mnchen-oga.de", out), "xn--mnchen-oga.de", "hides U+00A0");
    cr_assert_str_eq(dname_show("", out), "");
}

Test(dname, whatever_is_accepted_is_its_own_canonical_form)
{
    struct rng rng = {seed_now()};
    size_t accepted = 0;
    for (int i = 0; i < 30000; i++) {
        char bytes[64];
        const char *from = names[rng_below(&rng, ARRAY_LEN(names))].text;
        size_t n = strlen(from);
        memcpy(bytes, from, n);
        n = rng_damage(&rng, bytes, n);
        char ascii[DNAME_SIZE];
        char again[DNAME_SIZE];
        char shown[DNAME_SHOWN_SIZE];
        if (dname_parse((struct text){bytes, n}, ascii) != 0)
            continue;
        accepted++;
        cr_assert_eq(dname_parse(text_of(ascii), again), 0, "%s", ascii);
        cr_assert_str_eq(again, ascii);
        cr_assert_eq(dname_parse(text_of(dname_show(ascii, shown)), again), 0, "%s", shown);
        cr_assert_str_eq(again, ascii, "%s: %s", shown, again);
    }
    cr_assert_gt(accepted, 100);
}
