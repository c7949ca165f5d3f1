/* The forms that texts of the group `mail` have. */
#include "settings/forms_mail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/caps.h"
#include "table/forms.h"

enum { LOCAL_MAX = 64 }; /* RFC 5321 4.5.3.1.1 */

static_assert(TABLE_TEXT_SIZE > CAP_EMAIL, "an address fits");

/* Two parts as one; -EBADMSG where they do not fit. */
static int join(struct text start, const char *rest, char ret[static TABLE_TEXT_SIZE])
{
    size_t n = strlen(rest);
    if (start.n + n >= TABLE_TEXT_SIZE)
        return -EBADMSG;
    memcpy(ret, start.p, start.n);
    memcpy(ret + start.n, rest, n + 1);
    return 0;
}

/* An IPv6 address without a port; with one it is as everywhere. */
static int bracketed_parse(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    struct addr a;
    char shown[ADDR_TEXT_SIZE];
    if (t.n < 2 || t.p[t.n - 1] != ']')
        return form_server(t, ret);
    struct text inside = {t.p + 1, t.n - 2};
    if (addr_parse(inside, &a) < 0 || a.family != ADDR_IPV6)
        return -EBADMSG;
    (void)snprintf(ret, TABLE_TEXT_SIZE, "[%s]", addr_format(&a, shown));
    return 0;
}

int form_mail_server(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    static const char *const schemes[] = {"smtp://", "smtps://"};
    char host[TABLE_TEXT_SIZE];
    struct addr a;
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        struct text scheme = text_of(schemes[i]);
        if (t.n <= scheme.n || memcmp(t.p, scheme.p, scheme.n) != 0)
            continue;
        struct text rest = {t.p + scheme.n, t.n - scheme.n};
        if (rest.p[rest.n - 1] == '/')
            rest.n--;
        /* In a URL an IPv6 address stands in brackets. */
        if (addr_parse(rest, &a) == 0 && memchr(rest.p, ':', rest.n))
            return -EBADMSG;
        bool is_bracketed = rest.n > 0 && rest.p[0] == '[';
        int r = is_bracketed ? bracketed_parse(rest, host) : form_server(rest, host);
        return r < 0 ? r : join(scheme, host, ret);
    }
    return -EBADMSG;
}

int form_mail_hello(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    struct addr a;
    return addr_parse(t, &a) == 0 ? -EBADMSG : form_host(t, ret);
}

/* RFC 5322 3.2.3 atext; beyond ASCII (RFC 6531) what can be seen and is no blank. */
static bool is_atext(uint32_t code)
{
    if (code < 0x80)
        return (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
               (code >= 'a' && code <= 'z') ||
               (code != 0 && strchr("!#$%&'*+-/=?^_`{|}~", (int)code));
    return !text_code_is_control(code) && !text_code_is_space(code) &&
           !text_code_is_invisible(code);
}

/* Atoms with single dots between them. */
static bool is_local_part(struct text t)
{
    uint32_t before = '.';
    if (t.n > LOCAL_MAX)
        return false;
    for (size_t at = 0, n; at < t.n; at += n) {
        uint32_t code = 0;
        n = text_next((struct text){t.p + at, t.n - at}, &code);
        if (n == 0 || (code == '.' ? before == '.' : !is_atext(code)))
            return false;
        before = code;
    }
    return before != '.';
}

int form_mail_address(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    char domain[TABLE_TEXT_SIZE];
    const char *at = t.n > 0 ? memchr(t.p, '@', t.n) : NULL;
    if (!at || !is_local_part((struct text){t.p, (size_t)(at - t.p)}))
        return -EBADMSG;
    struct text start = {t.p, (size_t)(at - t.p) + 1};
    struct text rest = {at + 1, t.n - start.n};
    if (rest.n == 0 || rest.p[rest.n - 1] == '.')
        return -EBADMSG;
    int r = form_domain(rest, domain);
    if (r == 0 && start.n + strlen(domain) > CAP_EMAIL)
        r = -EBADMSG;
    return r < 0 ? r : join(start, domain, ret);
}
