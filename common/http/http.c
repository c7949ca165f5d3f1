/* The strict part of HTTP/1.1: heads of requests, whole answers. */
#include "http/http.h"

#include <errno.h>
#include <string.h>

#include "base/times.h"

enum { MOST_EMPTY_LINES = 2 };

static const struct {
    int status;
    const char *reason;
    const char *code; /* of those with which a head can be refused */
} statuses[] = {
    {100, "Continue", NULL},
    {200, "OK", NULL},
    {400, "Bad Request", "bad-request"},
    {401, "Unauthorized", NULL},
    {403, "Forbidden", NULL},
    {404, "Not Found", NULL},
    {405, "Method Not Allowed", NULL},
    {408, "Request Timeout", NULL},
    {409, "Conflict", NULL},
    {411, "Length Required", "length-required"},
    {413, "Content Too Large", "too-large"},
    {414, "URI Too Long", "path-too-long"},
    {417, "Expectation Failed", "bad-expectation"},
    {422, "Unprocessable Content", NULL},
    {429, "Too Many Requests", NULL},
    {431, "Request Header Fields Too Large", "head-too-large"},
    {500, "Internal Server Error", NULL},
    {501, "Not Implemented", "not-implemented"},
    {503, "Service Unavailable", NULL},
    {505, "HTTP Version Not Supported", "bad-version"},
};

static int refuse(struct http_refusal *ret, int status, const char *message)
{
    *ret = (struct http_refusal){status, "bad-request", message};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        if (statuses[i].status == status && statuses[i].code != NULL)
            ret->code = statuses[i].code;
    }
    return -EBADMSG;
}

/* ---- Characters, without a locale -------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* RFC 9110 5.6.2: tchar. */
static bool is_token(struct text t)
{
    for (size_t i = 0; i < t.n; i++) {
        if (!is_alnum(t.p[i]) && !is_one_of(t.p[i], "!#$%&'*+-.^_`|~"))
            return false;
    }
    return t.n > 0;
}

/* RFC 9110 5.5: field-value; bytes above 0x7f are opaque. */
static bool is_value(struct text t)
{
    for (size_t i = 0; i < t.n; i++) {
        uint8_t c = (uint8_t)t.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* Letters, digits, %XX, and what of RFC 3986's other characters is in `set`. */
static bool is_uri_part(struct text t, const char *set)
{
    uint8_t decoded;
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] == '%') {
            if (t.n - i < 3 || text_from_hex((struct text){t.p + i + 1, 2}, &decoded, 1) != 0)
                return false;
            i += 2;
        } else if (!is_alnum(t.p[i]) && !is_one_of(t.p[i], set)) {
            return false;
        }
    }
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* `name` is in lower case. */
static bool is_named(struct text t, const char *name)
{
    if (t.n != strlen(name))
        return false;
    for (size_t i = 0; i < t.n; i++) {
        if (lower(t.p[i]) != name[i])
            return false;
    }
    return true;
}

static struct text trim(struct text t)
{
    while (t.n > 0 && is_one_of(t.p[0], " \t"))
        t = (struct text){t.p + 1, t.n - 1};
    while (t.n > 0 && is_one_of(t.p[t.n - 1], " \t"))
        t.n--;
    return t;
}

/* Cuts off what stands before the first `mark`, which is dropped; all, where there is none. */
static struct text cut(struct text *rest, char mark)
{
    const char *at = rest->n > 0 ? memchr(rest->p, mark, rest->n) : NULL;
    struct text before = *rest;
    if (at == NULL) {
        *rest = (struct text){rest->p + rest->n, 0};
        return before;
    }
    before.n = (size_t)(at - rest->p);
    *rest = (struct text){at + 1, rest->n - before.n - 1};
    return before;
}

/* ---- Where the head is ------------------------------------------------------------------- */

/*
 * The length of the line at the beginning of `t`, without its CR LF. 1; 0 = its end is not
 * there yet; -EBADMSG: a CR without its LF, or the other way round.
 */
