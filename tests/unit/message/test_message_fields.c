/* The bounds of every field: the last value that is taken and the first that is not. */
#include "message/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/leak.h"

SUITE(message_fields);

#define ALL 0xffffffffU
#define CODE INT64_C(23634180001234567) /* PLSK.01234567 */

/* ---- Messages written by hand ----------------------------------------------------------- */

static void put(struct buf *b, uint64_t v, size_t width)
{
    for (size_t i = width; i > 0; i--)
        buf_add_char(b, (char)(v >> (8 * (i - 1)) & 0xff));
}

static void put_text(struct buf *b, struct text t)
{
    put(b, t.n, 2);
    buf_add(b, t.p, t.n);
}

/* What becomes of a body behind a head. */
static int decode(enum message_kind kind, const struct buf *body, struct message *ret)
{
    AUTO(buf) struct buf b = BUF_INIT(MESSAGE_BYTES_MAX);
    struct diag d = {""};
    size_t used = 0;
    put(&b, (uint64_t)kind, 1);
    put(&b, body->len, 3);
    buf_add(&b, body->data, body->len);
    cr_assert_eq(buf_error(&b), 0);
    int r = message_decode((struct text){b.data, b.len}, ALL, ret, &used, &d);
    cr_assert(r == 0 || r == -EBADMSG, "%d", r);
    cr_assert(r != 0 || used == b.len);
    return r;
}

/* ---- Numbers ---------------------------------------------------------------------------- */

/* A good message of each kind as numbers, of which one is changed. */
enum { FIELDS_MOST = 8 };
struct number {
    uint64_t value;
    size_t width;
};
static const struct shape {
    enum message_kind kind;
    struct number fields[FIELDS_MOST]; /* up to a width of 0 */
} shapes[] = {
    {MESSAGE_HELLO, {{0x1e, 1}, {0, 2}}},
    {MESSAGE_ADDRESS, {{0x04cb007107, 5}, {1, 1}, {9, 8}}},
    {MESSAGE_SEEN, {{1, 1}, {0x04cb007107, 5}, {5, 8}, {6, 8}, {1, 8}}},
    {MESSAGE_PULSE, {{1, 8}, {1, 8}, {1, 8}, {1, 8}, {1, 8}, {1, 1}}},
    {MESSAGE_GAP, {{1, 1}, {5, 8}, {6, 8}, {1, 8}}},
    {MESSAGE_TARGET, {{0, 1}, {0x04cb007107, 5}, {443, 2}}},
    {MESSAGE_SETTING, {{1, 1}, {900, 8}, {0, 2}}},
    {MESSAGE_END, {{1, 1}, {1, 1}, {0, 2}}},
    {MESSAGE_RESULT, {{1, 1}, {200, 8}, {5, 8}, {4, 8}, {5, 8}, {6, 8}, {0, 2}, {0, 2}}},
    {MESSAGE_STANDING, {{CODE, 8}, {1, 1}, {0, 2}, {5, 8}, {6, 8}}},
    {MESSAGE_TAKEN, {{0x000178, 3}, {1, 1}}},
    {MESSAGE_LICENSE,
     {{CODE, 8}, {0, 8}, {0, 2}, {5, 8}}}, /* four texts of no bytes, a fifth */
    {MESSAGE_DOMAIN,
     {{0x0003612e62, 5}, {1, 8}, {1, 8}, {1, 8}, {1, 8}, {1, 8}, {1, 1}, {1, 1}}},
};

static const struct shape *shape_of(enum message_kind k)
{
    size_t i = 0;
    while (shapes[i].kind != k)
        i++;
    return shapes + i;
}

static int decode_changed(enum message_kind kind, size_t field, uint64_t value)
{
    AUTO(buf) struct buf body = BUF_INIT(MESSAGE_BYTES_MAX);
    const struct shape *s = shape_of(kind);
    struct message m;
    for (size_t i = 0; i < FIELDS_MOST && s->fields[i].width > 0; i++)
        put(&body, i == field ? value : s->fields[i].value, s->fields[i].width);
    return decode(kind, &body, &m);
}

