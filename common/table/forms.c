/* The forms that texts of the settings have. */
#include "table/forms.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "domain/dname.h"
#include "os/socket.h"

enum { LABEL_MAX = 63, PORT_MAX = 65535 }; /* RFC 1035 2.3.4 */

static_assert(TABLE_TEXT_SIZE > CAP_DOMAIN && TABLE_TEXT_SIZE > ENDPOINT_TEXT_SIZE,
              "every form fits");

static void put(const char *s, char ret[static TABLE_TEXT_SIZE])
{
    (void)snprintf(ret, TABLE_TEXT_SIZE, "%s", s);
}

int form_endpoint(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    struct endpoint e;
    char text[ENDPOINT_TEXT_SIZE];
    int r = endpoint_parse(t, &e);
    if (r == 0)
        put(endpoint_format(&e, text), ret);
    return r;
}

static bool is_loopback(const struct addr *a)
{
    static const uint8_t one[16] = {[15] = 1};
    if (a->family == ADDR_IPV4)
        return a->bytes[0] == 127; /* RFC 1122 3.2.1.3: all of 127/8 */
    return memcmp(a->bytes, one, sizeof one) == 0;
}

int form_loopback(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    struct endpoint e;
    int r = endpoint_parse(t, &e);
    if (r == 0 && !is_loopback(&e.address))
        r = -EBADMSG;
    return r == 0 ? form_endpoint(t, ret) : r;
}

/* Lower case into `ret`: letters, digits, hyphens between them, and not digits alone, which
 * some programs read as an address. */
static int label_parse(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    bool has_letter = false;
    char label[LABEL_MAX + 1] = "";
    if (t.n == 0 || t.n > LABEL_MAX || t.p[0] == '-' || t.p[t.n - 1] == '-')
        return -EBADMSG;
    for (size_t i = 0; i < t.n; i++) {
        char c = t.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool is_letter = c >= 'a' && c <= 'z';
        if (!is_letter && c != '-' && !(c >= '0' && c <= '9'))
            return -EBADMSG;
        has_letter = has_letter || is_letter;
        label[i] = c;
    }
    if (!has_letter)
        return -EBADMSG;
    put(label, ret);
    return 0;
}

int form_domain(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    char name[DNAME_SIZE];
    int r = dname_parse(t, name);
    if (r == 0)
        put(name, ret);
    return r;
}

int form_host(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    struct addr a;
    char text[ADDR_TEXT_SIZE];
    if (addr_parse(t, &a) == 0) {
        put(addr_format(&a, text), ret);
        return 0;
    }
    return label_parse(t, ret) == 0 ? 0 : form_domain(t, ret);
}

/* An IPv6 address with a port. */
static int bracketed_parse(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    struct endpoint e;
    int r = endpoint_parse(t, &e);
    if (r == 0 && e.port == 0)
        r = -EBADMSG; /* "a free one" is nothing to connect to */
    return r == 0 ? form_endpoint(t, ret) : r;
}

int form_server(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    char host[TABLE_TEXT_SIZE];
    int64_t port;
    int r = form_host(t, ret); /* first: an IPv6 address has colons of its own */
    if (r != -EBADMSG)
        return r;
    if (t.n > 0 && t.p[0] == '[')
        return bracketed_parse(t, ret);
    const char *colon = t.n > 0 ? memchr(t.p, ':', t.n) : NULL;
    if (!colon)
        return -EBADMSG;
    struct text before = {t.p, (size_t)(colon - t.p)};
    struct text after = {colon + 1, t.n - before.n - 1};
    if (text_to_int(after, 1, PORT_MAX, &port) < 0)
        return -EBADMSG;
    r = form_host(before, host);
    if (r < 0)
        return r;
    char both[TABLE_TEXT_SIZE];
    int n = snprintf(both, sizeof both, "%s:%" PRId64, host, port);
    if (n < 0 || (size_t)n >= sizeof both)
        return -EBADMSG;
    put(both, ret);
    return 0;
}
