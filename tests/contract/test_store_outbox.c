/* The outbox: each mail is given out once at a time, and again until it was taken or given up.
 */
#include "contract.h"

#include "base/arena.h"
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

SUITE(store_outbox);

static const struct store_reader ann = {READER_MANAGER, "ann"};

static int64_t begin_run(struct store *s)
{
    const struct store_run run = {.day = 5, .made_at = AT(5), .as_of = AT(4), .about = "{}"};
    int64_t number = 0;

    OK(s, store_begin(s));
    OK(s, store_begin_run(s, &run, &number));
    OK(s, store_commit(s));
    return number;
}

static struct store_mail mail_of(int64_t run, const char *id, wall_t due)
{
    return (struct store_mail){.run = run,
                               .reader = ann,
                               .sender = "from@example.net",
                               .recipient = "to@example.net",
                               .message_id = id,
                               .message = text_of(id),
                               .next_try = due,
                               .settled = WALL_END,
                               .last_text = ""};
}

static void put(struct store *s, const struct store_mail *m)
{
    OK(s, store_begin(s));
    OK(s, store_put_mail(s, m));
    OK(s, store_commit(s));
}

static void publish(struct store *s, int64_t run)
{
    OK(s, store_begin(s));
    OK(s, store_publish_run(s, run));
    OK(s, store_commit(s));
}

/* The Message-ID of what is claimed; "" for nothing. */
struct claimed {
    char id[64], message[64];
    struct store_mail mail;
};

static void claim(struct store *s, wall_t now, wall_t until, struct claimed *ret)
{
    AUTO(arena) struct arena keep = {0};
    AUTO(buf) struct buf message = BUF_INIT(64);
    const struct store_claim c = {now, until, &keep};

    *ret = (struct claimed){.id = ""};
    OK(s, store_begin(s));
    int r = store_claim_mail(s, &c, &ret->mail, &message);
    cr_assert_geq(r, 0, "%s", store_diag(s));
    OK(s, store_commit(s));
    if (r == 0)
        return;
    (void)snprintf(ret->id, sizeof(ret->id), "%s", ret->mail.message_id);
    (void)snprintf(ret->message, sizeof(ret->message), "%s", buf_str(&message));
    cr_expect_str_eq(ret->mail.recipient, "to@example.net");
    cr_expect_str_eq(ret->mail.sender, "from@example.net");
    cr_expect_str_eq(ret->mail.reader.id, "ann");
}

static void settle(struct store *s, struct store_mail m, enum mail_state state, wall_t next)
{
    m.state = state;
    m.next_try = next;
    m.settled = state == MAIL_STATE_WAITS ? WALL_END : AT(500);
    m.last_code = 451;
    m.last_text = "4.7.1 later";
    m.may_be_double = true;
    OK(s, store_begin(s));
    OK(s, store_settle_mail(s, &m));
    OK(s, store_commit(s));
}

CONTRACT(store_outbox, a_mail_of_an_unpublished_night_is_not_given_out)
{
    struct store *s = c->store;
    int64_t run = begin_run(s);
    struct claimed x;
    const struct store_mail m = mail_of(run, "one", AT(10));

    put(s, &m);
    claim(s, AT(20), AT(30), &x);
    cr_assert_str_eq(x.id, "");
    publish(s, run);
    claim(s, AT(20), AT(30), &x);
    cr_assert_str_eq(x.id, "one");
    cr_assert_str_eq(x.message, "one");
    expect_sound(s);
}

CONTRACT(store_outbox, the_one_that_has_been_due_longest_comes_first)
{
    struct store *s = c->store;
    int64_t run = begin_run(s);
    struct claimed x;
    const struct store_mail v[] = {mail_of(run, "late", AT(12)), mail_of(run, "early", AT(10)),
                                   mail_of(run, "to come", AT(90))};

    for (size_t i = 0; i < ARRAY_LEN(v); i++)
        put(s, &v[i]);
    publish(s, run);
    claim(s, AT(20), AT(100), &x);
    cr_assert_str_eq(x.id, "early");
    claim(s, AT(20), AT(100), &x);
    cr_assert_str_eq(x.id, "late");
    claim(s, AT(20), AT(100), &x);
    cr_assert_str_eq(x.id, "", "the third is not due before 90");
}