#define MOMENT (UINT64_C(1) << 40)
#define BELOW(n) ((uint64_t)(-(int64_t)(n)))
#define LARGEST ((uint64_t)INT64_MAX)
#define YEAR_9999 UINT64_C(253402300799)

static const struct {
    const char *why;
    enum message_kind kind;
    size_t field;
    uint64_t good, bad;
} bounds[] = {
    {"sources: bits 1 to 4", MESSAGE_HELLO, 0, 0x1e, 0x1f},
    {"sources: there is no bit 5", MESSAGE_HELLO, 0, 0x00, 0x20},
    {"the reason's length is what follows", MESSAGE_HELLO, 1, 0, 1},
    {"there is no family 5", MESSAGE_ADDRESS, 0, 0x04c0000201, 0x05c0000201},
    {"nor a family 0", MESSAGE_ADDRESS, 0, 0x04c0000201, 0x00c0000201},
    {"a claim is 0 or 1", MESSAGE_ADDRESS, 1, 0, 2},
    {"the latest moment", MESSAGE_ADDRESS, 2, MOMENT, MOMENT + 1},
    {"the earliest moment", MESSAGE_ADDRESS, 2, BELOW(MOMENT), BELOW(MOMENT + 1)},
    {"a peer is seen by the collector alone", MESSAGE_SEEN, 0, SOURCE_NAT, SOURCE_PEER},
    {"interfaces are told of otherwise", MESSAGE_SEEN, 0, SOURCE_PANEL, SOURCE_INTERFACE},
    {"first before last", MESSAGE_SEEN, 2, 6, 7},
    {"last behind first", MESSAGE_SEEN, 3, 5, 4},
    {"the latest last", MESSAGE_SEEN, 3, MOMENT, MOMENT + 1},
    {"the earliest first", MESSAGE_SEEN, 2, BELOW(MOMENT), BELOW(MOMENT + 1)},
    {"at least one packet", MESSAGE_SEEN, 4, 1, 0},
    {"packets are not below zero", MESSAGE_SEEN, 4, LARGEST, LARGEST + 1},
    {"a pulse's moment", MESSAGE_PULSE, 0, MOMENT, MOMENT + 1},
    {"packets", MESSAGE_PULSE, 1, 0, BELOW(1)},
    {"packets lost", MESSAGE_PULSE, 2, 0, BELOW(1)},
    {"flows", MESSAGE_PULSE, 3, LARGEST, BELOW(1)},
    {"overruns", MESSAGE_PULSE, 4, 0, LARGEST + 1},
    {"tracking has three answers", MESSAGE_PULSE, 5, 2, 3},
    {"there are four kinds of gap", MESSAGE_GAP, 0, 3, 4},
    {"a gap's first before its last", MESSAGE_GAP, 1, 6, 7},
    {"a gap's last behind its first", MESSAGE_GAP, 2, 5, 4},
    {"a gap's earliest", MESSAGE_GAP, 1, BELOW(MOMENT), BELOW(MOMENT + 1)},
    {"a gap's latest", MESSAGE_GAP, 2, MOMENT, MOMENT + 1},
    {"lost is not below zero", MESSAGE_GAP, 3, 0, BELOW(1)},
    {"a collector or none", MESSAGE_TARGET, 0, 1, 2},
    {"a target's family", MESSAGE_TARGET, 1, 0x04c0000201, 0x07c0000201},
    {"port 0 is none", MESSAGE_TARGET, 2, 1, 0},
    {"an interval has its kind", MESSAGE_SETTING, 0, 1, 0},
    {"a suffix without a text is none", MESSAGE_SETTING, 0, 1, 2},
    {"a key server without a text is none", MESSAGE_SETTING, 0, 1, 3},
    {"there is no fourth kind of setting", MESSAGE_SETTING, 0, 1, 4},
    {"the shortest interval", MESSAGE_SETTING, 1, 1, 0},
    {"the longest interval", MESSAGE_SETTING, 1, 86400, 86401},
    {"an interval below zero", MESSAGE_SETTING, 1, 2, BELOW(1)},
    {"four troubles", MESSAGE_END, 0, 0x0f, 0x10},
    {"counted or not", MESSAGE_END, 1, 0, 2},
    {"the first outcome", MESSAGE_RESULT, 0, 1, 0},
    {"the last outcome", MESSAGE_RESULT, 0, 8, 9},
    {"a status has three digits", MESSAGE_RESULT, 1, 999, 1000},
    {"a status is not below zero", MESSAGE_RESULT, 1, 0, BELOW(1)},
    {"a wait of at most a day", MESSAGE_RESULT, 2, 86400, 86401},
    {"a wait is not below zero", MESSAGE_RESULT, 2, 0, BELOW(1)},
    {"a clock after 1970", MESSAGE_RESULT, 3, 0, BELOW(1)},
    {"a clock before 10000", MESSAGE_RESULT, 3, YEAR_9999, YEAR_9999 + 1},
    {"a certificate begins before it ends", MESSAGE_RESULT, 4, 6, 7},
    {"a certificate begins after 1970", MESSAGE_RESULT, 4, 0, BELOW(1)},
    {"a certificate ends before 10000", MESSAGE_RESULT, 5, YEAR_9999, YEAR_9999 + 1},
    {"a licence's number is not zero", MESSAGE_STANDING, 0, CODE, CODE - 1234567},
    {"a licence's code is above zero", MESSAGE_STANDING, 0, CODE, 0},
    {"ok, and yet since when", MESSAGE_STANDING, 1, 2, 0},
    {"there are three states", MESSAGE_STANDING, 1, 2, 3},
    {"since: the earliest", MESSAGE_STANDING, 3, 0, BELOW(1)},
    {"since: the latest", MESSAGE_STANDING, 3, YEAR_9999, YEAR_9999 + 1},
    {"taken as nobody", MESSAGE_TAKEN, 0, 0x000178, 0x000100},
    {"wanted again or not", MESSAGE_TAKEN, 1, 0, 2},
    {"confirmed: the latest", MESSAGE_STANDING, 4, YEAR_9999, YEAR_9999 + 1},
    {"confirmed: the earliest", MESSAGE_STANDING, 4, 0, BELOW(1)},
    {"a code beyond six letters", MESSAGE_LICENSE, 0, CODE, LARGEST},
    {"a file's moment", MESSAGE_LICENSE, 3, BELOW(MOMENT), BELOW(MOMENT + 1)},
    {"a file's latest moment", MESSAGE_LICENSE, 3, MOMENT, MOMENT + 1},
    {"mailboxes", MESSAGE_DOMAIN, 1, 10000000, 10000001},
    {"aliases", MESSAGE_DOMAIN, 2, 10000000, 10000001},
    {"forwards", MESSAGE_DOMAIN, 3, 0, BELOW(1)},
    {"lists", MESSAGE_DOMAIN, 4, 10000000, 10000001},
    {"alias domains", MESSAGE_DOMAIN, 5, 0, BELOW(1)},
    {"a catch-all or none", MESSAGE_DOMAIN, 6, 0, 2},
    {"filtered or not", MESSAGE_DOMAIN, 7, 0, 2},
};

