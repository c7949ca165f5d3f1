/* A reader's letter: a mail of bounded size, of which nothing is left out without a word. */
#include "edition/letter.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"
#include "support/nights.h"

#include <stdio.h>
#include <string.h>

SUITE(letter);

static const struct letter_maker plain = {.left = "", .right = "x.example", .is_plain = true};

static void make(const struct bulletin *b, struct letter *ret, struct buf *message)
{
    struct diag d = {""};
    const struct letter_envelope e = {.from = {"Fair use", "from@x.example"},
                                      .to = {b->name, "to@x.example"},
                                      .reply_to = {"", ""},
                                      .message_id = "one@x.example",
                                      .date = b->as_of};

    cr_assert_eq(letter_make(&plain, b, ret, &d), 0, "%s", d.text);
    cr_assert_eq(letter_compose(ret, &e, message, &d), 0, "%s", d.text);
    cr_assert_leq(message->len, LETTER_BYTES_MAX, "%zu bytes", message->len);
}

static bool holds(const struct buf *message, const char *what)
{
    return strstr(buf_str(message), what) != NULL;
}

Test(letter, what_fits_is_whole)
{
    AUTO(letter) struct letter l = {.arena = {0}};
    AUTO(buf) struct buf message = BUF_INIT(8 << 20);
    struct bulletin b = sample_manager(LANGUAGE_NL);

    make(&b, &l, &message);
    cr_expect_eq(l.bulletin.shown_max, b.shown_max);
    for (size_t i = 0; i < b.n_resellers; i++)
        cr_expect_eq(l.bulletin.resellers[i].n_lines, b.resellers[i].n_lines);
    cr_expect(holds(&message, "-findings.csv") && holds(&message, "-amounts.csv"));
}

Test(letter, a_reseller_gets_no_tables)
{
    AUTO(letter) struct letter l = {.arena = {0}};
    AUTO(buf) struct buf message = BUF_INIT(8 << 20);
    struct bulletin b = sample_reseller(LANGUAGE_EN);

    make(&b, &l, &message);
    cr_expect_not(holds(&message, ".csv"));
}

/* Three bytes a character, nine in quoted-printable: 120 of them are left of each name. */
static const char *long_name(void)
{
    static char name[3 * 200 + 1];

    for (size_t i = 0; i < 200; i++)
        memcpy(name + 3 * i, "\xe5\xad\x97", 3);
    return name;
}

/*
 * 2,000 findings with such names are 1.5 MB of CSV alone: half of them, and half again, are
 * only counted until it fits. What is kept for good has all.
 */
Test(letter, what_does_not_fit_is_counted)
{
    AUTO(letter) struct letter l = {.arena = {0}};
    AUTO(buf) struct buf message = BUF_INIT(8 << 20);
    static struct bulletin_line lines[SAMPLE_HUGE_LINES];
    struct bulletin b = sample_huge(LANGUAGE_EN);
    struct bulletin_reseller x = b.resellers[0];

    for (size_t i = 0; i < SAMPLE_HUGE_LINES; i++) {
        lines[i] = x.lines[i];
        lines[i].shown = long_name();
    }
    x.lines = lines;
    x.name = long_name();
    b.resellers = &x;
    make(&b, &l, &message);
    const struct bulletin_reseller *kept = &l.bulletin.resellers[0];
    cr_expect_lt(kept->n_lines, SAMPLE_HUGE_LINES);
    cr_expect_eq((int64_t)kept->n_lines + kept->n_more, SAMPLE_HUGE_LINES + x.n_more);
    cr_expect_gt(message.len, LETTER_BYTES_MAX / 3, "no more is left out than must be");
    size_t told = 0;
    for (const char *p = buf_str(&l.json); (p = strstr(p, "\"subject\":\"PLSK.")); p++)
        told++;
    cr_expect_eq(told, SAMPLE_HUGE_LINES, "%zu", told);
}

/* make() measures each: with plain names, of which many fit into the texts, and with long ones,
 * which are three times as long when they are quoted; at last the table is most of the mail. */
Test(letter, no_mail_is_larger_than_its_bound)
{
    static struct bulletin_line lines[SAMPLE_HUGE_LINES];

    for (size_t n = 100; n <= SAMPLE_HUGE_LINES; n += 500)
        for (int is_long = 0; is_long < 2; is_long++) {
            AUTO(letter) struct letter l = {.arena = {0}};
            AUTO(buf) struct buf message = BUF_INIT(8 << 20);
            struct bulletin b = sample_huge(LANGUAGE_EN);
            struct bulletin_reseller x = b.resellers[0];
            for (size_t i = 0; i < n; i++) {
                lines[i] = x.lines[i];
                if (is_long)
                    lines[i].shown = long_name();
            }
            x.lines = lines;
            x.n_lines = n;
            b.resellers = &x;
            b.shown_max = n;
            make(&b, &l, &message);
        }
}

/* A manager of `n` resellers with long names, each with the sample's first one's findings,
 * amounts and what was not seen. */
