/*
 * DNS answers, whatever bytes come: judged or refused, the same each time. What is judged is
 * the same in capitals too, and whoever has no suffixes filters nothing. The first byte says
 * how the bytes are used: as they are, or behind the question that was asked, so that more of
 * them get that far.
 */
#include "plesk/mx.h"

#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { HEAD = 12, MOST = 4096 };

/* An answer's head and the question for a.nl. */
static const uint8_t asked[] = {1, 2, 0x81, 0x80, 0,   1,   0, 0, 0,  0, 0,
                                0, 1, 'a',  2,    'n', 'l', 0, 0, 15, 0, 1};

static size_t wrap(const uint8_t *data, size_t n, uint8_t out[static MOST])
{
    if (n < 2 || n - 2 > MOST - sizeof asked)
        return 0;
    memcpy(out, asked, sizeof asked);
    out[3] = (uint8_t)(0x80 | (data[0] & 0x0f));
    out[7] = data[1];
    memcpy(out + sizeof asked, data + 2, n - 2);
    return sizeof asked + n - 2;
}

static void check(const uint8_t *answer, size_t n)
{
    static const struct mx_suffixes none;
    static const struct mx_suffixes some = {2, {"spamexperts.com", "b.nl"}};
    enum mx_verdict verdict = MX_UNKNOWN, again = MX_UNKNOWN, bare = MX_UNKNOWN;

    int r = mx_judge(answer, n, "a.nl", &some, &verdict);
    assert(r == 0 || r == -EBADMSG || r == -EAGAIN);
    assert((r == 0) == (verdict != MX_UNKNOWN));
    assert(mx_judge(answer, n, "a.nl", &some, &again) == r && again == verdict);
    assert(mx_judge(answer, n, "a.nl", &none, &bare) == r && bare != MX_FILTERED);
    for (size_t cut = 0; r == 0 && cut < n && cut < HEAD; cut++) {
        enum mx_verdict less = MX_UNKNOWN;
        assert(mx_judge(answer, cut, "a.nl", &some, &less) == -EBADMSG && less == MX_UNKNOWN);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t wrapped[MOST];
    if (n == 0)
        return 0;
    if (data[0] & 1) {
        check(data + 1, n - 1);
        return 0;
    }
    /* A copy of its own length, so that a sanitizer sees what lies behind it. */
    size_t m = wrap(data + 1, n - 1, wrapped);
    uint8_t *exact = malloc(m + 1);
    if (!exact)
        return 0;
    memcpy(exact, wrapped, m);
    uint8_t *tight = realloc(exact, m > 0 ? m : 1);
    check(tight ? tight : exact, m);
    free(tight ? tight : exact);
    return 0;
}
