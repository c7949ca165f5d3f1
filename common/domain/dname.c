/* Domain names as lower-case A-labels, by libidn2. */
#include "domain/dname.h"

#include <errno.h>
#include <string.h>

#include <idn2.h>

enum { LABEL_MOST = 63 }; /* RFC 1035 2.3.4 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

static bool is_label(struct text t)
{
    if (t.n == 0 || t.n > LABEL_MOST || t.p[0] == '-' || t.p[t.n - 1] == '-')
        return false;
    for (size_t i = 0; i < t.n; i++) {
        if (!is_name_char(t.p[i]))
            return false;
    }
    return true;
}

static bool is_number(struct text t)
{
    for (size_t i = 0; i < t.n; i++) {
        if (!is_digit(t.p[i]))
            return false;
    }
    return true;
}

/* Two labels or more, each a host's; the last no number, for that is an address. */
static bool is_name(struct text t)
{
    if (t.n == 0 || t.n > CAP_DOMAIN)
        return false;
    size_t start = 0;
    for (size_t at = 0; at < t.n; at++) {
        if (t.p[at] != '.')
            continue;
        if (!is_label((struct text){t.p + start, at - start}))
            return false;
        start = at + 1;
    }
    struct text last = {t.p + start, t.n - start};
    return start > 0 && is_label(last) && !is_number(last);
}

/* Whether libidn2 has something to map or to check in a lower-case name: other than ASCII, or
 * an A-label. */
static bool needs_idna(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)name[i] >= 0x80)
            return true;
        if (n - i >= 4 && memcmp(name + i, "xn--", 4) == 0)
            return true;
    }
    return false;
}

/* Copies a name that is one, without its trailing dot. */
static int accept(struct text t, char ret[static DNAME_SIZE])
{
    if (t.n > 0 && t.p[t.n - 1] == '.')
        t.n--;
    if (!is_name(t))
        return -EBADMSG;
    memcpy(ret, t.p, t.n);
    ret[t.n] = '\0';
    return 0;
}

static void idn_done(char **s)
{
    idn2_free(*s);
}

static int idn_error(int r)
{
    if (r == IDN2_OK)
        return 0;
    return r == IDN2_MALLOC ? -ENOMEM : -EBADMSG;
}

static int to_ascii(const char *name, char **ret)
{
    return idn_error(idn2_to_ascii_8z(name, ret, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL));
}

/*
 * The U-labels, only where they lead back to the same A-labels: libidn2 decodes a few A-labels
 * to characters that it would not encode, and those must neither be taken nor shown.
 */
static int to_shown(const char *ascii, char **ret)
{
    AUTO(idn) char *shown = NULL;
    AUTO(idn) char *back = NULL;
    int r = idn_error(idn2_to_unicode_8z8z(ascii, &shown, IDN2_NONTRANSITIONAL));
    if (r == 0)
        r = to_ascii(shown, &back);
    if (r != 0)
        return r;
    if (strcmp(ascii, back) != 0)
        return -EBADMSG;
    *ret = STEAL(shown);
    return 0;
}

static int parse_idn(const char *name, char ret[static DNAME_SIZE])
{
    AUTO(idn) char *ascii = NULL;
    AUTO(idn) char *shown = NULL;
    char accepted[DNAME_SIZE];
    int r = to_ascii(name, &ascii);
    if (r == 0)
        r = accept(text_of(ascii), accepted);
    if (r == 0)
        r = to_shown(accepted, &shown);
    if (r == 0)
        memcpy(ret, accepted, sizeof accepted);
    return r;
}

int dname_parse(struct text t, char ret[static DNAME_SIZE])
{
    /* The longest name in UTF-8 that can have an ASCII form fits in what can be shown. */
    char name[DNAME_SHOWN_SIZE];
    if (t.n == 0 || t.n >= sizeof name || memchr(t.p, '\0', t.n) || !text_is_utf8(t))
        return -EBADMSG;
    for (size_t i = 0; i < t.n; i++)
        name[i] = t.p[i] >= 'A' && t.p[i] <= 'Z' ? (char)(t.p[i] - 'A' + 'a') : t.p[i];
    name[t.n] = '\0';
    return needs_idna(name, t.n) ? parse_idn(name, ret) : accept((struct text){name, t.n}, ret);
}

const char *dname_show(const char *ascii, char out[static DNAME_SHOWN_SIZE])
{
    AUTO(idn) char *shown = NULL;
    const char *from = ascii;
    if (needs_idna(ascii, strlen(ascii)) && to_shown(ascii, &shown) == 0)
        from = shown;
    if (strlen(from) >= DNAME_SHOWN_SIZE)
        from = ascii;
    size_t n = strnlen(from, DNAME_SHOWN_SIZE - 1);
    memcpy(out, from, n);
    out[n] = '\0';
    return out;
}
