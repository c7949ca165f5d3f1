/* Messages as bytes: every kind worked out by hand from message.h, and what is refused. */
#include "message/message.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "support/leak.h"

SUITE(message);

#define ALL 0xffffffffU

enum { ROW_BYTES = 512 };

/* Hexadecimal with spaces between the fields. */
static size_t from_hex(const char *hex, uint8_t *ret, size_t size)
{
    AUTO(buf) struct buf digits = BUF_INIT(2 * MESSAGE_BYTES_MAX);
    for (; *hex; hex++) {
        if (*hex != ' ')
            buf_add_char(&digits, *hex);
    }
    cr_assert_eq(buf_error(&digits), 0);
    cr_assert_leq(digits.len / 2, size);
    cr_assert_eq(text_from_hex(text_of(buf_str(&digits)), ret, digits.len / 2), 0);
    return digits.len / 2;
}

/*
 * The licence PLSK.01234567: P=16 L=12 S=19 K=11 and two blanks in base 27 are
 * ((((16*27+12)*27+19)*27+11)*27*27 = 236341800; times 10^8 plus 1234567 is
 * 23634180001234567 = 0x53f7295787fe87.
 */
#define CODE INT64_C(23634180001234567)

static const struct row {
    const char *why;
    struct message m;
    const char *bytes;
} rows[] = {
    {"keyserver (bit 1) and nat (bit 2); 1 + 2 + 5 bytes",
     {MESSAGE_HELLO, {.hello = {.sources = 0x06, .why = "no nf"}}},
     "01 000008 06 0005 6e6f206e66"},
    {"2001:db8::1 is there since 256 s; 17 + 1 + 8 bytes",
     {MESSAGE_ADDRESS,
      {.address = {{6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}}, .is_there = true, .at_s = 256}}},
     "02 00001a 06 20010db8000000000000000000000001 01 0000000000000100"},
    {"203.0.113.7 came out of the NAT from 100 to 160 s, 3 packets; 1 + 5 + 24 bytes",
     {MESSAGE_SEEN,
      {.seen =
           {SOURCE_NAT, {4, {203, 0, 113, 7}}, .first_s = 100, .last_s = 160, .packets = 3}}},
     "03 00001e 02 04cb007107 0000000000000064 00000000000000a0 0000000000000003"},
    {"five numbers and whether connections are tracked; 41 bytes",
     {MESSAGE_PULSE,
      {.pulse = {.at_s = 1,
                 .packets = 2,
                 .packets_lost = 3,
                 .flows = 4,
                 .overruns = 5,
                 .tracking = MESSAGE_TRACKING_WORKS}}},
     "04 000029 0000000000000001 0000000000000002 0000000000000003 0000000000000004 "
     "0000000000000005 02"},
    {"conntrack (1) from 10 to 10 s, unknown how many; 25 bytes",
     {MESSAGE_GAP, {.gap = {GAP_CONNTRACK, .first_s = 10, .last_s = 10, .lost = 0}}},
     "05 000019 01 000000000000000a 000000000000000a 0000000000000000"},
    {"a collector at 192.0.2.1:9443 (0x24e3); 1 + 5 + 2 bytes",
     {MESSAGE_TARGET, {.target = {true, {4, {192, 0, 2, 1}}, 9443}}},
     "06 000008 01 04c0000201 24e3"},
    {"an interval of 900 s (0x384); 1 + 8 + 2 bytes",
     {MESSAGE_SETTING, {.setting = {MESSAGE_SETTING_INTERVAL, 900, ""}}},
     "07 00000b 01 0000000000000384 0000"},
    {"a key server; 1 + 8 + 2 + 4 bytes",
     {MESSAGE_SETTING, {.setting = {MESSAGE_SETTING_KEY_SERVER, 0, "ka:5"}}},
     "07 00000f 03 0000000000000000 0004 6b613a35"},
    {"counted in folders (4), and names could not be looked up (8); 1 + 1 + 2 + 1 bytes",
     {MESSAGE_END, {.end = {0x0c, .has_counted = true, .why = "x"}}},
     "08 000005 0c 01 0001 78"},
    {"a licence whose file is older than this boot; 8 + 6 + 3 + 2 + 12 + 2 + 8 bytes",
     {MESSAGE_LICENSE,
      {.license =
           {{.license = {CODE}, .version = "0003", .product = "X", .expires = "2027-01-31"},
            .since_s = -5}}},
     "09 000029 0053f7295787fe87 0004 30303033 0001 58 0000 000a 323032372d30312d3331 0000 "
     "fffffffffffffffb"},
    {"a domain with 1 to 5 of everything, filtered, without a catch-all; 2 + 4 + 40 + 2 bytes",
     {MESSAGE_DOMAIN, {.domain = {"a.de", {1, 2, 3, 4, 5, false, true}}}},
     "0a 000030 0004 612e6465 0000000000000001 0000000000000002 0000000000000003 "
     "0000000000000004 0000000000000005 00 01"},
    {"429 (0x1ad), again in 60 s, its clock had 3, a certificate from 1 to "
     "2, a place, a reason; 41 + 4 + 3 bytes",
     {MESSAGE_RESULT,
      {.result = {MESSAGE_LATER, 429, 60, .clock_boot = 3, .identity_from = 1, .identity_to = 2,
                  .at = "/x", .why = "y"}}},
     "0b 000030 04 00000000000001ad 000000000000003c 0000000000000003 0000000000000001 "
     "0000000000000002 "
     "0002 2f78 0001 79"},
    {"potentially outside since 7, confirmed at 9; 8 + 1 + 2 + 7 + 16 bytes",
     {MESSAGE_STANDING,
      {.standing = {{CODE}, MESSAGE_STATE_POTENTIAL, "outside", .since = 7, .confirms_at = 9}}},
     "0c 000022 0053f7295787fe87 01 0007 6f757473696465 0000000000000007 0000000000000009"},
    {"taken as srv-1, and what came before is wanted again; 2 + 5 + 1 bytes",
     {MESSAGE_TAKEN, {.taken = {"srv-1", .is_lacking = true}}},
     "0d 000008 0005 7372762d31 01"},
};

