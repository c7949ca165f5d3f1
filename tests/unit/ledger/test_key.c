/* Keys as people write them. */
#include "ledger/ledger.h"
#include "support/leak.h"
#include <errno.h>
#include <string.h>

SUITE(key);

Test(key, is_read_and_written_the_same)
{
    static const char *const keys[] = {
        "2026-10/r1/extra-ip/PLSK.01234567", "2026-10/r1/mailboxes/xn--bcher-kva.example",
        "2026-02/a/b/c/outside/PLSK.00000001", /* the reseller's own slashes stay */
    };

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        AUTO(buf) struct buf out = BUF_INIT(1024);
        struct ledger_key k;
        struct diag d;
        cr_assert_eq(ledger_key_parse(text_of(keys[i]), &k, &d), 0, "%s: %s", keys[i], d.text);
        ledger_key_format(&k, &out);
        cr_assert_str_eq(buf_str(&out), keys[i]);
    }
}

Test(key, brings_its_subject_to_the_canonical_form)
{
    struct ledger_key k;
    struct diag d;

    cr_assert_eq(ledger_key_parse(text_of("2026-10/r1/extra-ip/plsk.01234567.0003"), &k, &d),
                 0);
    cr_assert_str_eq(k.subject, "PLSK.01234567");
    cr_assert_eq(ledger_key_parse(text_of("2026-10/r1/mailboxes/BÜCHER.example."), &k, &d), 0);
    cr_assert_str_eq(k.subject, "xn--bcher-kva.example");
}

Test(key, that_is_none_is_refused_with_an_example)
{
    static const char *const none[] = {
        "",
        "2026-10",
        "2026-10/r1",
        "2026-10/r1/extra-ip",
        "r1/extra-ip/PLSK.01234567",
        "/r1/extra-ip/PLSK.01234567",
        "2026-10/r1/extra-ip/",
        "2026-10/r1//PLSK.01234567",
        "2026-13/r1/extra-ip/PLSK.01234567",
        "2026-10//extra-ip/PLSK.01234567",
        "2026-10/r1/silent/PLSK.01234567",    /* no kind that charges */
        "2026-10/r1/mailboxes/PLSK 01234567", /* no domain */
        "2026-10/r1/extra-ip/example.nl",     /* no licence */
        "2026-10/r1/extra-ip/PLSK.00000000",  /* no licence either */
    };

    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        struct ledger_key k;
        struct diag d;
        cr_assert_eq(ledger_key_parse(text_of(none[i]), &k, &d), -EBADMSG, "%s", none[i]);
        cr_assert(strstr(d.text, "PERIOD/RESELLER/KIND/SUBJECT") != NULL);
    }
}
