/* A key file -> the licence: what is read, what is refused, and what nobody may find again. */
#include "plesk/keyfile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "keytext.h"
#include "memory.h"
#include "support/leak.h"

SUITE(keyfile);

#define ROOT_OPEN                                                                              \
    "<p:key xmlns:p='" KEYTEXT_PRODUCT_SPACE "' xmlns:c='" KEYTEXT_CORE_3 "' xmlns:o='urn:o'>"
#define ROOT_CLOSE "</p:key>"
#define NUMBER "<c:key-number>PLSK.01234567</c:key-number>"

/* In memory of its own length, so that a read past the end is seen. */
static int read_bytes(const char *bytes, size_t n, struct keyfile *ret, struct diag *d)
{
    AUTO_FREE char *exact = malloc(n + 1);
    cr_assert(exact);
    memcpy(exact + 1, bytes, n);
    return keyfile_read((struct text){exact + 1, n}, ret, d);
}

static int read_text(const char *s, struct keyfile *ret, struct diag *d)
{
    return read_bytes(s, strlen(s), ret, d);
}

static int read_key(const struct keytext *k, struct keyfile *ret, struct diag *d)
{
    AUTO(buf) struct buf b = BUF_INIT(KEYFILE_BYTES_MAX);
    keytext_print(k, &b);
    cr_assert_eq(buf_error(&b), 0);
    return read_bytes(b.data, b.len, ret, d);
}

static void check_number(const struct keyfile *k, const char *wanted, const char *why)
{
    char text[LICENSE_TEXT_SIZE];
    cr_assert_str_eq(license_format(k->license.license, text), wanted, "%s", why);
}

Test(keyfile, every_field_of_a_key_is_read)
{
    /* base64 of [{"version":1,"value":"00112233…ff" twice, in capitals}], by base64(1). */
    static const char machine[] =
        "W3sidmVyc2lvbiI6MSwidmFsdWUiOiIwMDExMjIzMzQ0NTU2Njc3ODg5OUFBQkJDQ0RERUVGRjAw\n"
        "MTEyMjMzNDQ1NTY2Nzc4ODk5QUFCQkNDRERFRUZGIn1d\n";
    struct keytext text = {.number = "PLSK.01234567",
                           .version = "0003",
                           .product = "plesk-unified",
                           .expires = "2026-12-04",
                           .edition = "web-pro",
                           .machine = machine};
    struct keyfile k;
    struct diag d = {""};

    cr_assert_eq(read_key(&text, &k, &d), 0, "%s", d.text);
    check_number(&k, "PLSK.01234567", "not the one within the description");
    cr_assert_str_eq(k.license.version, "0003");
    cr_assert_str_eq(k.license.product, "plesk-unified");
    cr_assert_str_eq(k.license.edition, "web-pro");
    cr_assert_str_eq(k.license.expires, "2026-12-04");
    cr_assert_str_eq(k.license.machine_id, "00112233445566778899aabbccddeeff"
                                           "00112233445566778899aabbccddeeff");
    cr_assert(k.is_main);
    /* 2026-12-04 is 64 days after 2026-10-01, day 20727. */
    cr_assert_eq(k.expires_day, 20727 + 64);
}

