/* Heads of requests: what is read, what is refused and as what, in whichever pieces it comes.
 */
#include <errno.h>
#include <string.h>

#include "base/times.h"
#include "http/http.h"
#include "support/leak.h"

SUITE(http);

#define BYTES(s)                                                                               \
    {                                                                                          \
        s, sizeof(s) - 1                                                                       \
    }
#define LINE "POST /v1/reports HTTP/1.1\r\n"
#define HOST "Host: collector.example\r\n"

/* Parses the first n bytes, in memory that ends behind them. */
static int parse_first(struct text t, size_t n, struct http_request *ret,
                       struct http_refusal *reterr)
{
    AUTO_FREE char *exact = malloc(n > 0 ? n : 1);
    cr_assert_not_null(exact);
    if (n > 0)
        memcpy(exact, t.p, n);
    int r = http_parse_head((struct text){exact, n}, ret, reterr);
    if (r == 1) /* borrowed: the same place in what is not freed */
        ret->path.p = t.p + (ret->path.p - exact);
    return r;
}

struct verdict {
    int r;
    struct http_request request;
    struct http_refusal refusal;
};

/* What comes of it byte by byte: the first answer, which every longer piece must repeat. */
static struct verdict dribble(struct text t, const char *why)
{
    struct verdict first = {.r = 0};
    for (size_t n = 0; n <= t.n; n++) {
        struct verdict v = {.r = 0};
        v.r = parse_first(t, n, &v.request, &v.refusal);
        if (first.r == 0) {
            first = v;
            continue;
        }
        cr_assert_eq(v.r, first.r, "%s: after %zu bytes %d", why, n, v.r);
        cr_assert(v.refusal.status == first.refusal.status &&
                      v.refusal.message == first.refusal.message,
                  "%s: after %zu bytes %d", why, n, v.refusal.status);
        cr_assert_eq(v.request.head_bytes, first.request.head_bytes, "%s", why);
    }
    return first;
}

struct refused {
    struct text head;
    int status;
    const char *why;
};

static void check_refused(const struct refused *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct verdict v = dribble(rows[i].head, rows[i].why);
        cr_expect_eq(v.r, -EBADMSG, "%s: %d", rows[i].why, v.r);
        cr_expect_eq(v.refusal.status, rows[i].status, "%s: %d %s", rows[i].why,
                     v.refusal.status, v.refusal.message);
        cr_expect(v.refusal.code != NULL && v.refusal.code[0] != '\0', "%s", rows[i].why);
        cr_expect(v.refusal.message != NULL && v.refusal.message[0] != '\0', "%s", rows[i].why);
    }
}

static struct http_request read_sound(const char *head, const char *why)
{
    struct verdict v = dribble(text_of(head), why);
    cr_assert_eq(v.r, 1, "%s: %d %s", why, v.refusal.status,
                 v.refusal.message != NULL ? v.refusal.message : "more is wanted");
    return v.request;
}

#define BOOT "7c9e6679-7425-40de-944b-e07fc1f90ae7"
#define ACKNOWLEDGED "Fairuse-Acknowledged: "

Test(http, the_head_of_a_report_is_read)
{
    static const char head[] = LINE HOST "Content-Type: application/json\r\n"
                                         "Content-Length: 1234\r\n"
                                         "Fairuse-Sent-At: 1795300000\r\n"
                                         "fairuse-acknowledged: " BOOT " 51\r\n"
                                         "\r\n{\"format\"";
    struct uuid boot;
    cr_assert_eq(uuid_parse(text_of(BOOT), &boot), 0);
    struct http_request r = read_sound(head, "a report");
    cr_expect_eq(r.method, HTTP_POST);
    cr_expect(text_is(r.path, "/v1/reports"));
    cr_expect_eq(r.head_bytes, sizeof head - 1 - strlen("{\"format\""));
    cr_expect(r.has_length && r.content_length == 1234);
    cr_expect(r.keep_alive && !r.expects_continue && !r.is_forwarded);
    cr_expect(r.has_sent_at && r.sent_at == 1795300000);
    cr_expect(r.acknowledged.is_said && r.acknowledged.counter == 51);
    cr_expect_eq(memcmp(&r.acknowledged.boot, &boot, sizeof boot), 0);
}

