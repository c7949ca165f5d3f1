/* Any bytes as a collector's answer: it is told whole, in messages that the keeper takes, or a
 * reason is given; the place and the words of a refusal are fit for a line of a log. */
#include <errno.h>
#include <string.h>

#include "uplink/uplink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { OUT_MAX = 256 * 1024, TOLD_MAX = CAP_REPORT_LICENSES + 2 * CAP_SUFFIXES + 1 };

static void check_told(const struct buf *out, uint32_t allowed)
{
    struct text rest = {buf_str(out), out->len};
    size_t count = 0;
    while (rest.n > 0) {
        struct message m;
        struct diag d = {""};
        size_t used = 0;
        int r = message_decode(rest, allowed, &m, &used, &d);
        assert(r == 0 && used > 0 && used <= rest.n);
        rest = (struct text){rest.p + used, rest.n - used};
        count++;
    }
    assert(count <= TOLD_MAX);
}

static void check_result(int r, const struct buf *out, const struct diag *d, uint32_t allowed)
{
    assert(r == 0 || r == -EBADMSG || r == -ENOMEM);
    assert(r == 0 || (out->len == 0 && d->text[0] != '\0'));
    if (r == 0)
        check_told(out, allowed);
}

static void check_refusal(struct text body)
{
    char at[REPORT_AT_SIZE];
    char said[MESSAGE_TEXT_MAX + 1];
    answer_read_error(body, at, said);
    assert(at[0] == '\0' || (at[0] == '/' && text_is_label(text_of(at), sizeof at - 1)));
    assert(said[0] == '\0' || text_is_label(text_of(said), MESSAGE_TEXT_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct text body = {(const char *)data, n};
    AUTO(buf) struct buf one = BUF_INIT(OUT_MAX);
    AUTO(buf) struct buf two = BUF_INIT(OUT_MAX);
    AUTO(answer_enrolled) struct answer_enrolled e = {.server = ""};
    struct diag d = {""};
    bool is_lacking;
    int r = answer_read(body, &one, &is_lacking, &d);
    check_result(r, &one, &d, MESSAGE_BIT(MESSAGE_STANDING) | MESSAGE_BIT(MESSAGE_SETTING));
    r = answer_read_enrolled(body, &e, &two, &d);
    check_result(r, &two, &d, MESSAGE_BIT(MESSAGE_SETTING));
    assert(r != 0 || (text_is_label(text_of(e.server), CAP_ID) && e.certificate.len > 0 &&
                      e.authority.len > 0));
    check_refusal(body);
    assert(uplink_retry_after(body, (wall_t){1795300000}) >= 0);
    assert(uplink_retry_after(body, (wall_t){0}) <= 86400);
    return 0;
}
