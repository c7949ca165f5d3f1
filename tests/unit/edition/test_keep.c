/* What a night puts into the store of the letters that it makes. */
#include "edition/keep_parts.h"
#include "support/leak.h"
#include "support/nights.h"

SUITE(keep);

static struct nights n;

static void warn(const char *sentence)
{
    cr_assert_null(sentence, "%s", sentence);
}

static void take(void *arg, const struct bulletin *b)
{
    struct keep *k = arg;
    struct edition_sink sink = keep_sink(k);

    cr_assert_eq(sink.bulletin(sink.arg, b), 0);
}

/* How many timelines a night has drawn, when it had drawn `before` already: r1 is told of a
 * finding that will cost money, and so is its manager, who is to call; am2 of nothing. */
static size_t drawn_after(size_t before)
{
    AUTO(keep) struct keep *k = NULL;
    struct store *writer = NULL;
    struct diag d = {""};

    nights_begin_with_two(&n);
    struct run_setup run = nights_setup(&n, nights_at(6, 2));
    cr_assert_eq(store_open(n.place.url, STORE_WRITE, &writer, &d), 0, "%s", d.text);
    struct keep_order order = {.run = &run,
                               .writer = writer,
                               .sender = {.from = {"Fair use", "from@x.example"},
                                          .reply_to = {"", ""},
                                          .right = "x.example",
                                          .wire = "from@x.example"},
                               .made_at = nights_at(6, 2),
                               .scope = KEEP_WHOLE,
                               .warn = warn};
    cr_assert_eq(keep_new(&order, &k, &d), 0, "%s", d.text);
    k->drawn = before;
    n.look = take;
    n.look_arg = k;
    nights_run(&n, nights_at(6, 2));
    cr_assert_eq(k->tally.mails, 3, "whoever comes late is mailed, too");
    size_t drawn = k->drawn;
    keep_free(STEAL(k));
    store_close(writer);
    nights_done(&n);
    return drawn;
}

Test(keep, timelines_of_a_night_have_an_end)
{
    cr_expect_eq(drawn_after(0), 2, "r1's and am1's");
    cr_expect_eq(drawn_after(KEEP_PICTURES_MAX - 1), KEEP_PICTURES_MAX, "r1's alone");
    cr_expect_eq(drawn_after(KEEP_PICTURES_MAX), KEEP_PICTURES_MAX, "none");
}