static int line_length(struct text t, size_t *ret, struct http_refusal *reterr)
{
    if (t.n == 0)
        return 0;
    const char *lf = memchr(t.p, '\n', t.n);
    const char *cr = memchr(t.p, '\r', lf != NULL ? (size_t)(lf - t.p) : t.n);
    if (cr != NULL && cr != (lf != NULL ? lf : t.p + t.n) - 1)
        return refuse(reterr, 400, "a carriage return stands by itself");
    if (lf == NULL)
        return 0;
    if (cr == NULL)
        return refuse(reterr, 400, "a line does not end with CR LF");
    *ret = (size_t)(cr - t.p);
    return 1;
}

/* The head's lines, from the request line to the last field, each with its CR LF. Returns as
 * http_parse_head() does. */
static int find_lines(struct text so_far, struct text *ret, struct http_refusal *reterr)
{
    size_t limit = so_far.n < CAP_HTTP_HEAD ? so_far.n : CAP_HTTP_HEAD;
    size_t at = 0, start = 0, length = 0, empty_count = 0;
    bool has_begun = false;
    for (;;) {
        int r = line_length((struct text){so_far.p + at, limit - at}, &length, reterr);
        if (r < 0)
            return r;
        if (r == 0)
            break;
        if (length > 0 && !has_begun) {
            has_begun = true;
            start = at;
        } else if (length == 0 && has_begun) {
            *ret = (struct text){so_far.p + start, at - start};
            return 1;
        } else if (length == 0 && ++empty_count > MOST_EMPTY_LINES) {
            return refuse(reterr, 400, "there is no request line");
        }
        at += length + 2;
    }
    if (so_far.n < CAP_HTTP_HEAD)
        return 0;
    return has_begun ? refuse(reterr, 431, "the head is larger than 8192 bytes")
                     : refuse(reterr, 414, "the request line is longer than 8192 bytes");
}
static_assert(CAP_HTTP_HEAD == 8192, "the sentences above say so");

/* ---- The request line -------------------------------------------------------------------- */

static int check_version(struct text version, struct http_refusal *reterr)
{
    bool is_version = version.n == 8 && memcmp(version.p, "HTTP/", 5) == 0 &&
                      is_digit(version.p[5]) && version.p[6] == '.' && is_digit(version.p[7]);
    if (!is_version)
        return refuse(reterr, 400, "the request line is not METHOD PATH HTTP/1.1");
    if (!text_is(version, "HTTP/1.1")) /* HTTP/2's preface is such a line too */
        return refuse(reterr, 505, "only HTTP/1.1 is spoken here");
    return 0;
}

static int check_path(struct text path, struct http_refusal *reterr)
{
    if (path.n == 0 || path.p[0] != '/')
        return refuse(reterr, 400, "the target is not a path that begins with /");
    if (memchr(path.p, '?', path.n) != NULL)
        return refuse(reterr, 400, "the path has a query, which nothing here takes");
    if (memchr(path.p, '#', path.n) != NULL)
        return refuse(reterr, 400, "the path has a fragment");
    if (!is_uri_part(path, "-._~!$&'()*+,;=:@/"))
        return refuse(reterr, 400, "the path has a character that must be escaped");
    return 0;
}

static int read_request_line(struct text line, struct http_request *ret,
                             struct http_refusal *reterr)
{
    struct text rest = line;
    struct text method = cut(&rest, ' ');
    struct text path = cut(&rest, ' ');
    int r = check_version(rest, reterr);
    if (r < 0)
        return r;
    if (!is_token(method))
        return refuse(reterr, 400, "the method is not a word");
    ret->method = text_is(method, "GET")    ? HTTP_GET
                  : text_is(method, "POST") ? HTTP_POST
                                            : HTTP_OTHER;
    ret->path = path;
    return check_path(path, reterr);
}

/* ---- The fields that mean something here --------------------------------------------------
 */

struct head {
    struct http_request request;
    bool has_host, has_expect;
    bool has_coding, is_chunked; /* Transfer-Encoding; it is "chunked" and nothing else */
    struct http_refusal *reterr;
};