Test(keyfile, both_namespaces_and_any_prefix_are_read)
{
    static const struct {
        const char *xml, *why;
    } rows[] = {
        {"<plesk-unix:key xmlns:plesk-unix='http://swsoft.com/schemas/keys/products/plesk/unix'"
         " xmlns:core='" KEYTEXT_CORE_2 "'><core:key-number>PLSK.01234567</core:key-number>"
         "</plesk-unix:key>",
         "the older namespace"},
        {"<key xmlns='" KEYTEXT_CORE_3 "'><key-number>PLSK.01234567</key-number></key>",
         "no prefix at all, one namespace for both"},
        {"<a:key xmlns:a='urn:any'><b:key-number xmlns:b='" KEYTEXT_CORE_2
         "'>PLSK.01234567</b:key-number></a:key>",
         "a prefix bound at the element"},
        {"\xef\xbb\xbf" ROOT_OPEN NUMBER ROOT_CLOSE, "a byte order mark"},
        {"<?xml version='1.0' encoding='ISO-8859-1'?>" ROOT_OPEN
         "<o:x>\xe9</o:x>" NUMBER ROOT_CLOSE,
         "another encoding"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct keyfile k;
        struct diag d = {""};
        cr_assert_eq(read_text(rows[i].xml, &k, &d), 0, "%s: %s", rows[i].why, d.text);
        check_number(&k, "PLSK.01234567", rows[i].why);
        cr_assert(k.is_main, "%s", rows[i].why);
        cr_assert_eq(k.expires_day, INT64_MAX, "%s", rows[i].why);
        cr_assert_str_empty(k.license.version, "%s", rows[i].why);
        cr_assert_str_empty(k.license.machine_id, "%s", rows[i].why);
    }
}

Test(keyfile, every_spelling_of_the_number_is_one_licence)
{
    static const struct {
        const char *number, *version, *wanted_version;
    } rows[] = {
        {"PLSK.01234567", NULL, ""},
        {"PLSK.01234567", "0004", "0004"},
        {"PLSK.01234567.0003", NULL, "0003"},
        {"PLSK.01234567.0003", "0004", "0004"}, /* the element of its own goes before */
        {"PLSK012345670003", NULL, "0003"},
        {"plsk012345670003", NULL, "0003"},
        {"\n   PLSK.01234567\t\r\n", "\n 0003 ", "0003"},
        {"PL<!-- in the midst -->SK<![CDATA[.0123]]>4567", NULL, ""},
        {"&#80;LSK.01234567", NULL, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct keytext text = {.number = rows[i].number, .version = rows[i].version};
        struct keyfile k;
        struct diag d = {""};
        cr_assert_eq(read_key(&text, &k, &d), 0, "%s: %s", rows[i].number, d.text);
        check_number(&k, "PLSK.01234567", rows[i].number);
        cr_assert_str_eq(k.license.version, rows[i].wanted_version, "%s", rows[i].number);
    }
}

Test(keyfile, an_all_zero_number_is_no_licence)
{
    static const char *const rows[] = {"PLSK.00000000", "plsk.00000000.0000",
                                       "plsk000000000000"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct keytext text = {.number = rows[i], .expires = "2026-12-04"};
        struct keyfile k;
        struct diag d;
        cr_assert_eq(read_key(&text, &k, &d), 1, "%s", rows[i]);
        cr_assert(k.is_main, "%s: by its letters", rows[i]);
    }
}

Test(keyfile, the_product_tells_a_panel_from_an_add_on)
{
    static const struct {
        const char *number, *product;
        bool is_main;
    } rows[] = {
        {"PLSK.01234567", "plesk-unified", true},
        {"PLSK.01234567", "plesk-unix", true},
        {"PLSK.01234567", "ext-acme-tools", false}, /* whatever its letters */
        {"EXT.12345678", "ext-acme-tools", false},
        {"EXT.12345678", NULL, false},
        {"PLSK.01234567", NULL, true},
        {"plsk012345670001", "", true},
        {"APS.02960584.0008", "plesk-unified-extra", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct keytext text = {.number = rows[i].number, .product = rows[i].product};
        struct keyfile k;
        struct diag d = {""};
        cr_assert_eq(read_key(&text, &k, &d), 0, "row %zu: %s", i, d.text);
        cr_assert_eq(k.is_main, rows[i].is_main, "row %zu", i);
    }
}

Test(keyfile, an_expiry_may_be_never)
{
    static const char *const rows[] = {NULL, "", "never", "  never\n"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct keytext text = {.number = "PLSK.01234567", .expires = rows[i]};
        struct keyfile k;
        struct diag d = {""};
        cr_assert_eq(read_key(&text, &k, &d), 0, "row %zu: %s", i, d.text);
        cr_assert_eq(k.expires_day, INT64_MAX, "row %zu", i);
        cr_assert_str_empty(k.license.expires, "row %zu", i);
    }
}

/* What says less than it could: the licence counts all the same. */
Test(keyfile, an_odd_edition_or_machine_is_left_out)
{
    static const char *const rows[] = {
        "",
        "<p:edition>tab\there</p:edition>",
        "<p:edition>a<o:b/>c</p:edition>",
        "<c:edition>of-another-space</c:edition>",
        "<p:machine-id-info>W3s=</p:machine-id-info>",
        "<o:sub><p:edition>deeper</p:edition></o:sub>",
        "<p:edition></p:edition>",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char xml[1024];
        struct keyfile k;
        struct diag d = {""};
        (void)snprintf(xml, sizeof xml, ROOT_OPEN "%s" NUMBER ROOT_CLOSE, rows[i]);
        cr_assert_eq(read_text(xml, &k, &d), 0, "row %zu: %s", i, d.text);
        cr_assert_str_empty(k.license.edition, "row %zu", i);
        cr_assert_str_empty(k.license.machine_id, "row %zu", i);
    }
}

Test(keyfile, the_name_of_the_edition_stands_where_there_is_no_other)
{
    static const struct {
        const char *xml, *wanted;
    } rows[] = {
        {"<p:edition-name>web-host</p:edition-name>", "web-host"},
        {"<p:edition-name>Web Host</p:edition-name><p:edition>web-host</p:edition>",
         "web-host"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char xml[1024];
        struct keyfile k;
        struct diag d = {""};
        (void)snprintf(xml, sizeof xml, ROOT_OPEN "%s" NUMBER ROOT_CLOSE, rows[i].xml);
        cr_assert_eq(read_text(xml, &k, &d), 0, "row %zu: %s", i, d.text);
        cr_assert_str_eq(k.license.edition, rows[i].wanted, "row %zu", i);
    }
}

Test(keyfile, texts_are_read_up_to_their_cap)
{
    for (size_t n = CAP_LABEL_TEXT - 1; n <= CAP_LABEL_TEXT + 1; n++) {
        char product[CAP_LABEL_TEXT + 2];
        struct keytext text = {.number = "PLSK.01234567", .product = product};
        struct keyfile k;
        struct diag d = {""};
        memset(product, 'x', n);
        product[n] = '\0';
        int wanted = n <= CAP_LABEL_TEXT ? 0 : -EBADMSG;
        cr_assert_eq(read_key(&text, &k, &d), wanted, "%zu: %s", n, d.text);
        if (wanted == 0)
            cr_assert_str_eq(k.license.product, product);
    }
}

Test(keyfile, what_is_no_key_is_refused_with_the_place)
{
    static const struct {
        const char *xml;
        const char *said; /* in the reason */
        const char *why;
    } rows[] = {
        {"", "line 1, column 1", "nothing"},
        {"PLSK.01234567", "is no XML", "no XML"},
        {ROOT_OPEN NUMBER, "is no XML", "cut off"},
        {ROOT_OPEN NUMBER "</p:kex>", "is no XML", "the wrong end"},
        {ROOT_OPEN NUMBER ROOT_CLOSE "<more/>", "is no XML", "two roots"},
        {"<key xmlns='urn:x'>" NUMBER "</key>", "is no XML", "a prefix bound to nothing"},
        {"<key/>", "another document", "no namespace"},
        {"<r:registry xmlns:r='urn:r'/>", "another document", "another root"},
        {ROOT_OPEN ROOT_CLOSE, "no key number", "no number"},
        {ROOT_OPEN "<o:x>" NUMBER "</o:x>" ROOT_CLOSE, "no key number", "not the root's child"},
        {ROOT_OPEN "<o:key-number>PLSK.01234567</o:key-number>" ROOT_CLOSE, "no key number",
         "another namespace"},
        {ROOT_OPEN "\n" NUMBER NUMBER ROOT_CLOSE, "line 2", "two numbers"},
        {ROOT_OPEN "<c:key-number/>" ROOT_CLOSE, "key-number is not", "an empty number"},
        {ROOT_OPEN "<c:key-number>01234567</c:key-number>" ROOT_CLOSE, "key-number is not",
         "a bare number"},
        {ROOT_OPEN "<c:key-number>PLSK.<o:x/>01234567</c:key-number>" ROOT_CLOSE,
         "key-number is not", "an element within the number"},
        {ROOT_OPEN NUMBER "<c:key-version>1;2</c:key-version>" ROOT_CLOSE, "key-version is not",
         "no version"},
        {ROOT_OPEN NUMBER "<c:key-version>123456789</c:key-version>" ROOT_CLOSE,
         "key-version is not", "longer than the collector takes"},
        {ROOT_OPEN NUMBER "<c:expiration-date>2026-02-30</c:expiration-date>" ROOT_CLOSE,
         "expiration-date is not", "no day"},
        {ROOT_OPEN NUMBER "<c:expiration-date>20261204</c:expiration-date>" ROOT_CLOSE,
         "expiration-date is not", "another form"},
        {ROOT_OPEN NUMBER "<c:product>a\tb</c:product>" ROOT_CLOSE, "product is not",
         "a control character"},
        {"<!DOCTYPE key>" ROOT_OPEN NUMBER ROOT_CLOSE, "document type", "a doctype"},
        {"<!DOCTYPE key [<!ENTITY a 'PLSK.01234567'>]>" ROOT_OPEN
         "<c:key-number>&a;</c:key-number>" ROOT_CLOSE,
         "document type", "an entity of its own"},
        {"<!DOCTYPE key SYSTEM 'file:///etc/passwd'>" ROOT_OPEN NUMBER ROOT_CLOSE,
         "document type", "another file's"},
        {ROOT_OPEN "<c:key-number>&a;</c:key-number>" ROOT_CLOSE, "is no XML",
         "an entity that nobody made"},
        {"<?xml version='1.0' encoding='x-none'?>" ROOT_OPEN NUMBER ROOT_CLOSE, "is no XML",
         "an encoding that nobody knows"},
        {ROOT_OPEN "<o:x>\xff</o:x>" NUMBER ROOT_CLOSE, "is no XML", "no UTF-8"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct keyfile k = {.expires_day = 77};
        struct diag d = {""};
        cr_assert_eq(read_text(rows[i].xml, &k, &d), -EBADMSG, "%s", rows[i].why);
        cr_assert(strstr(d.text, rows[i].said), "%s: %s", rows[i].why, d.text);
        cr_assert_eq(k.expires_day, 77, "%s: untouched", rows[i].why);
    }
}

/* A reason goes to logs and to people: nothing of what the file holds may be in it. */
Test(keyfile, no_reason_repeats_a_value)
{
    static const char *const rows[] = {
        ROOT_OPEN "<c:update-ticket>hush-hush</c:update-tickex>",
        ROOT_OPEN "<c:key-number>hush-hush</c:key-number>" ROOT_CLOSE,
        ROOT_OPEN NUMBER "<c:expiration-date>hush-hush</c:expiration-date>" ROOT_CLOSE,
        ROOT_OPEN NUMBER "<c:update-ticket>&hush-hush;</c:update-ticket>" ROOT_CLOSE,
        "<hush-hush xmlns='urn:hush-hush'/>",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct keyfile k;
        struct diag d = {""};
        cr_assert_eq(read_text(rows[i], &k, &d), -EBADMSG, "row %zu", i);
        cr_assert_neq(d.text[0], '\0', "row %zu", i);
        cr_assert_null(strstr(d.text, "hush"), "row %zu: %s", i, d.text);
    }
}

Test(keyfile, nesting_is_bounded)
{
    /* The root is the first of 32; the field's own element is not among these. */
    for (size_t inner = 30; inner <= 33; inner++) {
        AUTO(buf) struct buf b = BUF_INIT(KEYFILE_BYTES_MAX);
        struct keyfile k;
        struct diag d = {""};
        buf_add_str(&b, ROOT_OPEN NUMBER);
        for (size_t i = 0; i < inner; i++)
            buf_add_str(&b, "<o:d>");
        for (size_t i = 0; i < inner; i++)
            buf_add_str(&b, "</o:d>");
        buf_add_str(&b, ROOT_CLOSE);
        int wanted = 1 + inner <= 32 ? 0 : -EBADMSG;
        cr_assert_eq(read_bytes(b.data, b.len, &k, &d), wanted, "%zu: %s", inner, d.text);
    }
}

Test(keyfile, a_file_is_read_up_to_its_cap)
{
    for (size_t over = 0; over <= 1; over++) {
        AUTO(buf) struct buf b = BUF_INIT(KEYFILE_BYTES_MAX + 1);
        struct keyfile k;
        struct diag d = {""};
        buf_add_str(&b, ROOT_OPEN NUMBER ROOT_CLOSE);
        while (b.len < KEYFILE_BYTES_MAX + over)
            buf_add_char(&b, '\n');
        cr_assert_eq(buf_error(&b), 0);
        cr_assert_eq(read_bytes(b.data, b.len, &k, &d), over ? -ERANGE : 0, "%s", d.text);
    }
}

/* Nothing is read past the end, wherever a file breaks off; and no part of one is a key. */
Test(keyfile, every_part_of_a_key_is_refused)
{
    AUTO(buf) struct buf b = BUF_INIT(KEYFILE_BYTES_MAX);
    struct keytext text = {.number = "PLSK.01234567", .machine = "W3s="};
    keytext_print(&text, &b);
    for (size_t n = 0; n + 1 < b.len; n++) { /* the last byte is a newline */
        struct keyfile k;
        struct diag d;
        cr_assert_eq(read_bytes(b.data, n, &k, &d), -EBADMSG, "%zu bytes", n);
    }
}

/* ---- The update ticket ------------------------------------------------------------------ */

/* A key file with a ticket that this process has nowhere else. */
static void read_with_ticket(const char *before, const char *after, size_t repeats, int wanted)
{
    struct memory_page page;
    struct keyfile k;
    struct diag d = {""};
    memory_open(&page);
    memory_add(&page, before);
    for (size_t i = 0; i < repeats; i++)
        memory_add_marker(&page);
    memory_add(&page, after);
    cr_assert(memory_has_marker(), "the search must find what is there");
    int r = keyfile_read((struct text){page.p, page.n}, &k, &d);
    memory_close(&page);
    cr_assert_eq(r, wanted, "%s", d.text);
    cr_assert_not(memory_has_marker(), "%zu times in: %s", repeats, before);
}

Test(keyfile, the_update_ticket_is_in_no_memory_afterwards)
{
    static const struct {
        const char *before, *after;
        int wanted;
    } rows[] = {
        {ROOT_OPEN NUMBER "<c:update-ticket>", "</c:update-ticket>" ROOT_CLOSE, 0},
        {ROOT_OPEN NUMBER "<c:update-ticket c:t='", "'/>" ROOT_CLOSE, 0},
        {ROOT_OPEN NUMBER "<!-- ", " -->" ROOT_CLOSE, 0},
        {ROOT_OPEN NUMBER "<o:x><![CDATA[", "]]></o:x>" ROOT_CLOSE, 0},
        {ROOT_OPEN NUMBER "<c:update-ticket>", "</c:update-tickex>", -EBADMSG},
        {ROOT_OPEN NUMBER "<c:update-ticket>", "", -EBADMSG},
        {"<?xml version='1.0' encoding='ISO-8859-1'?>" ROOT_OPEN NUMBER "<c:update-ticket>",
         "</c:update-ticket>" ROOT_CLOSE, 0},
        {"<!DOCTYPE p:key [<!ENTITY a '", "'>]>" ROOT_OPEN NUMBER ROOT_CLOSE, -EBADMSG},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        read_with_ticket(rows[i].before, rows[i].after, 1, rows[i].wanted);
        /* Large enough for the parser to move what it holds, several times. */
        read_with_ticket(rows[i].before, rows[i].after, 3000, rows[i].wanted);
    }
}
