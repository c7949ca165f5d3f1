/* A licence's identity. */
#include "domain/license.h"

#include <errno.h>
#include <string.h>

enum {
    PREFIX_LEAST = 2,
    PREFIX_MOST = 6,
    NUMBER_DIGITS = 8,
    VERSION_DIGITS = 4,
    NUMBERS = 100000000, /* 10^NUMBER_DIGITS */
    LETTERS = 27,        /* 1 to 26, and 0 for "no more letters", which sorts first */
};
static_assert(LICENSE_VERSION_SIZE > VERSION_DIGITS, "the version and its end");
static_assert(LICENSE_TEXT_SIZE > PREFIX_MOST + 1 + NUMBER_DIGITS, "the text and its end");

static bool take_digits(struct text t, size_t n, int64_t *ret)
{
    if (t.n < n)
        return false;
    int64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        if (t.p[i] < '0' || t.p[i] > '9')
            return false;
        v = v * 10 + (t.p[i] - '0');
    }
    *ret = v;
    return true;
}

static struct text after(struct text t, size_t n)
{
    return (struct text){t.p + n, t.n - n};
}

/* The length of the letters at the start, and their value in base 27, left aligned. */
static size_t take_prefix(struct text t, int64_t *ret)
{
    int64_t value = 0;
    size_t n = 0;
    for (size_t i = 0; i < PREFIX_MOST; i++) {
        char c = n == i && i < t.n ? t.p[i] : '\0';
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        bool is_letter = c >= 'A' && c <= 'Z';
        value = value * LETTERS + (is_letter ? c - 'A' + 1 : 0);
        n += is_letter;
    }
    *ret = value;
    return n;
}

int license_parse(struct text t, license_t *ret, char *ret_version)
{
    int64_t prefix;
    int64_t number;
    int64_t version;
    size_t n = take_prefix(t, &prefix);
    if (n < PREFIX_LEAST)
        return -EBADMSG;
    struct text rest = after(t, n);
    /* Dots stand in both places or in neither. */
    size_t dot = rest.n > 0 && rest.p[0] == '.' ? 1 : 0;
    rest = after(rest, dot);
    if (!take_digits(rest, NUMBER_DIGITS, &number))
        return -EBADMSG;
    rest = after(rest, NUMBER_DIGITS);
    if (rest.n > 0) {
        if (rest.n != dot + VERSION_DIGITS || (dot && rest.p[0] != '.'))
            return -EBADMSG;
        rest = after(rest, dot);
        if (!take_digits(rest, VERSION_DIGITS, &version))
            return -EBADMSG;
    }
    if (number == 0)
        return 1;
    *ret = (license_t){prefix * NUMBERS + number};
    if (ret_version) {
        if (rest.n > 0)
            memcpy(ret_version, rest.p, rest.n);
        ret_version[rest.n] = '\0';
    }
    return 0;
}

int license_from_number(int64_t number, license_t *ret)
{
    if (number < 0 || number >= NUMBERS)
        return -ERANGE;
    if (number == 0)
        return 1;
    int64_t prefix;
    (void)take_prefix(text_of("PLSK"), &prefix); /* four letters, as in the text */
    *ret = (license_t){prefix * NUMBERS + number};
    return 0;
}

/* The letters of a code's prefix, and how many: 0 where no text gives that code. */
static size_t prefix_of(int64_t code, char out[static PREFIX_MOST])
{
    int64_t value = code / NUMBERS;
    size_t n = 0;
    for (size_t i = PREFIX_MOST; i > 0; i--) {
        int64_t letter = value % LETTERS;
        value /= LETTERS;
        if (letter == 0 && n > 0)
            return 0; /* a letter after the end */
        if (letter == 0)
            continue;
        out[i - 1] = (char)('A' + letter - 1);
        n++;
    }
    return value == 0 ? n : 0;
}

int license_from_code(int64_t code, license_t *ret)
{
    char prefix[PREFIX_MOST];
    if (code <= 0 || code % NUMBERS == 0 || prefix_of(code, prefix) < PREFIX_LEAST)
        return -EBADMSG;
    *ret = (license_t){code};
    return 0;
}

const char *license_format(license_t l, char out[static LICENSE_TEXT_SIZE])
{
    size_t n = prefix_of(l.code, out);
    int64_t number = l.code % NUMBERS;
    out[n] = '.';
    for (size_t i = NUMBER_DIGITS; i > 0; i--) {
        out[n + i] = (char)('0' + number % 10);
        number /= 10;
    }
    out[n + 1 + NUMBER_DIGITS] = '\0';
    return out;
}

bool license_has_prefix(license_t l, const char *prefix)
{
    char letters[PREFIX_MOST];
    size_t n = prefix_of(l.code, letters);
    return text_is((struct text){letters, n}, prefix);
}
