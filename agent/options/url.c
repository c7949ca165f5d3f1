/* The URLs among the agent's settings. */
#include "options/url.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "table/forms.h"

enum { HTTPS_PORT = 443, PORT_MAX = 65535 };

static const char unreserved[] = "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789-._~"; /* RFC 3986 2.3 */

/* HOST[:PORT] of a URL. */
struct place {
    char host[TABLE_TEXT_SIZE];
    bool is_ipv6; /* stands in brackets */
    int64_t port; /* 0 = not said */
};

/* Takes `start` (in lower case) from the beginning of a text, where it stands there. */
static bool take_start(struct text *t, const char *start)
{
    size_t n = strlen(start);
    if (t->n < n || strncasecmp(t->p, start, n) != 0)
        return false;
    *t = (struct text){t->p + n, t->n - n};
    return true;
}

/* Takes what stands before the first `c`, or all; whether it was there. */
static bool take_until(struct text *t, char c, struct text *ret)
{
    const char *end = t->n > 0 ? memchr(t->p, c, t->n) : NULL;
    *ret = (struct text){t->p, end ? (size_t)(end - t->p) : t->n};
    if (end)
        *t = (struct text){end + 1, t->n - ret->n - 1};
    return end != NULL;
}

static int bracketed_parse(struct text t, struct place *ret)
{
    struct addr a;
    int r = addr_parse(t, &a);
    if (r < 0 || a.family != ADDR_IPV6) /* a mapped one would lose its brackets on the way */
        return -EBADMSG;
    char text[ADDR_TEXT_SIZE];
    (void)snprintf(ret->host, sizeof ret->host, "%s", addr_format(&a, text));
    ret->is_ipv6 = true;
    return 0;
}

static int place_parse(struct text t, struct place *ret)
{
    struct text host;
    int r;
    *ret = (struct place){.port = 0};
    if (take_start(&t, "[")) {
        r = take_until(&t, ']', &host) ? bracketed_parse(host, ret) : -EBADMSG;
        if (r < 0 || t.n == 0)
            return r;
        if (!take_start(&t, ":"))
            return -EBADMSG;
    } else {
        bool has_port = take_until(&t, ':', &host);
        r = form_host(host, ret->host);
        if (r < 0 || !has_port)
            return r;
    }
    return text_to_int(t, 1, PORT_MAX, &ret->port) < 0 ? -EBADMSG : 0;
}

/* snprintf into a form's output: all of it, or -EBADMSG. */
static int put(char ret[static TABLE_TEXT_SIZE], const char *fmt, ...) PRINTF_LIKE(2, 3);
static int put(char ret[static TABLE_TEXT_SIZE], const char *fmt, ...)
{
    char text[TABLE_TEXT_SIZE];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        return -EBADMSG;
    memcpy(ret, text, (size_t)n + 1);
    return 0;
}

#define PLACE_TEXT_SIZE (TABLE_TEXT_SIZE + 16)
static const char *place_format(const struct place *p, char out[static PLACE_TEXT_SIZE])
{
    char port[16] = "";
    if (p->port != 0)
        (void)snprintf(port, sizeof port, ":%" PRId64, p->port);
    (void)snprintf(out, PLACE_TEXT_SIZE, p->is_ipv6 ? "[%s]%s" : "%s%s", p->host, port);
    return out;
}

static bool is_made_of(struct text t, const char *set)
{
    for (size_t i = 0; i < t.n; i++)
        if (t.p[i] == '\0' || !strchr(set, t.p[i]))
            return false;
    return true;
}

/* "a/b/c": no part empty, none that leads elsewhere. */
static bool path_is_sound(struct text t)
{
    for (bool more = true; more;) {
        struct text part;
        more = take_until(&t, '/', &part);
        if (part.n == 0 || !is_made_of(part, unreserved) || text_is(part, ".") ||
            text_is(part, ".."))
            return false;
    }
    return true;
}

