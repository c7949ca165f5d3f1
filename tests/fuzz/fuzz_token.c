/* Tokens and their names: whatever comes, and what is read is written as the same. */
#include "enrol/token.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_token(struct text text)
{
    struct token a, b;
    char out[TOKEN_TEXT_SIZE];

    if (token_parse(text, &a) != 0)
        return;
    int r = token_parse(text_of(token_format(&a, out)), &b);
    assert(r == 0 && memcmp(&a, &b, sizeof(a)) == 0);
    assert(strlen(out) == TOKEN_TEXT_SIZE - 1 && text.n >= TOKEN_TEXT_SIZE - 1);
}

static void check_name(struct text text)
{
    uint8_t a[TOKEN_ID_BYTES], b[TOKEN_ID_BYTES];
    char name[TOKEN_NAME_SIZE];

    if (token_name_parse(text, a) != 0)
        return;
    int r = token_name_parse(text_of(token_name(a, name)), b);
    assert(r == 0 && memcmp(a, b, sizeof(a)) == 0 && text.n == TOKEN_NAME_SIZE - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct text text = {(const char *)data, n};

    check_token(text);
    check_name(text);
    return 0;
}