CONTRACT(store_outbox, a_claimed_mail_is_given_out_again_when_its_time_is_over)
{
    struct store *s = c->store;
    int64_t run = begin_run(s);
    struct claimed x;
    const struct store_mail m = mail_of(run, "one", AT(10));

    put(s, &m);
    publish(s, run);
    claim(s, AT(20), AT(30), &x);
    cr_assert_str_eq(x.id, "one");
    claim(s, AT(29), AT(99), &x);
    cr_assert_str_eq(x.id, "");
    claim(s, AT(30), AT(99), &x);
    cr_assert_str_eq(x.id, "one", "whoever claimed it is gone");
    cr_expect_eq(x.mail.attempts, 0);
}

CONTRACT(store_outbox, another_connection_does_not_get_what_is_claimed)
{
    struct store *s = c->store, *other = NULL;
    int64_t run = begin_run(s);
    struct claimed x;
    struct diag d = {""};
    const struct store_mail m = mail_of(run, "one", AT(10));

    put(s, &m);
    publish(s, run);
    claim(s, AT(20), AT(30), &x);
    cr_assert_eq(store_open(c->place.url, STORE_WRITE, &other, &d), 0, "%s", d.text);
    claim(other, AT(21), AT(31), &x);
    cr_assert_str_eq(x.id, "");
    store_close(other);
}

CONTRACT(store_outbox, what_became_of_an_attempt_is_kept)
{
    struct store *s = c->store;
    int64_t run = begin_run(s);
    struct claimed x;
    const struct store_mail m = mail_of(run, "one", AT(10));
    struct store_mail row;

    put(s, &m);
    publish(s, run);
    claim(s, AT(20), AT(30), &x);
    settle(s, x.mail, MAIL_STATE_WAITS, AT(80));
    claim(s, AT(79), AT(90), &x);
    cr_assert_str_eq(x.id, "", "put off until 80");
    claim(s, AT(80), AT(90), &x);
    cr_assert_str_eq(x.id, "one");
    cr_expect_eq(x.mail.attempts, 1);
    cr_expect(x.mail.may_be_double);
    settle(s, x.mail, MAIL_STATE_SENT, AT(80));
    claim(s, AT(900), AT(999), &x);
    cr_assert_str_eq(x.id, "", "it was sent");
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(s, store_scan_mails(s, false, &scan));
    cr_assert_eq(store_next_mail(scan, &row), 1);
    cr_expect_eq(row.state, MAIL_STATE_SENT);
    cr_expect_eq(row.attempts, 2);
    cr_expect_eq(row.settled.s, AT(500).s);
    cr_expect_eq(row.last_code, 451);
    cr_expect_str_eq(row.last_text, "4.7.1 later");
    cr_expect_eq(row.message.n, 0);
    cr_assert_eq(store_next_mail(scan, &row), 0);
    expect_sound(s);
}

CONTRACT(store_outbox, those_that_wait_can_be_asked_for_alone)
{
    struct store *s = c->store;
    int64_t run = begin_run(s);
    struct claimed x;
    struct store_mail row;
    const struct store_mail v[] = {mail_of(run, "a", AT(1)), mail_of(run, "b", AT(2))};

    put(s, &v[0]);
    put(s, &v[1]);
    publish(s, run);
    claim(s, AT(20), AT(30), &x);
    settle(s, x.mail, MAIL_STATE_DEAD, AT(20));
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(s, store_scan_mails(s, true, &scan));
    cr_assert_eq(store_next_mail(scan, &row), 1);
    cr_expect_str_eq(row.message_id, "b");
    cr_assert_eq(store_next_mail(scan, &row), 0);
}

CONTRACT(store_outbox, a_message_id_comes_once)
{
    struct store *s = c->store;
    int64_t run = begin_run(s);
    const struct store_mail m = mail_of(run, "one", AT(10));

    put(s, &m);
    OK(s, store_begin(s));
    cr_assert_eq(store_put_mail(s, &m), -EEXIST);
    store_rollback(s);
}