/* RFC 9110 7.2: uri-host [":" port], of which the host is not empty in any https URI. */
static bool is_host(struct text t)
{
    size_t n = t.n;
    while (n > 0 && is_digit(t.p[n - 1]))
        n--;
    if (n > 0 && t.p[n - 1] == ':')
        t.n = n - 1;
    if (t.n > 2 && t.p[0] == '[' && t.p[t.n - 1] == ']')
        return is_uri_part((struct text){t.p + 1, t.n - 2}, ":.-_~!$&'()*+,;=");
    return t.n > 0 && is_uri_part(t, "-._~!$&'()*+,;=");
}

static int take_host(struct head *h, struct text value)
{
    if (h->has_host)
        return refuse(h->reterr, 400, "Host is said twice");
    if (!is_host(value))
        return refuse(h->reterr, 400, "Host is not a host with or without a port");
    h->has_host = true;
    return 0;
}

/* RFC 9110 8.6 lets equal ones pass; nobody who is honest sends them. */
static int take_length(struct head *h, struct text value)
{
    if (h->request.has_length)
        return refuse(h->reterr, 400, "Content-Length is said twice");
    bool is_number = value.n > 0 && is_digit(value.p[0]);
    int r = text_to_int(value, 0, INT64_MAX, &h->request.content_length);
    if (is_number && r == -ERANGE)
        return refuse(h->reterr, 413, "Content-Length is larger than anything");
    if (r < 0)
        return refuse(h->reterr, 400, "Content-Length is not a plain number");
    h->request.has_length = true;
    return 0;
}

static int take_coding(struct head *h, struct text value)
{
    h->is_chunked = !h->has_coding && is_named(value, "chunked");
    h->has_coding = true;
    return 0;
}

static int take_connection(struct head *h, struct text value)
{
    while (value.n > 0) {
        struct text option = trim(cut(&value, ','));
        if (option.n > 0 && !is_token(option)) /* RFC 9110 5.6.1.2: empty ones are nothing */
            return refuse(h->reterr, 400, "Connection is not a list of words");
        if (is_named(option, "close"))
            h->request.keep_alive = false;
    }
    return 0;
}

static int take_expect(struct head *h, struct text value)
{
    if (!is_named(value, "100-continue"))
        return refuse(h->reterr, 417, "nothing but 100-continue can be expected");
    h->has_expect = true;
    return 0;
}

static int take_sent_at(struct head *h, struct text value)
{
    if (h->request.has_sent_at)
        return refuse(h->reterr, 400, "Fairuse-Sent-At is said twice");
    if (text_to_int(value, 0, WALL_MAX.s, &h->request.sent_at) < 0)
        return refuse(h->reterr, 400, "Fairuse-Sent-At is not a Unix time");
    h->request.has_sent_at = true;
    return 0;
}

/* BOOT_ID COUNTER, as a report says them, with one blank between them. */
static int take_acknowledged(struct head *h, struct text value)
{
    struct http_acknowledged *a = &h->request.acknowledged;
    if (a->is_said)
        return refuse(h->reterr, 400, "Fairuse-Acknowledged is said twice");
    struct text boot = cut(&value, ' ');
    if (uuid_parse(boot, &a->boot) < 0 ||
        text_to_int(value, 1, INT64_C(1) << 53, &a->counter) < 0)
        return refuse(h->reterr, 400, "Fairuse-Acknowledged is not a boot_id and a counter");
    a->is_said = true;
    return 0;
}

static int take_forwarded(struct head *h, struct text value)
{
    (void)value; /* what it says is believed of nobody: the PROXY protocol is for that */
    h->request.is_forwarded = true;
    return 0;
}

static const struct {
    const char *name;
    int (*take)(struct head *h, struct text value);
} fields[] = {
    {"host", take_host},
    {"content-length", take_length},
    {"transfer-encoding", take_coding},
    {"connection", take_connection},
    {"expect", take_expect},
    {"fairuse-sent-at", take_sent_at},
    {"fairuse-acknowledged", take_acknowledged},
    {"forwarded", take_forwarded},
    {"x-forwarded-for", take_forwarded},
    {"x-real-ip", take_forwarded},
};