Test(message_fields, numbers_have_their_bounds)
{
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
        cr_assert_eq(decode_changed(bounds[i].kind, bounds[i].field, bounds[i].good), 0, "%s",
                     bounds[i].why);
        cr_assert_eq(decode_changed(bounds[i].kind, bounds[i].field, bounds[i].bad), -EBADMSG,
                     "%s", bounds[i].why);
    }
}

Test(message_fields, an_ipv4_address_has_one_form)
{
    AUTO(buf) struct buf body = BUF_INIT(MESSAGE_BYTES_MAX);
    struct message m;
    put(&body, 1, 1);
    put(&body, 6, 1);
    put(&body, 0, 8);
    put(&body, 0xffffcb007107, 8); /* ::ffff:203.0.113.7 */
    put(&body, 443, 2);
    cr_assert_eq(decode(MESSAGE_TARGET, &body, &m), -EBADMSG);
}

/* ---- Texts ------------------------------------------------------------------------------ */

static int decode_setting(uint64_t kind, uint64_t number, struct text t)
{
    AUTO(buf) struct buf body = BUF_INIT(MESSAGE_BYTES_MAX);
    struct message m;
    put(&body, kind, 1);
    put(&body, number, 8);
    put_text(&body, t);
    return decode(MESSAGE_SETTING, &body, &m);
}

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *why;
    const char *text;
    bool is_suffix, is_server;
} hosts[] = {
    {"two labels", "mx.example", true, true},
    {"an A-label", "xn--mnchen-3ya.example", true, true},
    {"an underscore, as old hosts have", "a_b.example", true, true},
    {"digits with a letter at the end", "1.2.3.d", true, true},
    {"a host of one label", "localhost", false, true},
    {"with a port", "ka.example:443", false, true},
    {"a label with a port", "ka:65535", false, true},
    {"an IPv4 address", "192.0.2.1", false, true},
    {"an IPv4 address with a port", "192.0.2.1:1", false, true},
    {"an IPv6 address", "2001:db8::1", false, true},
    {"an IPv6 address with a port", "[2001:db8::1]:443", false, true},
    {"a label of 63", A63 ".de", true, true},
    {"four labels of 63 have 255 bytes", A63 "." A63 "." A63 "." A63, false, false},
    {"a label of 64", A63 "a.de", false, false},
    {"port 0", "ka.example:0", false, false},
    {"port 65536", "ka.example:65536", false, false},
    {"a port of no digits", "ka.example:", false, false},
    {"two ports", "ka.example:1:2", false, false},
    {"a bracket that is not closed", "[2001:db8::1", false, false},
    {"nothing behind the bracket", "[2001:db8::1]", false, false},
    {"a name in brackets", "[ka.example]:443", false, false},
    {"an IPv4 address in brackets", "[192.0.2.1]:443", false, false},
    {"upper case", "MX.example", false, false},
    {"a dot at the end", "mx.example.", false, false},
    {"a dot at the beginning", ".mx.example", false, false},
    {"two dots", "mx..example", false, false},
    {"a dot alone", ".", false, false},
    {"a colon alone", ":", false, false},
    {"a space", "mx .example", false, false},
    {"a slash", "mx/.example", false, false},
    {"no ASCII", "m\xc3\xbcnchen.example", false, false},
    {"an address of too few parts", "192.0.2", false, false},
};