CONTRACT(store_outbox, pruning_takes_the_text_of_settled_mails_alone)
{
    struct store *s = c->store;
    int64_t run = begin_run(s), rows = 0;
    struct claimed x;
    const struct store_mail v[] = {mail_of(run, "sent", AT(1)), mail_of(run, "waits", AT(2))};

    put(s, &v[0]);
    put(s, &v[1]);
    publish(s, run);
    claim(s, AT(20), AT(30), &x);
    settle(s, x.mail, MAIL_STATE_SENT, AT(20)); /* at 500 */
    OK(s, store_begin(s));
    OK(s, store_prune(s, AT(500), &rows));
    OK(s, store_commit(s));
    cr_expect_eq(rows, 0, "settled at 500 is not before 500");
    OK(s, store_begin(s));
    OK(s, store_prune(s, AT(501), &rows));
    OK(s, store_commit(s));
    cr_expect_eq(rows, 1);
    claim(s, AT(20), AT(30), &x);
    cr_expect_str_eq(x.message, "waits");
    expect_sound(s);
}

CONTRACT(store_outbox, mails_of_an_unpublished_night_are_listed_nowhere_and_deleted_by_the_next)
{
    struct store *s = c->store;
    int64_t lost = begin_run(s);
    struct store_mail m = mail_of(lost, "one", AT(10));
    struct claimed x;

    put(s, &m);
    expect_dump(s, DUMP_NIGHTS, "", "unpublished");
    int64_t run = begin_run(s);
    m.run = run;
    put(s, &m); /* its Message-ID is free again */
    publish(s, run);
    claim(s, AT(20), AT(30), &x);
    cr_assert_str_eq(x.id, "one");
    cr_assert_eq(x.mail.run, run);
    claim(s, AT(20), AT(30), &x);
    cr_assert_str_eq(x.id, "", "there is but one");
    expect_sound(s);
}

CONTRACT(store_outbox, all_of_a_mail_is_kept)
{
    struct store *s = c->store;
    int64_t run = begin_run(s);
    struct store_mail m = mail_of(run, "one", AT(10));

    m.reader = (struct store_reader){READER_OPERATOR, "ops@example.nl"};
    m.sender = "from@xn--bcher-kva.example";
    m.recipient = "\"a b\"@example.nl";
    put(s, &m);
    m = mail_of(run, "two", AT(9));
    m.reader.kind = READER_RESELLER;
    put(s, &m);
    publish(s, run);
    expect_dump(s, DUMP_NIGHTS,
                "mail 1 of night 1 to operator ops@example.nl from@xn--bcher-kva.example"
                " \"a b\"@example.nl <one> waits 0 times due 10 said 0|\n"
                "mail 2 of night 1 to reseller ann from@example.net to@example.net <two> waits"
                " 0 times due 9 said 0|\n"
                "night 1 day 5 made 5 as of 4|{}\n",
                "as they were put");
}

CONTRACT(store_outbox, a_message_is_any_bytes_and_is_added)
{
    enum { LARGE = 2 << 20 };
    static char large[LARGE];
    AUTO(arena) struct arena keep = {0};
    AUTO(buf) struct buf message = BUF_INIT(LARGE + 10);
    struct store *s = c->store;
    int64_t run = begin_run(s);
    const struct store_claim order = {AT(20), AT(30), &keep};
    struct store_mail m = mail_of(run, "one", AT(10)), got;

    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)(i * 5 >> 2);
    m.message = (struct text){large, sizeof large};
    put(s, &m);
    publish(s, run);
    buf_add_str(&message, "before");
    OK(s, store_begin(s));
    cr_assert_eq(store_claim_mail(s, &order, &got, &message), 1, "%s", store_diag(s));
    OK(s, store_commit(s));
    cr_assert_eq(message.len, 6 + sizeof large);
    cr_assert_eq(memcmp(message.data + 6, large, sizeof large), 0);
    cr_assert_eq(got.next_try.s, AT(30).s);
    cr_assert_str_eq(got.message_id, "one", "it outlives the call");
}

