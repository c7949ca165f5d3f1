/* Values of the domain when memory, or the numbers themselves, run out. */
#include "domain/dname.h"
#include "domain/money.h"
#include "domain/report.h"
#include "domain/span.h"
#include "support/leak.h"
#include "support/scarce.h"
#include "support/scarce_names.h"
#include <errno.h>
#include <string.h>

SUITE(scarce);

static int add_span(void *arg)
{
    AUTO(spans) struct spans list = {0};
    (void)arg;
    return spans_add(&list, (struct span){{1}, {2}});
}

Test(scarce, a_span_that_finds_no_room_is_told)
{
    cr_assert_eq(scarce_each("span", add_span, NULL), 1);
}

/* There, and back again to see that it is the same name. */
Test(scarce, a_name_is_not_refused_because_memory_ran_out)
{
    char name[DNAME_SIZE];

    for (size_t n = 1; n <= 2; n++) {
        scarce_names_from_now(n);
        cr_assert_eq(dname_parse(text_of("bücher.example"), name), -ENOMEM, "%zu", n);
    }
    cr_assert_eq(dname_parse(text_of("bücher.example"), name), 0);
    cr_assert_str_eq(name, "xn--bcher-kva.example");
}

Test(scarce, a_name_is_shown_as_it_is_when_its_other_form_can_not_be_made)
{
    char shown[DNAME_SHOWN_SIZE];

    scarce_names_from_now(1);
    cr_assert_str_eq(dname_show("xn--bcher-kva.example", shown), "xn--bcher-kva.example");
    cr_assert_str_eq(dname_show("xn--bcher-kva.example", shown), "bücher.example");
}

/* 4,096 bytes are no name; what is shown of them ends where its place does. */
Test(scarce, a_text_that_is_no_name_is_shown_as_far_as_there_is_room)
{
    char text[4096], shown[DNAME_SHOWN_SIZE];

    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cr_assert_eq(strlen(dname_show(text, shown)), DNAME_SHOWN_SIZE - 1);
}

/* U+00AD: IDNA maps it to nothing, and nothing is no name; nor is the dot behind it. */
Test(scarce, a_name_of_which_nothing_is_left_is_none)
{
    char name[DNAME_SIZE];

    cr_assert_eq(dname_parse(text_of("\u00ad"), name), -EBADMSG);
    cr_assert_eq(dname_parse(text_of("\u00ad."), name), -EBADMSG);
}

Test(scarce, nothing_is_due_for_less_than_nothing)
{
    static const struct {
        int64_t quantity, block, micro;
    } rows[] = {{-1, 1, 1}, {1, 0, 1}, {1, 1, -1}};
    const struct currency *eur = currency_find(text_of("EUR"));
    struct money_cost cost;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_assert_eq(
            money_due(rows[i].quantity, rows[i].block, (price_t){rows[i].micro}, eur, &cost),
            -ERANGE, "row %zu", i);
}

/* Neither moment may lie where times have no names. */
Test(scarce, a_report_is_settled_only_between_moments_that_have_names)
{
    const wall_t good = {1795300000}, late = {WALL_MAX.s + 1}, early = {WALL_MIN.s - 1};
    const wall_t rows[][2] = {{late, good}, {good, late}, {early, good}, {good, early}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(report) struct report r = {.n_licenses = 0};
        char at[REPORT_AT_SIZE] = "x";
        struct diag d;
        cr_assert_eq(report_settle(&r, rows[i][0], rows[i][1], at, &d), -EBADMSG, "row %zu", i);
        cr_assert_str_eq(at, "");
    }
}
