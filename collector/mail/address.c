/* Addresses as they go over the wire (RFC 5321, RFC 6531). */
#include "mail/message.h"

#include <errno.h>
#include <string.h>

#include "domain/dname.h"

enum { LOCAL_MOST = 64 }; /* RFC 5321 4.5.3.1.1 */

static_assert(MAIL_ADDRESS_SIZE > CAP_EMAIL, "an address fits");

/* RFC 5322 3.2.3 atext, and beyond ASCII what is neither a blank nor unseen. */
static bool is_atext(uint32_t code)
{
    if (code < 0x80)
        return (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
               (code >= 'a' && code <= 'z') ||
               (code != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", (int)code));
    return !text_code_is_control(code) && !text_code_is_space(code) &&
           !text_code_is_invisible(code);
}

/* Atoms with single dots between them. */
static bool is_local_part(struct text t, bool *ret_needs_utf8)
{
    uint32_t before = '.';
    if (t.n == 0 || t.n > LOCAL_MOST)
        return false;
    for (size_t at = 0, n; at < t.n; at += n) {
        uint32_t code = 0;
        n = text_next((struct text){t.p + at, t.n - at}, &code);
        if (n == 0 || (code == '.' ? before == '.' : !is_atext(code)))
            return false;
        *ret_needs_utf8 = *ret_needs_utf8 || code >= 0x80;
        before = code;
    }
    return before != '.';
}

/* A host of this network, without a domain: letters, digits and hyphens, in lower case. */
static bool take_host(const char *s, char ret[static DNAME_SIZE])
{
    size_t n = strlen(s);

    if (n == 0 || n > 63 || s[0] == '-' || s[n - 1] == '-')
        return false;
    for (size_t i = 0; i <= n; i++) {
        char c = (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] - 'A' + 'a' : s[i]);
        if (c != '\0' && c != '-' && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
            return false;
        ret[i] = c;
    }
    return true;
}

int mail_address_wire(const char *address, char ret[static MAIL_ADDRESS_SIZE],
                      bool *ret_needs_utf8)
{
    char domain[DNAME_SIZE];
    bool needs_utf8 = false;
    const char *at = strchr(address, '@');
    if (!at || at[1] == '\0' || address[strlen(address) - 1] == '.')
        return -EBADMSG;
    struct text local = {address, (size_t)(at - address)};
    if (!is_local_part(local, &needs_utf8))
        return -EBADMSG;
    int r = take_host(at + 1, domain) ? 0 : dname_parse(text_of(at + 1), domain);
    if (r != 0)
        return r;
    size_t n = strlen(domain);
    if (local.n + 1 + n > CAP_EMAIL)
        return -EBADMSG;
    memcpy(ret, local.p, local.n);
    ret[local.n] = '@';
    memcpy(ret + local.n + 1, domain, n + 1);
    *ret_needs_utf8 = needs_utf8;
    return 0;
}