static int collector_parse(struct text t, struct place *ret, struct text *ret_path)
{
    struct text authority;
    if (!take_start(&t, "https://"))
        return -EBADMSG;
    bool has_path = take_until(&t, '/', &authority);
    if (!has_path)
        t.n = 0;
    if (t.n > 1 && t.p[t.n - 1] == '/')
        t.n--;
    if (t.n > 0 && !path_is_sound(t))
        return -EBADMSG;
    *ret_path = t;
    return place_parse(authority, ret);
}

int url_form_collector(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    struct place place;
    struct text path;
    char text[PLACE_TEXT_SIZE];
    int r = collector_parse(t, &place, &path);
    if (r < 0)
        return r;
    if (place.port == HTTPS_PORT)
        place.port = 0;
    if (path.n >= TABLE_TEXT_SIZE)
        return -EBADMSG;
    return put(ret, "https://%s%s%.*s", place_format(&place, text), path.n > 0 ? "/" : "",
               (int)path.n, path.p);
}

int url_host(struct text t, struct url_host *ret)
{
    struct place place;
    struct text path;
    int r = collector_parse(t, &place, &path);
    if (r < 0)
        return r;
    memcpy(ret->name, place.host, sizeof ret->name);
    ret->port = place.port != 0 ? (uint16_t)place.port : HTTPS_PORT;
    return 0;
}

/* RFC 3986 3.2.1 without the colon. */
static bool is_user_info(struct text t)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    static const char plain[] = "!$&'()*+,;=";
    for (size_t i = 0; i < t.n; i++) {
        struct text one = {t.p + i, 1}, two = {t.p + i + 1, 2};
        if (t.p[i] == '%' && t.n - i > 2 && is_made_of(two, hex))
            i += 2;
        else if (!is_made_of(one, unreserved) && !is_made_of(one, plain))
            return false;
    }
    return true;
}

struct proxy {
    const char *scheme;
    struct text user, password;
    bool has_password;
    struct place place;
};

static int proxy_parse(struct text t, struct proxy *ret)
{
    static const char *const schemes[] = {"http://", "https://", "socks5h://"};
    *ret = (struct proxy){.scheme = NULL};
    for (size_t i = 0; i < ARRAY_LEN(schemes) && !ret->scheme; i++)
        if (take_start(&t, schemes[i]))
            ret->scheme = schemes[i];
    if (!ret->scheme)
        return -EBADMSG;
    struct text info;
    if (take_until(&t, '@', &info)) {
        ret->has_password = take_until(&info, ':', &ret->user);
        if (ret->has_password)
            ret->password = info;
        if (ret->user.n == 0 || !is_user_info(ret->user) || !is_user_info(ret->password))
            return -EBADMSG;
    }
    if (t.n > 0 && t.p[t.n - 1] == '/')
        t.n--;
    int r = place_parse(t, &ret->place);
    return r == 0 && ret->place.port == 0 ? -EBADMSG : r;
}

static int proxy_put(const struct proxy *p, struct text password,
                     char ret[static TABLE_TEXT_SIZE])
{
    char text[PLACE_TEXT_SIZE];
    if (p->user.n >= TABLE_TEXT_SIZE || password.n >= TABLE_TEXT_SIZE)
        return -EBADMSG;
    return put(ret, "%s%.*s%s%.*s%s%s", p->scheme, (int)p->user.n,
               p->user.n > 0 ? p->user.p : "", p->has_password ? ":" : "", (int)password.n,
               password.n > 0 ? password.p : "", p->user.n > 0 ? "@" : "",
               place_format(&p->place, text));
}

int url_form_proxy(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    struct proxy p;
    int r = proxy_parse(t, &p);
    return r == 0 ? proxy_put(&p, p.password, ret) : r;
}

int url_form_proxy_shown(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    struct proxy p;
    int r = proxy_parse(t, &p);
    struct text password = p.has_password ? text_of("***") : p.password;
    return r == 0 ? proxy_put(&p, password, ret) : r;
}