static int read_field(struct head *h, struct text line)
{
    if (is_one_of(line.p[0], " \t"))
        return refuse(h->reterr, 400, "a field is folded, or begins with white space");
    bool has_colon = memchr(line.p, ':', line.n) != NULL;
    struct text name = cut(&line, ':');
    struct text value = trim(line);
    if (!has_colon || !is_token(name)) /* white space before the colon is no token either */
        return refuse(h->reterr, 400, "a field is not NAME: VALUE");
    if (!is_value(value))
        return refuse(h->reterr, 400, "a field has a control character");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (is_named(name, fields[i].name))
            return fields[i].take(h, value);
    }
    return 0;
}

/* What only all of the fields together tell, so that their order does not matter. */
static int settle(struct head *h)
{
    struct http_request *r = &h->request;
    if (!h->has_host)
        return refuse(h->reterr, 400, "Host is missing");
    if (h->has_coding && r->has_length)
        return refuse(h->reterr, 400,
                      "Content-Length and Transfer-Encoding exclude each other");
    if (h->is_chunked)
        return refuse(h->reterr, 411, "a body needs its Content-Length; chunks are not taken");
    if (h->has_coding)
        return refuse(h->reterr, 501, "Transfer-Encoding is not taken");
    if (r->method == HTTP_OTHER)
        r->keep_alive = false;
    r->expects_continue = h->has_expect && r->content_length > 0;
    return 0;
}

/* The next line; each ends with CR LF, and no other CR or LF is left. */
static struct text take_line(struct text *lines)
{
    struct text line = cut(lines, '\n');
    line.n--;
    return line;
}

int http_parse_head(struct text so_far, struct http_request *ret, struct http_refusal *reterr)
{
    struct text lines = so_far;
    if (so_far.n == 0)
        return 0;
    int r = find_lines(so_far, &lines, reterr);
    if (r <= 0)
        return r;
    struct head h = {.request = {.keep_alive = true}, .reterr = reterr};
    h.request.head_bytes = (size_t)(lines.p - so_far.p) + lines.n + 2;
    r = read_request_line(take_line(&lines), &h.request, reterr);
    if (r < 0)
        return r;
    for (size_t count = 0; lines.n > 0; count++) {
        if (count == CAP_HTTP_FIELDS)
            return refuse(reterr, 431, "there are more than 64 fields");
        r = read_field(&h, take_line(&lines));
        if (r < 0)
            return r;
    }
    r = settle(&h);
    if (r < 0)
        return r;
    *ret = h.request;
    return 1;
}
static_assert(CAP_HTTP_FIELDS == 64, "the sentence above says so");

/* ---- Answers ----------------------------------------------------------------------------- */

const char *http_reason(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        if (statuses[i].status == status)
            return statuses[i].reason;
    }
    return "Unknown";
}

/* IMF-fixdate (RFC 9110 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". */
static void put_date(wall_t at, struct buf *out)
{
    static const char week_days[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t days = at.s / 86400, second = at.s % 86400, year;
    int month, day;

    civil_from_days(days, &year, &month, &day);
    buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", week_days[days % 7], day,
               months[month - 1], (int)year, (int)(second / 3600), (int)(second / 60 % 60),
               (int)(second % 60));
}

void http_put_answer(const struct http_answer *a, struct buf *out)
{
    assert(a->status >= 200 && a->status <= 599); /* those that have a length */
    assert(a->type != NULL || a->body.n == 0);
    assert(a->date.s >= 0 && a->date.s <= WALL_MAX.s);
    buf_printf(out, "HTTP/1.1 %d %s\r\n", a->status, http_reason(a->status));
    put_date(a->date, out);
    if (a->type != NULL)
        buf_printf(out, "Content-Type: %s\r\n", a->type);
    buf_printf(out, "Content-Length: %zu\r\n", a->body.n);
    if (a->retry_after_seconds > 0) {
        buf_add_str(out, "Retry-After: ");
        buf_add_int(out, a->retry_after_seconds);
        buf_add_str(out, "\r\n");
    }
    if (a->allow != NULL)
        buf_printf(out, "Allow: %s\r\n", a->allow);
    if (!a->keep_alive)
        buf_add_str(out, "Connection: close\r\n");
    buf_add_str(out, "\r\n");
    buf_add(out, a->body.p, a->body.n);
}