Test(message_fields, hosts_have_their_form)
{
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        struct text t = text_of(hosts[i].text);
        cr_assert_eq(decode_setting(2, 0, t), hosts[i].is_suffix ? 0 : -EBADMSG, "%s",
                     hosts[i].why);
        cr_assert_eq(decode_setting(3, 0, t), hosts[i].is_server ? 0 : -EBADMSG, "%s",
                     hosts[i].why);
    }
    struct text name = text_of("mx.example");
    cr_assert_eq(decode_setting(1, 900, name), -EBADMSG, "an interval is a number");
    cr_assert_eq(decode_setting(2, 1, name), -EBADMSG, "a suffix is no number");
    cr_assert_eq(decode_setting(3, 1, name), -EBADMSG, "a key server is no number");
    cr_assert_eq(decode_setting(2, 0, (struct text){"mx.exa\0ple", 10}), -EBADMSG);
}

Test(message_fields, a_domain_has_at_most_253_bytes)
{
    static const char longest[] = A63 "." A63 "." A63 "." A63; /* 255: cut to what is wanted */
    cr_assert_eq(decode_setting(2, 0, (struct text){longest, 253}), 0);
    cr_assert_eq(decode_setting(2, 0, (struct text){longest, 254}), -EBADMSG);
}

/* The texts of a licence in their order. */
static int decode_license(size_t place, const char *text)
{
    AUTO(buf) struct buf body = BUF_INIT(MESSAGE_BYTES_MAX);
    struct message m;
    put(&body, CODE, 8);
    for (size_t i = 0; i < 5; i++)
        put_text(&body, text_of(i == place ? text : ""));
    put(&body, 0, 8);
    return decode(MESSAGE_LICENSE, &body, &m);
}

