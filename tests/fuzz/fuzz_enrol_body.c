/* Any bytes as the body of an enrolment and of a renewal: a request is given whole, or a
 * reason. */
#include <errno.h>
#include <string.h>

#include "ingest/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_given(const struct enrol_body *b, bool has_token)
{
    static const struct token none;
    char text[TOKEN_TEXT_SIZE];
    struct token again;
    size_t n = strlen(b->csr_pem);
    assert(n > 0 && n < CAP_ENROL_BYTES);
    if (!has_token) {
        assert(memcmp(&b->token, &none, sizeof none) == 0);
        return;
    }
    int r = token_parse(text_of(token_format(&b->token, text)), &again);
    assert(r == 0);
    assert(memcmp(&again, &b->token, sizeof again) == 0);
}

static void check(struct text body, bool has_token)
{
    AUTO(enrol_body) struct enrol_body b = {.csr_pem = NULL};
    struct json_error e = {.line = 0};
    int r = answer_read_enrol(body, has_token, &b, &e);
    if (r == 0) {
        check_given(&b, has_token);
        return;
    }
    assert(r == -EBADMSG || r == -ENOMEM);
    assert(b.csr_pem == NULL);
    assert(r == -ENOMEM || (e.code[0] != '\0' && e.diag.text[0] != '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct text body = {(const char *)data, n};
    check(body, true);
    check(body, false);
    return 0;
}
