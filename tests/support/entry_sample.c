/* An entry that is right. */
#include "support/entry_sample.h"

#include <criterion/criterion.h>

struct ledger_entry sample_entry(const char *evidence)
{
    struct ledger_entry e = {
        .sequence = 1,
        .time = {1794000000},
        .who = text_of("Anna"),
        .booked = {2026 * 12 + 9},
        .period = {2026 * 12 + 9},
        .reseller = text_of("r1"),
        .subject = text_of("PLSK.01234567"),
        .kind = CHARGE_EXTRA_IP,
        .currency = currency_find(text_of("EUR")),
        .due = {.basis = DUE_CONFIRMED,
                .quantity = 1,
                .units = 1,
                .block = 1,
                .unit_price = {12500000},
                .amount = {1250},
                .tariff_from = {1767222000}},
        .amount = {1250},
        .policy = text_of("1"),
    };

    cr_assert_eq(digest_sha256(text_of(evidence), &e.evidence), 0);
    return e;
}
