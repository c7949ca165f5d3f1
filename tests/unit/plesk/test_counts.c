/* Lists of counts. */
#include "plesk/counts.h"

#include <errno.h>
#include <stdio.h>

#include "support/leak.h"

SUITE(counts);

static struct mail_counts *add(struct counts *c, const char *name)
{
    size_t at = 0;
    cr_assert_eq(counts_add(c, text_of(name), &at), 0, "%s", name);
    return &c->v[at].counts;
}

Test(counts, are_sorted_by_domain)
{
    AUTO(counts) struct counts c = {0};
    add(&c, "b.example")->mailboxes = 2;
    add(&c, "c.example")->mailboxes = 3;
    add(&c, "a.example")->mailboxes = 1;
    counts_settle(&c);
    cr_assert_eq(c.n, 3);
    for (size_t i = 0; i < c.n; i++)
        cr_assert_eq(c.v[i].counts.mailboxes, (int64_t)i + 1, "%s", c.v[i].domain);
}

/* max(3, 5), max(4, 2) and so on: one row of each number is the larger. */
Test(counts, of_one_domain_in_two_spellings_the_larger_stand)
{
    AUTO(counts) struct counts c = {0};
    *add(&c, "m\xc3\xbcller.example") =
        (struct mail_counts){.mailboxes = 3, .aliases = 4, .lists = 1, .catch_all = true};
    add(&c, "other.example")->mailboxes = 9;
    *add(&c, "XN--MLLER-KVA.example.") =
        (struct mail_counts){.mailboxes = 5, .aliases = 2, .forwards = 7, .alias_domains = 1};
    counts_settle(&c);
    cr_assert_eq(c.n, 2);
    cr_assert_str_eq(c.v[1].domain, "xn--mller-kva.example");
    const struct mail_counts *m = &c.v[1].counts;
    cr_assert(m->mailboxes == 5 && m->aliases == 4 && m->forwards == 7);
    cr_assert(m->lists == 1 && m->alias_domains == 1 && m->catch_all);
}

Test(counts, names_that_are_none_are_counted_as_refused)
{
    static const char *const names[] = {"", "localhost", "192.0.2.1", "a b.example", "\xff.nl"};
    AUTO(counts) struct counts c = {0};
    size_t at = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        cr_assert_eq(counts_add(&c, text_of(names[i]), &at), -EBADMSG, "%s", names[i]);
    cr_assert(c.n == 0 && c.refused == (int64_t)ARRAY_LEN(names));
    counts_settle(&c);
    cr_assert_eq(c.n, 0);
}

Test(counts, more_domains_than_there_is_room_for_are_counted_as_refused)
{
    AUTO(counts) struct counts c = {0};
    size_t at = 0;
    char name[32];
    for (size_t i = 0; i < COUNTS_DOMAINS_MAX; i++) {
        (void)snprintf(name, sizeof name, "d%zu.example", i);
        cr_assert_eq(counts_add(&c, text_of(name), &at), 0);
    }
    cr_assert_eq(counts_add(&c, text_of("more.example"), &at), -ERANGE);
    cr_assert(c.n == COUNTS_DOMAINS_MAX && c.refused == 1);
}

/* A report can say 10,000,000 at most. */
Test(counts, end_at_what_a_report_can_say)
{
    int64_t count = 0;
    counts_raise(&count, 9999999);
    cr_assert_eq(count, 9999999);
    counts_raise(&count, 5);
    cr_assert_eq(count, 10000000);
    counts_raise(&count, INT64_MAX);
    cr_assert_eq(count, 10000000);
}