static int decode(const uint8_t *p, size_t n, uint32_t allowed, struct message *ret)
{
    struct diag d = {""};
    size_t used = 0;
    int r = message_decode((struct text){(const char *)p, n}, allowed, ret, &used, &d);
    cr_assert(r == 0 || r == -EAGAIN || r == -EBADMSG, "%d", r);
    cr_assert_eq(r == -EBADMSG, d.text[0] != '\0', "only a refusal has a reason: %s", d.text);
    cr_assert(r != 0 || used == n, "%zu of %zu bytes taken", used, n);
    return r;
}

static void encode(const struct message *m, struct buf *ret)
{
    message_encode(m, ret);
    cr_assert_eq(buf_error(ret), 0);
}

/* Of each kind there is a row. */
static const struct row *row_of(enum message_kind k)
{
    size_t i = 0;
    while (rows[i].m.kind != k)
        i++;
    return rows + i;
}

Test(message, values_become_the_bytes_of_the_header)
{
    uint8_t bytes[ROW_BYTES];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf b = BUF_INIT(MESSAGE_BYTES_MAX);
        size_t n = from_hex(rows[i].bytes, bytes, sizeof bytes);
        encode(&rows[i].m, &b);
        cr_assert_eq(b.len, n, "%s", rows[i].why);
        cr_assert_arr_eq(b.data, bytes, n, "%s", rows[i].why);
    }
}

Test(message, bytes_become_values_that_become_the_same_bytes)
{
    uint8_t bytes[ROW_BYTES];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf b = BUF_INIT(MESSAGE_BYTES_MAX);
        struct message m = {0};
        size_t n = from_hex(rows[i].bytes, bytes, sizeof bytes);
        cr_assert_eq(decode(bytes, n, MESSAGE_BIT(rows[i].m.kind), &m), 0, "%s", rows[i].why);
        cr_assert_eq(m.kind, rows[i].m.kind);
        encode(&m, &b);
        cr_assert_eq(b.len, n, "%s", rows[i].why);
        cr_assert_arr_eq(b.data, bytes, n, "%s", rows[i].why);
    }
}

Test(message, fields_are_where_they_belong)
{
    uint8_t bytes[ROW_BYTES];
    struct message m = {0};
    size_t n = from_hex(row_of(MESSAGE_LICENSE)->bytes, bytes, sizeof bytes);
    cr_assert_eq(decode(bytes, n, ALL, &m), 0);
    cr_assert_eq(m.as.license.license.license.code, CODE);
    cr_assert_str_eq(m.as.license.license.version, "0003");
    cr_assert_str_eq(m.as.license.license.product, "X");
    cr_assert_str_eq(m.as.license.license.edition, "");
    cr_assert_str_eq(m.as.license.license.expires, "2027-01-31");
    cr_assert_str_eq(m.as.license.license.machine_id, "");
    cr_assert_eq(m.as.license.since_s, -5);

    n = from_hex(row_of(MESSAGE_SEEN)->bytes, bytes, sizeof bytes);
    cr_assert_eq(decode(bytes, n, ALL, &m), 0);
    cr_assert_eq(m.as.seen.source, SOURCE_NAT);
    cr_assert_eq(addr_compare(&m.as.seen.address, &rows[2].m.as.seen.address), 0);
    cr_assert_eq(m.as.seen.first_s, 100);
    cr_assert_eq(m.as.seen.last_s, 160);
    cr_assert_eq(m.as.seen.packets, 3);

    n = from_hex(row_of(MESSAGE_DOMAIN)->bytes, bytes, sizeof bytes);
    cr_assert_eq(decode(bytes, n, ALL, &m), 0);
    cr_assert_str_eq(m.as.domain.domain, "a.de");
    cr_assert_eq(m.as.domain.counts.alias_domains, 5);
    cr_assert_not(m.as.domain.counts.catch_all);
    cr_assert(m.as.domain.counts.is_filtered);
}

