/* Claims about the one message for the person who must act. */
#include "support/leak.h"

#include "base/diag.h"

#include <errno.h>
#include <string.h>

SUITE(diag);

Test(diag, setting_replaces_and_returns_the_code)
{
    struct diag d = {"old"};
    cr_assert_eq(diag_set(&d, -EBADMSG, "line %d: %s", 3, "bad"), -EBADMSG);
    cr_assert_str_eq(d.text, "line 3: bad");
}

Test(diag, context_goes_in_front)
{
    struct diag d = {""};
    (void)diag_set(&d, -EIO, "broken");
    diag_within(&d, "file %s", "a.json");
    diag_within(&d, "import");
    cr_assert_str_eq(d.text, "import: file a.json: broken");
}

Test(diag, a_message_may_quote_itself)
{
    struct diag d = {""};
    (void)diag_set(&d, 0, "inner");
    (void)diag_set(&d, 0, "<%s %s>", d.text, d.text);
    cr_assert_str_eq(d.text, "<inner inner>");
}

Test(diag, stays_one_line)
{
    struct diag d = {""};
    (void)diag_set(&d, 0, "a\nb\r\tc\x1b[0m\x7f");
    cr_assert_str_eq(d.text, "a b  c [0m ");
}

Test(diag, is_cut_to_its_cap)
{
    char longer[CAP_DIAG + 100];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    struct diag d = {""};
    (void)diag_set(&d, 0, "%s", longer);
    cr_assert_eq(strlen(d.text), CAP_DIAG - 1);
    diag_within(&d, "%s", longer);
    cr_assert_eq(strlen(d.text), CAP_DIAG - 1);
}

Test(diag, is_never_cut_within_a_character)
{
    /* A run of two-byte characters behind 0 or 1 byte: the end falls on and off a boundary. */
    for (size_t shift = 0; shift < 2; shift++) {
        char text[CAP_DIAG + 100] = "x";
        size_t n = shift;
        for (; n + 2 < sizeof text; n += 2)
            memcpy(text + n, "\xc3\xa9", 2);
        text[n] = '\0';
        struct diag d = {""};
        (void)diag_set(&d, 0, "%s", text);
        size_t want = CAP_DIAG - 1 - (CAP_DIAG - 1 - shift) % 2;
        cr_assert_eq(strlen(d.text), want, "shift %zu: %zu", shift, strlen(d.text));
    }
}

Test(diag, a_message_of_just_the_cap_is_whole)
{
    char text[CAP_DIAG] = "";
    memset(text, 'x', CAP_DIAG - 3);
    memcpy(text + CAP_DIAG - 3, "\xc3\xa9", 3);
    struct diag d = {""};
    (void)diag_set(&d, 0, "%s", text);
    cr_assert_str_eq(d.text, text);
}