#define A64 A63 "a"

static const struct {
    const char *why;
    size_t place;
    const char *text;
    int r;
} labels[] = {
    {"a version of a key", 0, "00000003", 0},
    {"is at most 8 digits", 0, "000000003", -EBADMSG},
    {"a version of a program", 0, "18.0.61", 0},
    {"no hyphen", 0, "18-0", -EBADMSG},
    {"128 bytes of version", 0, A64 A64, 0},
    {"129 bytes of version", 0, A64 A64 "a", -EBADMSG},
    {"a product's name", 1, "Plesk Obsidian \xe2\x84\xa2", 0},
    {"128 bytes of product", 1, A64 A64, 0},
    {"129 bytes of product", 1, A64 A64 "a", -EBADMSG},
    {"no space at its end", 1, "Plesk ", -EBADMSG},
    {"no control character", 1, "Ple\x1bsk", -EBADMSG},
    {"no half a character", 1, "Plesk\xe2\x84", -EBADMSG},
    {"an edition", 2, "Web Pro", 0},
    {"no space at its beginning", 2, " Web Pro", -EBADMSG},
    {"129 bytes of edition", 2, A64 A64 "a", -EBADMSG},
    {"a day", 3, "2028-02-29", 0},
    {"a day that is none", 3, "2027-02-29", -EBADMSG},
    {"no time behind it", 3, "2027-02-28T", -EBADMSG},
    {"64 digits", 4, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 0},
    {"no upper case", 4, "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
     -EBADMSG},
    {"63 digits", 4, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
     -EBADMSG},
    {"65 digits", 4, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
     -EBADMSG},
    {"no other letter", 4, "g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
     -EBADMSG},
};

Test(message_fields, a_licence_carries_what_a_report_may)
{
    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        cr_assert_eq(decode_license(labels[i].place, labels[i].text), labels[i].r, "%s",
                     labels[i].why);
}

static int decode_standing(uint64_t state, const char *kinds, uint64_t since, uint64_t confirms)
{
    AUTO(buf) struct buf body = BUF_INIT(MESSAGE_BYTES_MAX);
    struct message m;
    put(&body, CODE, 8);
    put(&body, state, 1);
    put_text(&body, text_of(kinds));
    put(&body, since, 8);
    put(&body, confirms, 8);
    return decode(MESSAGE_STANDING, &body, &m);
}