CONTRACT(store_outbox, of_two_that_are_due_at_once_the_first_comes_first)
{
    struct store *s = c->store;
    int64_t run = begin_run(s);
    const struct store_mail v[] = {mail_of(run, "z", AT(10)), mail_of(run, "a", AT(10))};
    struct claimed x;

    put(s, &v[0]);
    put(s, &v[1]);
    publish(s, run);
    claim(s, AT(9), AT(30), &x);
    cr_assert_str_eq(x.id, "", "none is due before 10");
    claim(s, AT(10), AT(30), &x);
    cr_assert_str_eq(x.id, "z");
    int64_t first = x.mail.id;
    claim(s, AT(10), AT(30), &x);
    cr_assert_str_eq(x.id, "a");
    cr_assert_gt(x.mail.id, first);
}

CONTRACT(store_outbox, a_claim_that_is_rolled_back_claims_nothing)
{
    AUTO(arena) struct arena keep = {0};
    AUTO(buf) struct buf message = BUF_INIT(64);
    struct store *s = c->store;
    int64_t run = begin_run(s);
    const struct store_mail m = mail_of(run, "one", AT(10));
    const struct store_claim order = {AT(20), AT(30), &keep};
    struct store_mail got;
    struct claimed x;

    put(s, &m);
    publish(s, run);
    OK(s, store_begin(s));
    cr_assert_eq(store_claim_mail(s, &order, &got, &message), 1);
    store_rollback(s);
    claim(s, AT(20), AT(30), &x);
    cr_assert_str_eq(x.id, "one");
}

/* ---- Attempts that end late ------------------------------------------------------------- */

/* The second deliverer claimed when the first one's time was over; it is done before that. */
static const struct {
    enum mail_state second, first;
    bool first_is_open; /* it ended without an answer */
    enum mail_state state;
    bool may_be_double;
    const char *why;
} lates[] = {
    {MAIL_STATE_SENT, MAIL_STATE_WAITS, false, MAIL_STATE_SENT, false,
     "what was sent does not wait again"},
    {MAIL_STATE_SENT, MAIL_STATE_DEAD, false, MAIL_STATE_SENT, false, "nor is it given up"},
    {MAIL_STATE_SENT, MAIL_STATE_SENT, false, MAIL_STATE_SENT, true, "it was sent twice"},
    {MAIL_STATE_SENT, MAIL_STATE_WAITS, true, MAIL_STATE_SENT, true, "it may have been"},
    {MAIL_STATE_DEAD, MAIL_STATE_WAITS, false, MAIL_STATE_DEAD, false, "it was given up"},
    {MAIL_STATE_DEAD, MAIL_STATE_SENT, false, MAIL_STATE_SENT, false, "it was sent after all"},
    {MAIL_STATE_WAITS, MAIL_STATE_SENT, false, MAIL_STATE_SENT, false, "the usual case"},
};

static void end_attempt(struct store *s, int64_t id, enum mail_state state, bool is_open)
{
    const struct store_mail m = {.id = id,
                                 .state = state,
                                 .next_try = AT(900),
                                 .settled = state == MAIL_STATE_WAITS ? WALL_END : AT(500),
                                 .may_be_double = is_open,
                                 .last_text = "said"};
    OK(s, store_begin(s));
    OK(s, store_settle_mail(s, &m));
    OK(s, store_commit(s));
}

CONTRACT(store_outbox, what_was_settled_stays_settled)
{
    struct store *s = c->store;
    for (size_t i = 0; i < ARRAY_LEN(lates); i++) {
        AUTO(store_scan) struct store_scan *scan = NULL;
        struct store_mail row = {0};
        struct claimed first, second;
        char id[8];
        int64_t run = begin_run(s);

        (void)snprintf(id, sizeof id, "%zu", i);
        const struct store_mail m = mail_of(run, id, AT(10));
        put(s, &m);
        publish(s, run);
        claim(s, AT(20), AT(30), &first);
        claim(s, AT(30), AT(40), &second);
        cr_assert_eq(first.mail.id, second.mail.id);
        end_attempt(s, second.mail.id, lates[i].second, false);
        end_attempt(s, first.mail.id, lates[i].first, lates[i].first_is_open);
        OK(s, store_scan_mails(s, false, &scan));
        for (size_t k = 0; k <= i; k++)
            cr_assert_eq(store_next_mail(scan, &row), 1);
        cr_expect_eq(row.id, first.mail.id);
        cr_expect_eq(row.state, lates[i].state, "%s", lates[i].why);
        cr_expect_eq(row.may_be_double, lates[i].may_be_double, "%s", lates[i].why);
        cr_expect_eq(row.attempts, 2, "%s", lates[i].why);
    }
    expect_sound(s);
}

