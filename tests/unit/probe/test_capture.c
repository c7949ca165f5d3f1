/* Capture files of every format, whole and damaged; and what needs rights, without them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "probe/capture.h"
#include "support/capfile.h"
#include "support/frame.h"
#include "support/leak.h"
#include "support/temp.h"

SUITE(capture);

enum { SECOND = 1795296400 };

struct got {
    size_t n, bytes;
    int link;
    int64_t at_s[8];
};

static void take(void *arg, const struct captured *c)
{
    struct got *got = arg;

    if (got->n < ARRAY_LEN(got->at_s))
        got->at_s[got->n] = c->at_s;
    got->n++;
    got->bytes += c->n;
    got->link = c->link;
}

/* An opening of a connection, without a link. */
static struct frame opening(void)
{
    struct frame f = {.n = 0};

    frame_ip(&f, "203.0.113.9", "198.51.100.7", 6);
    frame_tcp(&f, 40000, 443, 1, PACKET_SYN);
    frame_end(&f);
    return f;
}

/* Opens what was made; -errno as capture_open_file(). */
static int open_made(const struct capfile *made, struct capture **ret, struct diag *d)
{
    AUTO(temp) struct temp folder;
    char path[TEMP_PATH_SIZE];

    cr_assert_eq(temp_make(&folder), 0);
    capfile_save(made, temp_file(&folder, "a.pcap", path));
    return capture_open_file(path, ret, d);
}

Test(capture, files_of_every_format_are_read)
{
    static const enum capfile_format formats[] = {CAPFILE_PCAP, CAPFILE_PCAP_NANO,
                                                  CAPFILE_PCAP_SWAPPED, CAPFILE_PCAPNG};
    static const int links[] = {PACKET_LINK_ETHERNET, PACKET_LINK_RAW,  PACKET_LINK_SLL,
                                PACKET_LINK_SLL2,     PACKET_LINK_IPV4, PACKET_LINK_IPV6};
    const struct frame f = opening();
    for (size_t i = 0; i < ARRAY_LEN(formats) * ARRAY_LEN(links); i++) {
        int link = links[i / ARRAY_LEN(formats)];
        AUTO(capfile) struct capfile made;
        AUTO(capture) struct capture *c = NULL;
        struct got got = {.n = 0};
        struct capture_count count;
        struct diag d = {""};
        capfile_begin(&made, formats[i % ARRAY_LEN(formats)], (unsigned)link);
        capfile_add(&made, SECOND, f.bytes, f.n);
        capfile_add(&made, SECOND + 1, f.bytes, f.n - 1);
        cr_assert_eq(open_made(&made, &c, &d), 0, "%zu: %s", i, d.text);
        cr_expect_eq(capture_read(c, 1, take, &got, &d), 1, "no more than is asked for");
        cr_expect_eq(capture_read(c, 100, take, &got, &d), 1);
        cr_expect_eq(capture_read(c, 100, take, &got, &d), 0, "the end");
        cr_expect(got.n == 2 && got.bytes == 2 * f.n - 1 && got.link == link, "%zu", i);
        cr_expect(got.at_s[0] == SECOND && got.at_s[1] == SECOND + 1, "seconds are floored");
        cr_expect_eq(capture_statistics(c, &count), 0);
        cr_expect(count.received == 2 && count.lost == 0);
    }
}

Test(capture, a_file_without_packets_is_no_error)
{
    AUTO(capfile) struct capfile made;
    AUTO(capture) struct capture *c = NULL;
    struct diag d = {""};

    capfile_begin(&made, CAPFILE_PCAP, PACKET_LINK_ETHERNET);
    cr_assert_eq(open_made(&made, &c, &d), 0);
    cr_expect_eq(capture_read(c, 100, take, NULL, &d), 0);
}

Test(capture, moments_far_away_are_told_or_brought_to_the_calendar)
{
    static const struct {
        enum capfile_format format;
        uint64_t s;
        int64_t wanted;
        const char *why;
    } rows[] = {
        {CAPFILE_PCAP, 0, 0, "1970"},
        {CAPFILE_PCAP, 0x7fffffff, 0x7fffffff, "2038"},
        {CAPFILE_PCAP, 0x80000000, 0x80000000, "and a second later"},
        {CAPFILE_PCAP, 0xffffffff, 0xffffffff, "2106"},
        {CAPFILE_PCAPNG, 0x100000000, 0x100000000, "64 bits"},
        /* 2^64 microseconds are 18,446,744,073,709 s: the year 586,524. */
        {CAPFILE_PCAPNG, 18446744073708, 253402300799, "9999 is the last year"},
    };
    const struct frame f = opening();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(capfile) struct capfile made;
        AUTO(capture) struct capture *c = NULL;
        struct got got = {.n = 0};
        struct diag d = {""};
        capfile_begin(&made, rows[i].format, PACKET_LINK_RAW);
        capfile_add(&made, rows[i].s, f.bytes, f.n);
        cr_assert_eq(open_made(&made, &c, &d), 0);
        cr_assert_eq(capture_read(c, 9, take, &got, &d), 1, "%s", d.text);
        cr_expect_eq(got.at_s[0], rows[i].wanted, "%s: %lld", rows[i].why,
                     (long long)got.at_s[0]);
    }
}

