/* Any bytes as messages, one after another, as a pipe brings them: what is read is written as
 * the same bytes, and a part of it is never taken for another. */
#include <errno.h>
#include <string.h>

#include "message/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The first message of n bytes, in memory that ends behind them. */
static int decode_exactly(const uint8_t *data, size_t n, struct message *ret, size_t *ret_used)
{
    struct diag d = {""};
    AUTO_FREE char *exact = malloc(n > 0 ? n : 1);
    if (exact == NULL)
        abort();
    if (n > 0)
        memcpy(exact, data, n);
    int r = message_decode((struct text){exact, n}, UINT32_MAX, ret, ret_used, &d);
    assert(r == 0 || r == -EAGAIN || r == -EBADMSG);
    assert((r == -EBADMSG) == (d.text[0] != '\0'));
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct message m;
    size_t used = 0;
    while (decode_exactly(data, n, &m, &used) == 0) {
        AUTO(buf) struct buf b = BUF_INIT(MESSAGE_BYTES_MAX);
        assert(used >= MESSAGE_HEAD_BYTES && used <= n && used <= MESSAGE_BYTES_MAX);
        message_encode(&m, &b);
        if (buf_error(&b) == -ENOMEM)
            abort();
        assert(b.len == used && memcmp(b.data, data, used) == 0);
        struct message part;
        size_t of_part = 0;
        int r = decode_exactly(data, used - 1, &part, &of_part);
        assert(r == -EAGAIN);
        data += used;
        n -= used;
    }
    return 0;
}
