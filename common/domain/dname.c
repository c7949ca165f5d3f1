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

int dname_parse(struct text t, char ret[static DNAME_SIZE])
{
    /* The longest name in UTF-8 that can have an ASCII form fits in what can be shown. */
    char name[DNAME_SHOWN_SIZE];
    if (t.n == 0 || t.n >= sizeof name || memchr(t.p, '\0', t.n) || !text_is_utf8(t))
        return -EBADMSG;
    for (size_t i = 0; i < t.n; i++)
        name[i] = t.p[i] >= 'A' && t.p[i] <= 'Z' ? (char)(t.p[i] - 'A' + 'a') : t.p[i];
    name[t.n] = '\0';
    if (!needs_idna(name, t.n))
        return accept((struct text){name, t.n}, ret);
    char *ascii = NULL;
    int r = idn2_to_ascii_8z(name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (r == IDN2_MALLOC)
        return -ENOMEM;
    if (r != IDN2_OK)
        return -EBADMSG;
    r = accept(text_of(ascii), ret);
    idn2_free(ascii);
    return r;
}

const char *dname_show(const char *ascii, char out[static DNAME_SHOWN_SIZE])
{
    char *shown = NULL;
    const char *from = ascii;
    if (idn2_to_unicode_8z8z(ascii, &shown, IDN2_NONTRANSITIONAL) == IDN2_OK)
        from = shown;
    if (strlen(from) >= DNAME_SHOWN_SIZE)
        from = ascii;
    size_t n = strnlen(from, DNAME_SHOWN_SIZE - 1);
    memcpy(out, from, n);
    out[n] = '\0';
    idn2_free(shown);
    return out;
}