static struct bulletin many(struct bulletin_reseller *resellers, size_t n)
{
    struct bulletin b = sample_bare(LANGUAGE_EN), one = sample_manager(LANGUAGE_EN);

    for (size_t i = 0; i < n; i++) {
        resellers[i] = one.resellers[0];
        resellers[i].name = long_name();
    }
    b.resellers = resellers;
    b.n_resellers = n;
    b.sums = one.sums;
    b.n_sums = one.n_sums;
    return b;
}

enum { MANY = 1000, TOO_MANY = 6000 };
static struct bulletin_reseller resellers[TOO_MANY];

Test(letter, resellers_that_do_not_fit_are_named_and_counted)
{
    AUTO(letter) struct letter l = {.arena = {0}};
    AUTO(buf) struct buf message = BUF_INIT(8 << 20);
    struct bulletin b = many(resellers, MANY);

    make(&b, &l, &message);
    cr_expect_lt(l.bulletin.shown_max, b.shown_max);
    char others[64];
    size_t named = 40, written = l.bulletin.shown_max;
    (void)snprintf(others, sizeof(others), "and %zu more", MANY - written - named);
    cr_expect(strstr(buf_str(&l.html), others), "%s", others);
    cr_expect(strstr(buf_str(&l.text), "Other resellers with findings or amounts"));
    cr_expect(strstr(buf_str(&l.html), "Other resellers with findings or amounts"));
}

/* Two amounts each, of some 400 bytes with the name: 6,000 are several MB. */
Test(letter, amounts_that_do_not_fit_are_said_to_be_elsewhere)
{
    AUTO(letter) struct letter l = {.arena = {0}};
    AUTO(buf) struct buf message = BUF_INIT(8 << 20);
    struct bulletin b = many(resellers, TOO_MANY);

    make(&b, &l, &message);
    cr_expect(l.bulletin.lacks_amounts);
    cr_expect_not(holds(&message, "-amounts.csv"));
    cr_expect(holds(&message, "-findings.csv"));
    cr_expect(strstr(buf_str(&l.text), "ledger list --draft"));
    cr_expect(strstr(buf_str(&l.html), "ledger list --draft"));
}

/* The last of three is the gravest: where one is written out, it is that one. */
Test(letter, the_gravest_reseller_is_written_out)
{
    AUTO(letter) struct letter l = {.arena = {0}};
    AUTO(buf) struct buf message = BUF_INIT(8 << 20);
    struct bulletin b = many(resellers, 3), one = sample_manager(LANGUAGE_EN);
    struct bulletin_line notice = one.resellers[0].lines[0], charge = notice;

    notice.state = STATE_NOTICE;
    charge.state = STATE_CONFIRMED;
    notice.group = charge.group = -1;
    for (size_t i = 0; i < 3; i++) {
        resellers[i].name = i < 2 ? "Linden" : "Wilg";
        resellers[i].lines = i < 2 ? &notice : &charge;
        resellers[i].n_lines = 1;
    }
    b.shown_max = 1;
    make(&b, &l, &message);
    cr_expect(strstr(buf_str(&l.text), "### Wilg") || strstr(buf_str(&l.text), "\nWilg"));
    cr_expect(strstr(buf_str(&l.text), "Linden, Linden\n"));
    cr_expect(strstr(buf_str(&l.text), "2 more findings are not in this text"), "%s",
              buf_str(&l.text));
}

/* A letter of one finding with its timeline, and of it 600 times: the texts could still tell of
 * some, but what goes first is the picture. */
static void make_with_pictures(void *arg, const struct bulletin *b)
{
    static struct bulletin_line lines[600];
    const struct letter_maker maker = {.run = arg, .left = "", .right = "x.example"};
    struct bulletin many_lines = *b;
    struct diag d = {""};

    if (b->audience != AUDIENCE_RESELLER)
        return;
    struct bulletin_reseller one = b->resellers[0];
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        lines[i] = one.lines[0];
        lines[i].shown = long_name();
    }
    one.lines = lines;
    one.n_lines = ARRAY_LEN(lines);
    many_lines.resellers = &one;
    many_lines.n_resellers = 1;
    for (int is_large = 0; is_large < 2; is_large++) {
        AUTO(letter) struct letter l = {.arena = {0}};
        cr_assert_eq(letter_make(&maker, is_large ? &many_lines : b, &l, &d), 0, "%s", d.text);
        cr_expect_eq(l.bulletin.n_pictures, is_large ? 0 : 1);
        cr_expect_eq(l.bulletin.resellers[0].lines[0].picture, is_large ? -1 : 0);
    }
}

Test(letter, pictures_go_first)
{
    struct nights n;

    nights_begin_with_two(&n);
    struct run_setup run = nights_setup(&n, nights_at(6, 2));
    n.look = make_with_pictures;
    n.look_arg = &run;
    nights_run(&n, nights_at(6, 2));
    nights_done(&n);
}