CONTRACT(store_outbox, what_is_not_there_is_not_settled)
{
    struct store *s = c->store;
    int64_t run = begin_run(s);
    const struct store_mail m = mail_of(run, "one", AT(10));
    struct store_mail x = {.id = 77, .settled = WALL_END, .last_text = ""};

    put(s, &m);
    OK(s, store_begin(s));
    cr_expect_eq(store_settle_mail(s, &x), -ENOENT);
    x.id = 1;
    cr_expect_eq(store_settle_mail(s, &x), -ENOENT, "its night is not published");
    store_rollback(s);
}

/* ---- Several deliverers ----------------------------------------------------------------- */

enum { MAILS = 60, DELIVERERS = 4 };

/* Claims until none is left; writes the numbers of what it got. Never returns. */
static void deliver_in_child(const char *url, int out)
{
    struct store *s = NULL;
    struct diag d = {""};
    bool is_sound = store_open(url, STORE_WRITE, &s, &d) == 0;
    int found = 1;

    while (is_sound && found == 1) {
        struct arena keep = {0};
        struct buf message = BUF_INIT(64);
        struct store_mail m;
        const struct store_claim order = {AT(20), AT(30), &keep};
        int r = store_begin(s);
        if (r == -EAGAIN)
            continue;
        found = r == 0 ? store_claim_mail(s, &order, &m, &message) : r;
        is_sound = found >= 0 && store_commit(s) == 0;
        if (is_sound && found == 1)
            is_sound = write(out, &m.id, sizeof m.id) == sizeof m.id;
        arena_done(&keep);
        buf_done(&message);
    }
    _exit(is_sound ? 0 : 1); /* nothing is settled: as if killed */
}

static void fill_outbox(struct store *s)
{
    int64_t run = begin_run(s);

    OK(s, store_begin(s));
    for (int i = 0; i < MAILS; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%d", i);
        const struct store_mail m = mail_of(run, id, AT(10));
        OK(s, store_put_mail(s, &m));
    }
    OK(s, store_commit(s));
    publish(s, run);
}

CONTRACT(store_outbox, deliverers_at_once_never_get_the_same_and_what_dead_ones_had_comes_again)
{
    int ends[2];
    int64_t id;
    size_t times[MAILS + 1] = {0};
    struct claimed x;
    struct diag d = {""};

    fill_outbox(c->store);
    store_close(STEAL(c->store)); /* a connection does not outlive a fork */
    cr_assert_eq(pipe(ends), 0);
    for (int i = 0; i < DELIVERERS; i++) {
        pid_t child = fork();
        cr_assert_geq(child, 0);
        if (child == 0)
            deliver_in_child(c->place.url, ends[1]);
    }
    cr_assert_eq(close(ends[1]), 0);
    while (read(ends[0], &id, sizeof id) == sizeof id) {
        cr_assert(id >= 1 && id <= MAILS, "%lld", (long long)id);
        times[id]++;
    }
    cr_assert_eq(close(ends[0]), 0);
    for (int i = 0; i < DELIVERERS; i++) {
        int status = -1;
        cr_assert_gt(wait(&status), 0);
        cr_assert_eq(status, 0);
    }
    for (size_t i = 1; i <= MAILS; i++)
        cr_expect_eq(times[i], 1, "mail %zu was given out %zu times", i, times[i]);
    cr_assert_eq(store_open(c->place.url, STORE_WRITE, &c->store, &d), 0, "%s", d.text);
    claim(c->store, AT(29), AT(99), &x);
    cr_assert_str_eq(x.id, "", "their time is not over");
    for (size_t i = 1; i <= MAILS; i++) {
        claim(c->store, AT(30), AT(99), &x);
        cr_assert_eq(x.mail.id, (int64_t)i);
        cr_assert_eq(x.mail.attempts, 0, "nobody said how it ended");
    }
    expect_sound(c->store);
}