Test(http, what_is_not_said_is_not_there)
{
    struct http_request r = read_sound("GET / HTTP/1.1\r\n" HOST "\r\n", "the least");
    cr_expect(r.method == HTTP_GET && text_is(r.path, "/"));
    cr_expect(!r.has_length && r.content_length == 0);
    cr_expect(r.keep_alive && !r.expects_continue && !r.is_forwarded && !r.has_sent_at);
    cr_expect_not(r.acknowledged.is_said);
}

Test(http, up_to_two_empty_lines_may_come_first)
{
    static const char one[] = "\r\nGET / HTTP/1.1\r\n" HOST "\r\n";
    static const char two[] = "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\nGET";
    cr_expect_eq(read_sound(one, "one").head_bytes, sizeof one - 1);
    cr_expect_eq(read_sound(two, "two").head_bytes, sizeof two - 1 - 3);
}

Test(http, methods_and_paths_are_read_as_they_stand)
{
    static const struct {
        const char *line;
        enum http_method method;
        const char *path;
        bool keep_alive;
        const char *why;
    } rows[] = {
        {"GET /metrics HTTP/1.1", HTTP_GET, "/metrics", true, "a page"},
        {"POST /a HTTP/1.1", HTTP_POST, "/a", true, "a report"},
        {"HEAD /a HTTP/1.1", HTTP_OTHER, "/a", false,
         "its answer has no body, so none follows"},
        {"get /a HTTP/1.1", HTTP_OTHER, "/a", false, "methods have their case (RFC 9110 9.1)"},
        {"M-SEARCH!#$%&'*+.^_`|~9 /a HTTP/1.1", HTTP_OTHER, "/a", false, "all of tchar"},
        {"GET /a%2Fb HTTP/1.1", HTTP_GET, "/a%2Fb", true, "never decoded"},
        {"GET //x/../y HTTP/1.1", HTTP_GET, "//x/../y", true, "never tidied"},
        {"GET /-._~!$&'()*+,;=:@ HTTP/1.1", HTTP_GET, "/-._~!$&'()*+,;=:@", true,
         "all of pchar"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf head = BUF_INIT(CAP_HTTP_HEAD);
        buf_printf(&head, "%s\r\n" HOST "\r\n", rows[i].line);
        struct http_request r = read_sound(buf_str(&head), rows[i].why);
        cr_expect_eq(r.method, rows[i].method, "%s", rows[i].why);
        cr_expect(text_is(r.path, rows[i].path), "%s", rows[i].why);
        cr_expect_eq(r.keep_alive, rows[i].keep_alive, "%s", rows[i].why);
    }
}

Test(http, a_field_means_what_it_says)
{
    static const struct {
        const char *field;
        bool keep_alive, expects_continue, is_forwarded;
        int64_t length, sent_at;
        const char *why;
    } rows[] = {
        {"content-LENGTH:7", true, false, false, 7, 0, "names have no case, a space no need"},
        {"Content-Length: \t 7 \t", true, false, false, 7, 0, "white space around"},
        {"Content-Length: 0", true, false, false, 0, 0, "nothing"},
        {"Content-Length: 9223372036854775807", true, false, false, INT64_MAX, 0, "2^63-1"},
        {"Connection: close", false, false, false, 0, 0, "close"},
        {"Connection: TE , ,CLOSE", false, false, false, 0, 0, "one of a list"},
        {"Connection: closed, keep-alive", true, false, false, 0, 0, "another word"},
        {"Connection: a\r\nConnection: close\r\nConnection: b", false, false, false, 0, 0,
         "one of several"},
        {"Expect: 100-Continue\r\nContent-Length: 5", true, true, false, 5, 0, "a body"},
        {"Expect: 100-continue", true, false, false, 0, 0, "no body to go on with"},
        {"Forwarded: for=192.0.2.1", true, false, true, 0, 0, "RFC 7239"},
        {"X-Forwarded-For: 192.0.2.1", true, false, true, 0, 0, "its forerunner"},
        {"x-real-ip: 192.0.2.1", true, false, true, 0, 0, "nginx"},
        {"X-Forwarded-Fo: 192.0.2.1", true, false, false, 0, 0, "a name cut short"},
        {"Fairuse-Sent-At: 253402300799", true, false, false, 0, 253402300799, "the last"},
        {"X-Any: caf\xc3\xa9 \xff \"(,;)\t", true, false, false, 0, 0, "opaque bytes"},
        {"X-Empty:", true, false, false, 0, 0, "an empty value"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf head = BUF_INIT(CAP_HTTP_HEAD);
        buf_printf(&head, LINE HOST "%s\r\n\r\n", rows[i].field);
        struct http_request r = read_sound(buf_str(&head), rows[i].why);
        cr_expect(r.keep_alive == rows[i].keep_alive, "%s", rows[i].why);
        cr_expect(r.expects_continue == rows[i].expects_continue, "%s", rows[i].why);
        cr_expect(r.is_forwarded == rows[i].is_forwarded, "%s", rows[i].why);
        cr_expect_eq(r.content_length, rows[i].length, "%s", rows[i].why);
        cr_expect_eq(r.sent_at, rows[i].sent_at, "%s", rows[i].why);
    }
}

Test(http, hosts_are_names_or_addresses)
{
    static const char *const sound[] = {
        "collector.example",
        "collector.example:8443",
        "collector.example:",
        "203.0.113.9:1",
        "[2001:db8::1]",
        "[2001:db8::1]:443",
        "a_b-c",
        "x%41y",
        "[v1.fe80::a+en1]:8443",
    };
    static const char *const refused[] = {
        "",    ":443", "a b",     "a:b",       "a:1:2",       "::1",  "[::1",      "::1]",
        "[]",  "[]:1", "[::1]x",  "user@host", "http://host", "a/b",  "a?b",       "a#b",
        "a%4", "a%zz", "a,b\x01", "\xc3\xa9",  "a, b",        "a\\b", "[::1%eth0]"};
    for (size_t i = 0; i < ARRAY_LEN(sound); i++) {
        AUTO(buf) struct buf head = BUF_INIT(CAP_HTTP_HEAD);
        buf_printf(&head, LINE "Host: %s\r\n\r\n", sound[i]);
        (void)read_sound(buf_str(&head), sound[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        AUTO(buf) struct buf head = BUF_INIT(CAP_HTTP_HEAD);
        buf_printf(&head, LINE "Host: %s\r\n\r\n", refused[i]);
        struct refused row = {{head.data, head.len}, 400, refused[i]};
        check_refused(&row, 1);
    }
}

Test(http, a_request_line_that_is_none_is_refused)
{
    static const struct refused rows[] = {
        {BYTES("GET / HTTP/1.0\r\n" HOST "\r\n"), 505, "the version before"},
        {BYTES("GET / HTTP/1.2\r\n" HOST "\r\n"), 505, "a version that is not there yet"},
        {BYTES("GET / HTTP/2.0\r\n" HOST "\r\n"), 505, "another framing"},
        {BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505, "the preface of HTTP/2"},
        {BYTES("GET / http/1.1\r\n" HOST "\r\n"), 400, "the version has its case"},
        {BYTES("GET / HTTP/1.10\r\n" HOST "\r\n"), 400, "two digits"},
        {BYTES("GET / HTTP/1\r\n" HOST "\r\n"), 400, "no minor version"},
        {BYTES("GET / HTTP/1,1\r\n" HOST "\r\n"), 400, "no point"},
        {BYTES("GET / HTTP/1.1 \r\n" HOST "\r\n"), 400, "a space behind"},
        {BYTES("GET / HTTP/1.1\t\r\n" HOST "\r\n"), 400, "a tab behind"},
        {BYTES("GET /\r\n" HOST "\r\n"), 400, "HTTP/0.9"},
        {BYTES("GET\r\n" HOST "\r\n"), 400, "one word"},
        {BYTES(" GET / HTTP/1.1\r\n" HOST "\r\n"), 400, "a space in front"},
        {BYTES("GET  / HTTP/1.1\r\n" HOST "\r\n"), 400, "two spaces"},
        {BYTES("GET\t/ HTTP/1.1\r\n" HOST "\r\n"), 400, "a tab between"},
        {BYTES("GET / x HTTP/1.1\r\n" HOST "\r\n"), 400, "four words"},
        {BYTES("G(T / HTTP/1.1\r\n" HOST "\r\n"), 400, "no tchar"},
        {BYTES("G\0T / HTTP/1.1\r\n" HOST "\r\n"), 400, "a NUL in the method"},
        {BYTES("G\xc3\xa9T / HTTP/1.1\r\n" HOST "\r\n"), 400, "not ASCII"},
        {BYTES("\x16\x03\x01 / HTTP/1.1\r\n" HOST "\r\n"), 400, "TLS in TLS"},
        {BYTES("\r\n\r\n\r\n"), 400, "three empty lines"},
        {BYTES("Host: a\r\n\r\n"), 400, "no request line"},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

Test(http, a_target_that_is_no_plain_path_is_refused)
{
    static const struct refused rows[] = {
        {BYTES("GET http://collector.example/ HTTP/1.1\r\n" HOST "\r\n"), 400,
         "absolute form: a second opinion of the host"},
        {BYTES("CONNECT collector.example:443 HTTP/1.1\r\n" HOST "\r\n"), 400,
         "authority form"},
        {BYTES("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"), 400, "asterisk form"},
        {BYTES("GET v1/reports HTTP/1.1\r\n" HOST "\r\n"), 400, "no slash in front"},
        {BYTES("GET /a?b=1 HTTP/1.1\r\n" HOST "\r\n"), 400, "a query"},
        {BYTES("GET /a? HTTP/1.1\r\n" HOST "\r\n"), 400, "an empty query"},
        {BYTES("GET /a#b HTTP/1.1\r\n" HOST "\r\n"), 400, "a fragment"},
        {BYTES("GET /a%4 HTTP/1.1\r\n" HOST "\r\n"), 400, "half an escape"},
        {BYTES("GET /a% HTTP/1.1\r\n" HOST "\r\n"), 400, "the beginning of an escape"},
        {BYTES("GET /a%0g HTTP/1.1\r\n" HOST "\r\n"), 400, "no hex digit"},
        {BYTES("GET /a\\b HTTP/1.1\r\n" HOST "\r\n"), 400, "a slash to some"},
        {BYTES("GET /a\0b HTTP/1.1\r\n" HOST "\r\n"), 400, "an end to some"},
        {BYTES("GET /a\x7f HTTP/1.1\r\n" HOST "\r\n"), 400, "DEL"},
        {BYTES("GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n"), 400, "not ASCII"},
        {BYTES("GET /<a> HTTP/1.1\r\n" HOST "\r\n"), 400, "a character that no URI has"},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

/* Each has been a way to let two programs see two different requests in the same bytes. */
Test(http, what_has_two_readings_is_refused)
{
    static const struct refused rows[] = {
        {BYTES(LINE HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"), 400,
         "two lengths: the first or the last?"},
        {BYTES(LINE HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n"), 400,
         "equal ones too"},
        {BYTES(LINE HOST "Content-Length: 5\r\ncontent-length: 5\r\n\r\n"), 400,
         "whatever case"},
        {BYTES(LINE HOST "Content-Length: 5, 5\r\n\r\n"), 400, "two in one field"},
        {BYTES(LINE HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"), 400,
         "length or chunks?"},
        {BYTES(LINE HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"), 400,
         "the other way round"},
        {BYTES(LINE HOST "Transfer-Encoding: x\r\nContent-Length: 5\r\n\r\n"), 400,
         "a coding nobody knows"},
        {BYTES(LINE HOST "Transfer-Encoding: chunked\r\n\r\n"), 411, "chunks alone"},
        {BYTES(LINE HOST "Transfer-Encoding: Chunked\r\n\r\n"), 411, "codings have no case"},
        {BYTES(LINE HOST "Transfer-Encoding: xchunked\r\n\r\n"), 501, "not quite chunks"},
        {BYTES(LINE HOST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501, "a list"},
        {BYTES(LINE HOST "Transfer-Encoding: chunked, identity\r\n\r\n"), 501, "hidden chunks"},
        {BYTES(LINE HOST "Transfer-Encoding: identity\r\n\r\n"), 501, "RFC 2616's no coding"},
        {BYTES(LINE HOST "Transfer-Encoding:\r\n\r\n"), 501, "an empty coding"},
        {BYTES(LINE HOST "Transfer-Encoding: \x0b"
                         "chunked\r\n\r\n"),
         400, "a vertical tab"},
        {BYTES(LINE HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n"), 501,
         "two"},
        {BYTES(LINE HOST "Transfer-Encoding : chunked\r\n\r\n"), 400,
         "a space before the colon"},
        {BYTES(LINE HOST "Transfer-Encoding\t: chunked\r\n\r\n"), 400, "a tab before it"},
        {BYTES(LINE HOST " Transfer-Encoding: chunked\r\n\r\n"), 400, "folded onto Host"},
        {BYTES(LINE " X: y\r\n" HOST "\r\n"), 400, "a space behind the request line"},
        {BYTES(LINE HOST "X: y\r\n\tContent-Length: 5\r\n\r\n"), 400, "folded with a tab"},
        {BYTES(LINE HOST "X: y\r\n \r\n\r\n"), 400, "a line of white space"},
        {BYTES(LINE HOST "X: y\nContent-Length: 5\r\n\r\n"), 400,
         "LF alone ends a line to some"},
        {BYTES(LINE HOST "X: y\rContent-Length: 5\r\n\r\n"), 400, "CR alone to others"},
        {BYTES(LINE HOST "X: y\r\n\n"), 400, "LF alone ends the head to some"},
        {BYTES(LINE HOST "X: y\r\n\rZ: 1\r\n\r\n"), 400, "CR alone in front of a name"},
        {BYTES(LINE HOST "X: y\r\r\n\r\n"), 400, "a CR too many"},
        {BYTES("GET / HTTP/1.1\n" HOST "\r\n"), 400, "LF alone behind the request line"},
        {BYTES("\nGET / HTTP/1.1\r\n" HOST "\r\n"), 400, "an empty line of LF alone"},
        {BYTES("\rGET / HTTP/1.1\r\n" HOST "\r\n"), 400, "a CR in front of the request line"},
        {BYTES(LINE HOST "X: a\0b\r\n\r\n"), 400, "NUL ends a value to some"},
        {BYTES(LINE HOST HOST "\r\n"), 400, "whose host?"},
        {BYTES(LINE HOST "host: other.example\r\n\r\n"), 400, "another host"},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

Test(http, a_field_that_is_none_is_refused)
{
    static const struct refused rows[] = {
        {BYTES(LINE "\r\n"), 400, "no Host at all"},
        {BYTES(LINE "X-Host: a\r\n\r\n"), 400, "another field"},
        {BYTES(LINE HOST "X\r\n\r\n"), 400, "no colon"},
        {BYTES(LINE HOST ": y\r\n\r\n"), 400, "no name"},
        {BYTES(LINE HOST "X y: z\r\n\r\n"), 400, "a space in the name"},
        {BYTES(LINE HOST "X\0: z\r\n\r\n"), 400, "a NUL in the name"},
        {BYTES(LINE HOST "X(1): z\r\n\r\n"), 400, "no tchar"},
        {BYTES(LINE HOST "\xc3\xa9: z\r\n\r\n"), 400, "not ASCII"},
        {BYTES(LINE HOST "X: \x1b[2J\r\n\r\n"), 400, "an escape sequence"},
        {BYTES(LINE HOST "X: a\x7f\r\n\r\n"), 400, "DEL"},
        {BYTES(LINE HOST "Content-Length:\r\n\r\n"), 400, "an empty length"},
        {BYTES(LINE HOST "Content-Length: +5\r\n\r\n"), 400, "a sign"},
        {BYTES(LINE HOST "Content-Length: -5\r\n\r\n"), 400, "less than nothing"},
        {BYTES(LINE HOST "Content-Length: -9223372036854775809\r\n\r\n"), 400, "far less"},
        {BYTES(LINE HOST "Content-Length: 05\r\n\r\n"), 400, "octal to some"},
        {BYTES(LINE HOST "Content-Length: 0x5\r\n\r\n"), 400, "hexadecimal to some"},
        {BYTES(LINE HOST "Content-Length: 5 5\r\n\r\n"), 400, "a space within"},
        {BYTES(LINE HOST "Content-Length: 5.0\r\n\r\n"), 400, "a real number"},
        {BYTES(LINE HOST "Content-Length: 9223372036854775808\r\n\r\n"), 413, "2^63"},
        {BYTES(LINE HOST "Content-Length: 99999999999999999999999999\r\n\r\n"), 413,
         "10^26 - 1"},
        {BYTES(LINE HOST "Expect: 101-continue\r\n\r\n"), 417, "another expectation"},
        {BYTES(LINE HOST "Expect:\r\n\r\n"), 417, "an empty one"},
        {BYTES(LINE HOST "Expect: 100-continue, x=y\r\n\r\n"), 417, "one more"},
        {BYTES(LINE HOST "Connection: a b\r\n\r\n"), 400, "no list of words"},
        {BYTES(LINE HOST "Connection: clo\"se\"\r\n\r\n"), 400, "quotes"},
        {BYTES(LINE HOST "Fairuse-Sent-At: 1\r\nFairuse-Sent-At: 1\r\n\r\n"), 400,
         "two clocks"},
        {BYTES(LINE HOST "Fairuse-Sent-At:\r\n\r\n"), 400, "no time"},
        {BYTES(LINE HOST "Fairuse-Sent-At: -1\r\n\r\n"), 400, "before 1970"},
        {BYTES(LINE HOST "Fairuse-Sent-At: 253402300800\r\n\r\n"), 400, "the year 10000"},
        {BYTES(LINE HOST "Fairuse-Sent-At: 1795300000.5\r\n\r\n"), 400, "half a second"},
        {BYTES(LINE HOST "Fairuse-Sent-At: 2026-11-22\r\n\r\n"), 400, "a date"},
        {BYTES(LINE HOST ACKNOWLEDGED BOOT " 1\r\n" ACKNOWLEDGED BOOT " 1\r\n\r\n"), 400,
         "two reports"},
        {BYTES(LINE HOST ACKNOWLEDGED "\r\n\r\n"), 400, "no report"},
        {BYTES(LINE HOST ACKNOWLEDGED "51\r\n\r\n"), 400, "of no run"},
        {BYTES(LINE HOST ACKNOWLEDGED BOOT "\r\n\r\n"), 400, "a run alone"},
        {BYTES(LINE HOST ACKNOWLEDGED BOOT " 0\r\n\r\n"), 400, "counters begin with 1"},
        {BYTES(LINE HOST ACKNOWLEDGED BOOT " 9007199254740993\r\n\r\n"), 400, "2^53 + 1"},
        {BYTES(LINE HOST ACKNOWLEDGED BOOT "  1\r\n\r\n"), 400, "two blanks"},
        {BYTES(LINE HOST ACKNOWLEDGED BOOT " 1 2\r\n\r\n"), 400, "two counters"},
        {BYTES(LINE HOST ACKNOWLEDGED BOOT " 1.0\r\n\r\n"), 400, "a real number"},
        {BYTES(LINE HOST ACKNOWLEDGED "7C9E6679-7425-40DE-944B-E07FC1F90AE7 1\r\n\r\n"), 400,
         "upper case"},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

/* A head of n bytes, or the beginning of one that is longer. */
static void fill_head(struct buf *out, const char *before, size_t n, const char *after)
{
    buf_reset(out);
    buf_add_str(out, before);
    while (out->len + strlen(after) < n)
        buf_add_char(out, 'a');
    buf_add_str(out, after);
    cr_assert(buf_error(out) == 0 && out->len == n);
}

Test(http, a_head_of_8192_bytes_is_the_largest)
{
    AUTO(buf) struct buf head = BUF_INIT(2 * (size_t)CAP_HTTP_HEAD);
    struct verdict v = {.r = 0};
    fill_head(&head, LINE HOST "X: ", 8192, "\r\n\r\n");
    v.r = parse_first((struct text){head.data, head.len}, 8192, &v.request, &v.refusal);
    cr_expect(v.r == 1 && v.request.head_bytes == 8192);

    fill_head(&head, LINE HOST "X: ", 8193, "\r\n\r\n");
    v.r = parse_first((struct text){head.data, head.len}, 8191, &v.request, &v.refusal);
    cr_expect_eq(v.r, 0, "it may still end in time");
    for (size_t n = 8192; n <= 8193; n++) {
        v.r = parse_first((struct text){head.data, head.len}, n, &v.request, &v.refusal);
        cr_expect(v.r == -EBADMSG && v.refusal.status == 431, "%zu bytes", n);
        cr_expect_str_eq(v.refusal.code, "head-too-large");
    }
}

Test(http, a_request_line_without_end_is_too_long)
{
    AUTO(buf) struct buf head = BUF_INIT(2 * (size_t)CAP_HTTP_HEAD);
    struct verdict v = {.r = 0};
    fill_head(&head, "GET /", 8192, "");
    v.r = parse_first((struct text){head.data, head.len}, 8191, &v.request, &v.refusal);
    cr_expect_eq(v.r, 0);
    v.r = parse_first((struct text){head.data, head.len}, 8192, &v.request, &v.refusal);
    cr_expect(v.r == -EBADMSG && v.refusal.status == 414);
    cr_expect_str_eq(v.refusal.code, "path-too-long");
}

Test(http, sixty_four_fields_are_the_most)
{
    for (int count = 64; count <= 65; count++) {
        AUTO(buf) struct buf head = BUF_INIT(CAP_HTTP_HEAD);
        buf_add_str(&head, LINE HOST);
        for (int i = 1; i < count; i++)
            buf_printf(&head, "X-%d: y\r\n", i);
        buf_add_str(&head, "\r\n");
        struct verdict v = dribble((struct text){head.data, head.len}, "many fields");
        cr_expect_eq(v.r, count == 64 ? 1 : -EBADMSG, "%d fields", count);
        cr_expect_eq(v.refusal.status, count == 64 ? 0 : 431, "%d fields", count);
    }
}

Test(http, a_refusal_leaves_the_request_untouched)
{
    struct http_request r = {.head_bytes = 77};
    struct http_refusal refusal;
    cr_expect_eq(http_parse_head(text_of("GET / HTTP/1.0\r\n\r\n"), &r, &refusal), -EBADMSG);
    cr_expect_eq(http_parse_head(text_of("GET / HTTP/1.1\r\n"), &r, &refusal), 0);
    cr_expect_eq(http_parse_head((struct text){NULL, 0}, &r, &refusal), 0);
    cr_expect_eq(r.head_bytes, 77);
}

Test(http, an_answer_says_its_length_and_what_comes_next)
{
    static const struct {
        struct http_answer answer;
        const char *bytes, *why;
    } rows[] = {
        {{200, {784111777}, "application/json", BYTES("{\"accepted\":true}"), true, 0, NULL},
         "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: "
         "application/json\r\nContent-Length: 17\r\n\r\n"
         "{\"accepted\":true}",
         "kept alive"},
        {{503, {0}, "application/json", BYTES("{}"), false, 30, NULL},
         "HTTP/1.1 503 Service Unavailable\r\nDate: Thu, 01 Jan 1970 00:00:00 "
         "GMT\r\nContent-Type: application/json\r\n"
         "Content-Length: 2\r\nRetry-After: 30\r\nConnection: close\r\n\r\n{}",
         "try again"},
        {{405, {951782399}, NULL, {NULL, 0}, false, 0, "POST"},
         "HTTP/1.1 405 Method Not Allowed\r\nDate: Mon, 28 Feb 2000 23:59:59 "
         "GMT\r\nContent-Length: 0\r\nAllow: POST\r\n"
         "Connection: close\r\n\r\n",
         "no body"},
        {{200, {951868799}, "application/octet-stream", BYTES("a\0b"), true, 0, NULL},
         NULL,
         "any bytes"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf out = BUF_INIT(CAP_HTTP_ANSWER);
        http_put_answer(&rows[i].answer, &out);
        cr_assert_eq(buf_error(&out), 0);
        if (rows[i].bytes != NULL)
            cr_expect_str_eq(buf_str(&out), rows[i].bytes, "%s", rows[i].why);
        else
            cr_expect(out.len > 4 && memcmp(out.data + out.len - 4, "\na\0b", 4) == 0);
    }
}

Test(http, every_status_that_is_sent_has_its_reason)
{
    static const int sent[] = {100, 200, 400, 401, 403, 404, 405, 408, 411,
                               413, 414, 417, 429, 431, 500, 501, 503, 505};
    for (size_t i = 0; i < ARRAY_LEN(sent); i++)
        cr_expect(strcmp(http_reason(sent[i]), "Unknown") != 0, "%d", sent[i]);
    cr_expect_str_eq(http_reason(404), "Not Found");
    cr_expect_str_eq(http_reason(299), "Unknown");
    cr_expect_str_eq(http_reason(0), "Unknown");
}