Test(capture, what_is_no_capture_is_refused)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *why;
    } rows[] = {
        {"", 0, "empty"},
        {"\xd4\xc3\xb2", 3, "not even a magic number"},
        {"root:x:0:0:root:/root:/bin/bash\n", 32, "a text"},
        {"\xd4\xc3\xb2\xa1\2\0\4\0", 8, "half a header"},
        {"\x1f\x8b\x08\0\0\0\0\0\0\3\3\0\0\0\0\0\0\0\0\0", 20, "compressed"},
        {"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\1\0\0\0", 16, "half a section"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(capfile) struct capfile made = {.out = BUF_INIT(100)};
        AUTO(capture) struct capture *c = NULL;
        struct diag d = {""};
        buf_add(&made.out, rows[i].bytes, rows[i].n);
        if (rows[i].n == 0)
            buf_reset(&made.out);
        cr_expect_eq(open_made(&made, &c, &d), -EBADMSG, "%s", rows[i].why);
        cr_expect(strstr(d.text, "is not a pcap or pcapng capture"), "%s", d.text);
        cr_expect_null(c);
    }
}

Test(capture, a_link_that_is_not_known_is_named)
{
    AUTO(capfile) struct capfile made;
    AUTO(capture) struct capture *c = NULL;
    struct diag d = {""};

    capfile_begin(&made, CAPFILE_PCAP, 127);
    cr_expect_eq(open_made(&made, &c, &d), -EBADMSG);
    cr_expect(strstr(d.text, "127") && strstr(d.text, "IEEE802_11_RADIO"), "%s", d.text);
    capfile_done(&made);
    capfile_begin(&made, CAPFILE_PCAP, 60000);
    cr_expect_eq(open_made(&made, &c, &d), -EBADMSG);
    cr_expect(strstr(d.text, "60000"), "%s", d.text);
}

Test(capture, a_file_that_is_not_there_or_cannot_be_read_is_told_apart)
{
    AUTO(capture) struct capture *c = NULL;
    struct diag d = {""};

    cr_expect_eq(capture_open_file("/nonexistent/a.pcap", &c, &d), -ENOENT);
    cr_expect_eq(capture_open_file("/", &c, &d), -EIO, "%s", d.text);
    cr_expect_null(c);
}

Test(capture, what_stands_before_a_cut_is_read)
{
    static const enum capfile_format formats[] = {CAPFILE_PCAP, CAPFILE_PCAPNG};
    const struct frame f = opening();

    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        AUTO(capfile) struct capfile made;
        AUTO(capture) struct capture *c = NULL;
        struct got got = {.n = 0};
        struct diag d = {""};
        capfile_begin(&made, formats[i], PACKET_LINK_RAW);
        capfile_add(&made, SECOND, f.bytes, f.n);
        capfile_add(&made, SECOND, f.bytes, f.n);
        made.out.len -= 5;
        cr_assert_eq(open_made(&made, &c, &d), 0);
        cr_expect_eq(capture_read(c, 100, take, &got, &d), -EBADMSG);
        cr_expect_eq(got.n, 1, "%zu", got.n);
        cr_expect(strstr(d.text, "is damaged or cut short"), "%s", d.text);
    }
}

Test(capture, a_filter_that_makes_no_sense_is_refused)
{
    AUTO(capfile) struct capfile made;
    AUTO(capture) struct capture *c = NULL;
    const struct frame f = opening();
    struct got got = {.n = 0};
    struct diag d = {""};

    capfile_begin(&made, CAPFILE_PCAP, PACKET_LINK_RAW);
    capfile_add(&made, SECOND, f.bytes, f.n);
    cr_assert_eq(open_made(&made, &c, &d), 0);
    cr_expect_eq(capture_filter(c, "len = ", &d), -EIO);
    cr_expect(strstr(d.text, "the filter cannot be compiled"), "%s", d.text);
    cr_expect_eq(capture_filter(c, "len = 0", &d), 0);
    cr_expect_eq(capture_read(c, 9, take, &got, &d), 0);
    cr_expect_eq(got.n, 0);
}

Test(capture, without_the_right_to_it_the_error_says_which)
{
    AUTO(capture) struct capture *c = NULL;
    struct diag d = {""};

    bool is_root = geteuid() == 0;
    if (is_root)
        cr_assert_eq(seteuid(65534), 0); /* which takes the effective capabilities away */
    int r = capture_open(&c, &d);
    if (is_root)
        cr_assert_eq(seteuid(0), 0);
    cr_expect_eq(r, -EPERM, "%d: %s", r, d.text);
    cr_expect(strstr(d.text, "CAP_NET_RAW"), "%s", d.text);
    cr_expect_null(c);
}