Test(message, what_is_cut_off_is_waited_for_and_changes_nothing)
{
    uint8_t bytes[ROW_BYTES];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t n = from_hex(rows[i].bytes, bytes, sizeof bytes);
        for (size_t cut = 0; cut < n; cut++) {
            struct message m = {.kind = 77};
            AUTO_FREE uint8_t *exact = malloc(cut > 0 ? cut : 1);
            cr_assert_not_null(exact);
            memcpy(exact, bytes, cut);
            cr_assert_eq(decode(exact, cut, ALL, &m), -EAGAIN, "%s: %zu", rows[i].why, cut);
            cr_assert_eq(m.kind, 77, "the output was touched");
        }
    }
}

Test(message, a_message_that_says_it_is_shorter_is_refused)
{
    uint8_t bytes[ROW_BYTES];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t n = from_hex(rows[i].bytes, bytes, sizeof bytes);
        for (size_t cut = MESSAGE_HEAD_BYTES; cut < n; cut++) {
            struct message m;
            AUTO_FREE uint8_t *exact = malloc(cut);
            cr_assert_not_null(exact);
            memcpy(exact, bytes, cut);
            exact[2] = 0;
            exact[3] = (uint8_t)(cut - MESSAGE_HEAD_BYTES);
            cr_assert_eq(decode(exact, cut, ALL, &m), -EBADMSG, "%s: %zu", rows[i].why, cut);
        }
    }
}

Test(message, bytes_left_over_in_a_message_are_refused)
{
    uint8_t bytes[ROW_BYTES];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct message m;
        size_t n = from_hex(rows[i].bytes, bytes, sizeof bytes - 1);
        bytes[n] = 0;
        bytes[3]++;
        cr_assert_eq(decode(bytes, n + 1, ALL, &m), -EBADMSG, "%s", rows[i].why);
    }
}

Test(message, what_follows_is_left_for_the_next_time)
{
    AUTO(buf) struct buf b = BUF_INIT(MESSAGE_BYTES_MAX);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        encode(&rows[i].m, &b);
    struct text rest = {buf_str(&b), b.len};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct message m;
        struct diag d;
        size_t used = 0;
        cr_assert_eq(message_decode(rest, ALL, &m, &used, &d), 0, "%s", rows[i].why);
        cr_assert_eq(m.kind, rows[i].m.kind);
        rest = (struct text){rest.p + used, rest.n - used};
    }
    cr_assert_eq(rest.n, 0);
}

Test(message, only_kinds_that_are_expected_are_taken)
{
    uint8_t bytes[ROW_BYTES];
    struct message m;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t n = from_hex(rows[i].bytes, bytes, sizeof bytes);
        uint32_t others = ALL & ~MESSAGE_BIT(rows[i].m.kind);
        cr_assert_eq(decode(bytes, n, others, &m), -EBADMSG, "%s", rows[i].why);
        cr_assert_eq(decode(bytes, 1, others, &m), -EBADMSG, "told by its first byte");
    }
    static const uint8_t none[] = {0, 14, 31, 32, 33, 255};
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        bytes[0] = none[i];
        cr_assert_eq(decode(bytes, 1, ALL, &m), -EBADMSG, "kind %u", none[i]);
    }
}

Test(message, more_than_4096_bytes_are_refused_by_the_head)
{
    struct message m;
    static const uint8_t longest[] = {MESSAGE_HELLO, 0, 0x0f, 0xfc}; /* 4092 + 4 */
    static const uint8_t too_long[] = {MESSAGE_HELLO, 0, 0x0f, 0xfd};
    static const uint8_t huge[] = {MESSAGE_HELLO, 0xff, 0xff, 0xff};
    cr_assert_eq(decode(longest, sizeof longest, ALL, &m), -EAGAIN);
    cr_assert_eq(decode(too_long, sizeof too_long, ALL, &m), -EBADMSG);
    cr_assert_eq(decode(huge, sizeof huge, ALL, &m), -EBADMSG);
}

Test(message, an_encoder_without_room_says_so)
{
    AUTO(buf) struct buf b = BUF_INIT(11); /* a hello of "no nf" has 12 */
    message_encode(&rows[0].m, &b);
    cr_assert_eq(buf_error(&b), -ERANGE);
}

Test(message, what_breaks_the_rules_is_not_sent, .signal = SIGABRT)
{
    AUTO(buf) struct buf b = BUF_INIT(MESSAGE_BYTES_MAX);
    struct message m = row_of(MESSAGE_SEEN)->m;
    m.as.seen.packets = 0;
    message_encode(&m, &b);
}

Test(message, every_kind_has_a_name)
{
    cr_assert_str_eq(message_kind_name(MESSAGE_HELLO), "hello");
    cr_assert_str_eq(message_kind_name(MESSAGE_STANDING), "standing");
    for (int k = MESSAGE_HELLO; k <= MESSAGE_KIND_MAX; k++)
        cr_assert_str_neq(message_kind_name((enum message_kind)k), "unknown");
    cr_assert_str_eq(message_kind_name((enum message_kind)0), "unknown");
    cr_assert_str_eq(message_kind_name((enum message_kind)14), "unknown");
}
