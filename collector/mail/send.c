/* Where mail goes is checked, and the mail handed to who can bring it there. */
#include "mail/send.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "domain/addr.h"
#include "domain/dname.h"
#include "mail/clean.h"
#include "mail/message.h"
#include "mail/parts.h"

enum {
    URL_SIZE = 1024,
    HOST_SIZE = DNAME_SIZE + 2, /* a name, or an address in brackets */
    TEXT_MOST = 250,            /* characters of what is said of a mail */
    SECRET_MOST = 255,          /* of a user, and of a password */
    PORT_SUBMISSION = 587,      /* RFC 6409 */
    PORT_SUBMISSIONS = 465,     /* RFC 8314 */
    PORT_MOST = 65535,
    TIMEOUT_MOST_S = 3600,
};

struct mail_sender {
    struct smtp *smtp; /* NULL = by the program */
    char *program;
    dur_t timeout;
};

/* ---- What is said ----------------------------------------------------------------------- */

void result_say(struct mail_result *ret, const char *fmt, ...)
{
    char draft[2 * CAP_DIAG];
    struct buf line = BUF_INIT(sizeof ret->text - 1);
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(draft, sizeof draft, fmt, args);
    va_end(args);
    size_t length = n < 0 ? 0 : (size_t)n;
    if (length >= sizeof draft)
        length = sizeof draft - 1;
    clean_line((struct text){draft, length}, TEXT_MOST, &line);
    /* Without memory nothing is said; the code and the fate are still there. */
    const char *text = buf_error(&line) == 0 ? buf_str(&line) : "";
    memcpy(ret->text, text, strlen(text) + 1);
    buf_done(&line);
}

static_assert(4 * TEXT_MOST < CAP_DIAG, "what is said fits");

/* ---- An SMTP URL ------------------------------------------------------------------------ */

/* A URL in its parts, the host as it stands in one. */
struct place {
    bool is_implicit; /* smtps */
    char host[HOST_SIZE];
    int64_t port;
    bool is_loopback;
};

static bool cut_start(struct text *t, const char *start)
{
    size_t n = strlen(start);
    if (t->n < n || memcmp(t->p, start, n) != 0)
        return false;
    *t = (struct text){t->p + n, t->n - n};
    return true;
}

/* A name without a dot: one of /etc/hosts. */
static bool is_bare_name(struct text t)
{
    bool has_letter = false;
    for (size_t i = 0; i < t.n; i++) {
        char c = t.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && (c != '-' || i == 0))
            return false;
        has_letter = has_letter || is_letter;
    }
    return has_letter && t.n <= 63;
}

static bool is_loopback(const struct addr *a)
{
    static const uint8_t one[16] = {[15] = 1};
    return a->family == ADDR_IPV4 ? a->bytes[0] == 127 : memcmp(a->bytes, one, 16) == 0;
}

static int take_host(struct text t, struct place *ret)
{
    struct addr a = {0};
    char name[DNAME_SIZE];
    char shown[ADDR_TEXT_SIZE];
    bool is_bracketed = t.n > 2 && t.p[0] == '[' && t.p[t.n - 1] == ']';
    if (is_bracketed)
        t = (struct text){t.p + 1, t.n - 2};
    if (addr_parse(t, &a) == 0 && (memchr(t.p, ':', t.n) != NULL) == is_bracketed) {
        (void)addr_format(&a, shown);
        (void)snprintf(ret->host, sizeof ret->host, a.family == ADDR_IPV6 ? "[%s]" : "%s",
                       shown);
        ret->is_loopback = is_loopback(&a);
        return 0;
    }
    if (is_bracketed)
        return -EBADMSG;
    if (is_bare_name(t)) {
        (void)snprintf(ret->host, sizeof ret->host, "%.*s", (int)t.n, t.p);
        ret->is_loopback = text_is(t, "localhost");
        return 0;
    }
    int r = dname_parse(t, name);
    if (r == 0)
        (void)snprintf(ret->host, sizeof ret->host, "%s", name);
    return r;
}

static int parse_url(const char *url, struct place *ret, struct diag *d)
{
    struct text t = text_of(url);
    *ret = (struct place){.port = PORT_SUBMISSION};
    if (cut_start(&t, "smtps://")) {
        ret->is_implicit = true;
        ret->port = PORT_SUBMISSIONS;
    } else if (!cut_start(&t, "smtp://")) {
        return diag_set(d, -EBADMSG,
                        "a mail server is smtp://HOST[:PORT] or "
                        "smtps://HOST[:PORT], without a user");
    }
    if (t.n > 0 && t.p[t.n - 1] == '/')
        t.n--;
    const char *colon = memrchr(t.p, ':', t.n);
    const char *bracket = memrchr(t.p, ']', t.n);
    if (colon && (!bracket || colon > bracket)) {
        struct text port = {colon + 1, t.n - (size_t)(colon + 1 - t.p)};
        if (text_to_int(port, 1, PORT_MOST, &ret->port) != 0)
            return diag_set(d, -EBADMSG, "a mail server's port is a number from 1 to %d",
                            PORT_MOST);
        t.n = (size_t)(colon - t.p);
    }
    int r = take_host(t, ret);
    if (r == -EBADMSG)
        return diag_set(d, r,
                        "a mail server is smtp://HOST[:PORT] or smtps://HOST[:PORT], "
                        "where HOST is a name, an IPv4 address or [an IPv6 address]");
    return r;
}