Test(message_fields, kinds_are_words_between_commas)
{
    static const struct {
        const char *kinds;
        int r;
    } forms[] = {
        {"extra-ip,outside", 0}, {"", 0},         {"a,b,c2", 0},     {A64, 0},
        {A64 "a", -EBADMSG},     {",", -EBADMSG}, {"a,", -EBADMSG},  {",a", -EBADMSG},
        {"a,,b", -EBADMSG},      {"A", -EBADMSG}, {"a b", -EBADMSG}, {"a\nb", -EBADMSG},
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        cr_assert_eq(decode_standing(1, forms[i].kinds, 5, 6), forms[i].r, "%s",
                     forms[i].kinds);
}

Test(message_fields, nothing_is_found_of_a_licence_that_is_ok)
{
    cr_assert_eq(decode_standing(0, "", 0, 0), 0);
    cr_assert_eq(decode_standing(0, "outside", 0, 0), -EBADMSG);
    cr_assert_eq(decode_standing(0, "", 1, 0), -EBADMSG);
    cr_assert_eq(decode_standing(0, "", 0, 1), -EBADMSG);
}

Test(message_fields, a_domain_is_named)
{
    AUTO(buf) struct buf body = BUF_INIT(MESSAGE_BYTES_MAX);
    struct message m;
    put(&body, 0, 2);
    for (size_t i = 0; i < 5; i++)
        put(&body, 0, 8);
    put(&body, 0, 2);
    cr_assert_eq(decode(MESSAGE_DOMAIN, &body, &m), -EBADMSG);
}

/* ---- Reasons ---------------------------------------------------------------------------- */

static int decode_hello(struct text why, struct message *ret)
{
    AUTO(buf) struct buf body = BUF_INIT(MESSAGE_BYTES_MAX);
    put(&body, 0, 1);
    put_text(&body, why);
    return decode(MESSAGE_HELLO, &body, ret);
}

static const struct {
    const char *why;
    const char *raw;
    const char *sent;
} reasons[] = {
    {"plain", "no such file", "no such file"},
    {"any script", "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80",
     "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80"},
    {"a line's end", "a\nb", "a?b"},
    {"an escape", "\x1b[2J", "?[2J"},
    {"DEL", "\x7f", "?"},
    {"C1: U+0085", "a\xc2\x85z", "a??z"},
    {"U+00A0 is none of them", "a\xc2\xa0z", "a\xc2\xa0z"},
    {"half a character at the end", "\xe2\x82", "??"},
    {"no UTF-8", "\xff\xfe", "??"},
    {"a surrogate", "\xed\xa0\x80", "???"},
};

Test(message_fields, reasons_are_made_fit_on_the_way_out)
{
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        AUTO(buf) struct buf b = BUF_INIT(MESSAGE_BYTES_MAX);
        struct message in = {.kind = MESSAGE_END};
        struct message out;
        struct diag d;
        size_t used;
        (void)snprintf(in.as.end.why, sizeof in.as.end.why, "%s", reasons[i].raw);
        message_encode(&in, &b);
        cr_assert_eq(buf_error(&b), 0);
        int r = message_decode((struct text){b.data, b.len}, ALL, &out, &used, &d);
        cr_assert_eq(r, 0, "%s", reasons[i].why);
        cr_assert_str_eq(out.as.end.why, reasons[i].sent, "%s", reasons[i].why);
    }
}

Test(message_fields, reasons_that_are_not_fit_are_refused_on_the_way_in)
{
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        struct message m;
        bool is_fit = strcmp(reasons[i].raw, reasons[i].sent) == 0;
        cr_assert_eq(decode_hello(text_of(reasons[i].raw), &m), is_fit ? 0 : -EBADMSG, "%s",
                     reasons[i].why);
    }
}

Test(message_fields, a_reason_has_at_most_400_bytes)
{
    char why[MESSAGE_TEXT_MAX + 1];
    struct message m;
    memset(why, 'x', sizeof why);
    cr_assert_eq(decode_hello((struct text){why, 401}, &m), -EBADMSG);
    cr_assert_eq(decode_hello((struct text){why, 400}, &m), 0);
    cr_assert_eq(strlen(m.as.hello.why), 400);
}

Test(message_fields, the_longest_message_of_each_kind_fits)
{
    struct message m = {.kind = MESSAGE_LICENSE};
    struct report_license *l = &m.as.license.license;
    AUTO(buf) struct buf b = BUF_INIT(MESSAGE_BYTES_MAX);
    l->license.code = CODE;
    memset(l->version, 'a', CAP_LABEL_TEXT);
    memset(l->product, 'a', CAP_LABEL_TEXT);
    memset(l->edition, 'a', CAP_LABEL_TEXT);
    memset(l->machine_id, 'a', 64);
    memcpy(l->expires, "2027-01-31", 11);
    message_encode(&m, &b);
    cr_assert_eq(buf_error(&b), 0);
    cr_assert_eq(b.len, 4 + 8 + 3 * (2 + 128) + (2 + 10) + (2 + 64) + 8);
}