/* ---- A route ---------------------------------------------------------------------------- */

static bool has_control(struct text t)
{
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.p[i];
        if (c < 0x20 || c == 0x7f)
            return true;
    }
    return false;
}

/* A name, or an address in brackets (RFC 5321 4.1.1.1): what can stand in a URL's path. */
static bool is_hello(const char *s)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !strchr(".-_[]:", c))
            return false;
    }
    return n <= CAP_DOMAIN;
}

static int check_login(const struct mail_route *r, const struct place *p, struct diag *d)
{
    if (r->tls == MAIL_TLS_NEVER && p->is_implicit)
        return diag_set(d, -EBADMSG, "smtps:// is TLS: it cannot go without");
    if (r->tls == MAIL_TLS_NEVER && !p->is_loopback)
        return diag_set(d, -EBADMSG,
                        "mail goes without TLS to this machine alone "
                        "(127.0.0.1, [::1], localhost), not to %s",
                        p->host);
    if ((r->user[0] != '\0') != (r->password.n > 0))
        return diag_set(d, -EBADMSG, "a mail server wants a user and a password, or neither");
    if (r->tls == MAIL_TLS_NEVER && r->user[0])
        return diag_set(d, -EBADMSG, "no password goes without TLS");
    if (strlen(r->user) > SECRET_MOST || r->password.n > SECRET_MOST ||
        has_control(text_of(r->user)) || has_control(r->password))
        return diag_set(d, -EBADMSG,
                        "a mail server's user and password have at most %d bytes, "
                        "and no control characters",
                        SECRET_MOST);
    return 0;
}

static int new_by_server(const struct mail_route *r, struct smtp **ret, struct diag *d)
{
    struct place place;
    char url[URL_SIZE];
    int e = parse_url(r->url, &place, d);
    if (e == 0)
        e = check_login(r, &place, d);
    if (e != 0)
        return e;
    if (!is_hello(r->hello))
        return diag_set(d, -EBADMSG,
                        "the name for EHLO is a host's name, or an address in "
                        "brackets");
    int n = snprintf(url, sizeof url, "%s://%s:%d/%s", place.is_implicit ? "smtps" : "smtp",
                     place.host, (int)place.port, r->hello);
    assert(n > 0 && (size_t)n < sizeof url);
    return smtp_new(r, url, ret);
}

static int new_by_program(const struct mail_route *r, char **ret, struct diag *d)
{
    if (r->sendmail[0] != '/')
        return diag_set(d, -EBADMSG, "a sendmail program is named by its full path");
    if (r->user[0] || r->password.n > 0)
        return diag_set(d, -EBADMSG, "a sendmail program takes no user and no password");
    *ret = strdup(r->sendmail);
    return *ret ? 0 : -ENOMEM;
}

int mail_sender_new(const struct mail_route *r, struct mail_sender **ret, struct diag *d)
{
    if ((r->url[0] != '\0') == (r->sendmail[0] != '\0'))
        return diag_set(d, -EBADMSG,
                        "mail goes to a server or to a sendmail program: one of "
                        "the two is to be set");
    if (r->timeout.s < 1 || r->timeout.s > TIMEOUT_MOST_S)
        return diag_set(d, -EBADMSG, "a mail's time is from 1 s to %d s", TIMEOUT_MOST_S);
    struct mail_sender *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->timeout = r->timeout;
    int e = r->url[0] ? new_by_server(r, &s->smtp, d) : new_by_program(r, &s->program, d);
    if (e != 0)
        free(s);
    else
        *ret = s;
    return e;
}

void mail_sender_free(struct mail_sender *s)
{
    if (!s)
        return;
    smtp_free(s->smtp);
    free(s->program);
    free(s);
}

/* ---- A mail ----------------------------------------------------------------------------- */

/* False, with the result filled, for an address that cannot be used. */
static bool take_address(const char *address, enum mail_fate fate_of_bad,
                         char wire[static MAIL_ADDRESS_SIZE], struct mail_result *ret)
{
    char shown[TEXT_QUOTE_SIZE];
    bool needs_utf8;
    int r = mail_address_wire(address, wire, &needs_utf8);
    if (r == 0)
        return true;
    *ret = (struct mail_result){.fate = r == -EBADMSG ? fate_of_bad : MAIL_LATER};
    if (r == -EBADMSG)
        result_say(ret, "%s is no mail address", text_quote(text_of(address), shown));
    else
        result_say(ret, "out of memory");
    return false;
}

void mail_send(struct mail_sender *s, const char *from, const char *to, struct text message,
               struct mail_result *ret)
{
    char wire_from[MAIL_ADDRESS_SIZE];
    char wire_to[MAIL_ADDRESS_SIZE];
    if (!take_address(from, MAIL_NOT_US, wire_from, ret) ||
        !take_address(to, MAIL_REFUSED, wire_to, ret))
        return;
    struct envelope e = {wire_from, wire_to, message};
    if (s->smtp)
        smtp_send(s->smtp, &e, ret);
    else
        sendmail_send(s->program, s->timeout, &e, ret);
}
