/* Timelines for mails: what they show, to whom, and how large they are. */
#include "edition/picture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/leak.h"
#include "support/scene.h"

SUITE(picture);

/* fontconfig keeps its configuration for ever, where the leak checker cannot follow it. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

#define DAYS(from, to) ((struct span){scene_at(from, 0), scene_at(to, 0)})
#define LICENSE "PLSK.00000001"
#define DOMAIN "xn--bcher-kva.example"

enum { OCTOBER = 2026 * 12 + 9, PNG_MAX = 30000, PNG_WIDTH_AT = 16, PNG_HEIGHT_AT = 20 };

/* What is asked for; a test changes what it is about. */
struct question {
    struct bulletin bulletin;
    struct bulletin_line line;
    const char *reseller;
    wall_t as_of;
};

static struct question question_of(const struct scene *s, enum finding_kind kind,
                                   const char *subject)
{
    return (struct question){
        .bulletin = {.language = LANGUAGE_NL, .zone = &s->zone, .as_of = scene_at(12, 0)},
        .line = {.kind = kind,
                 .state = STATE_POTENTIAL,
                 .period = {OCTOBER},
                 .subject = subject,
                 .shown = subject,
                 .quantity = 1,
                 .has_confirms = true,
                 .confirms_at = scene_at(19, 0),
                 .cost = {.is_known = true}},
        .reseller = "r1",
        .as_of = scene_at(12, 0),
    };
}

struct answer {
    struct buf png;
    uint32_t width, height;
};

static void answer_done(struct answer *a)
{
    buf_done(&a->png);
}

static int ask(struct scene *s, const struct question *q, struct answer *ret)
{
    struct run_setup run = scene_setup(s, q->as_of);
    struct diag d = {""};
    struct edition_picture_order order = {&run, &q->bulletin, q->reseller, &q->line};
    struct edition_picture_size size = {0, 0};
    int r = edition_picture(&order, &ret->png, &size, &d);
    ret->width = size.width;
    ret->height = size.height;
    return r;
}

#define ANSWER ((struct answer){.png = BUF_INIT(1 << 20)})

/* Two machines at two places since the 5th; a domain with too many mailboxes. */
static void estate(struct scene *s)
{
    scene_init(s);
    scene_license(s, LICENSE, "203.0.113.5");
    scene_server(s, "srv-1");
    scene_server(s, "srv-2");
    scene_domain(s, DOMAIN, 1000);
    scene_saw(s, "srv-1", 1, LICENSE, "203.0.113.5", DAYS(-10, 12));
    scene_saw(s, "srv-2", 2, LICENSE, "198.51.100.7", DAYS(5, 12));
    scene_counted(s, "srv-1", DOMAIN, 1042, DAYS(3, 12));
}

static uint32_t big_endian(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool is_same(const struct answer *a, const struct answer *b)
{
    return a->png.len == b->png.len && memcmp(a->png.data, b->png.data, a->png.len) == 0;
}

Test(picture, a_mails_picture_is_small_and_640_wide)
{
    static const struct {
        enum finding_kind kind;
        const char *subject;
    } rows[] = {
        {FINDING_EXTRA_IP, LICENSE}, {FINDING_OUTSIDE, LICENSE}, {FINDING_MAILBOXES, DOMAIN}};
    AUTO(scene) struct scene s;
    estate(&s);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(answer) struct answer a = ANSWER;
        struct question q = question_of(&s, rows[i].kind, rows[i].subject);
        cr_assert_eq(ask(&s, &q, &a), 0, "%zu", i);
        cr_assert_eq(memcmp(a.png.data, "\x89PNG", 4), 0);
        cr_assert_eq(a.width, 640);
        cr_assert_eq(big_endian(a.png.data + PNG_WIDTH_AT), 1280);
        cr_assert_eq(big_endian(a.png.data + PNG_HEIGHT_AT), 2 * a.height);
        cr_assert_lt(a.png.len, PNG_MAX, "%zu: %zu bytes", i, a.png.len);
    }
}

Test(picture, it_speaks_the_readers_language_and_repeats_itself)
{
    AUTO(scene) struct scene s;
    AUTO(answer) struct answer dutch = ANSWER;
    AUTO(answer) struct answer again = ANSWER;
    AUTO(answer) struct answer english = ANSWER;
    estate(&s);
    struct question q = question_of(&s, FINDING_EXTRA_IP, LICENSE);
    cr_assert_eq(ask(&s, &q, &dutch), 0);
    cr_assert_eq(ask(&s, &q, &again), 0);
    cr_assert(is_same(&dutch, &again));
    q.bulletin.language = LANGUAGE_EN;
    cr_assert_eq(ask(&s, &q, &english), 0);
    cr_assert_not(is_same(&dutch, &english));
}

Test(picture, there_is_none_of_what_cannot_be_drawn)
{
    static const struct {
        enum finding_kind kind;
        const char *subject, *reseller, *why;
    } rows[] = {
        {FINDING_SILENT, LICENSE, "r1", "a kind that never costs"},
        {FINDING_EXTRA_IP, LICENSE, NULL, "no reseller's"},
        {FINDING_EXTRA_IP, LICENSE, "r2", "another reseller's"},
        {FINDING_EXTRA_IP, "PLSK.00000002", "r1", "nothing is known of it"},
        {FINDING_EXTRA_IP, "203.0.113.5", "r1", "no licence, no domain"},
        {FINDING_MAILBOXES, "other.example", "r1", "an unknown domain"},
    };
    AUTO(scene) struct scene s;
    estate(&s);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(answer) struct answer a = ANSWER;
        struct question q = question_of(&s, rows[i].kind, rows[i].subject);
        q.reseller = rows[i].reseller;
        cr_assert_eq(ask(&s, &q, &a), -ENOENT, "%s", rows[i].why);
        cr_assert_eq(a.png.len, 0, "%s", rows[i].why);
    }
}

Test(picture, a_period_that_has_not_begun_has_none)
{
    AUTO(scene) struct scene s;
    AUTO(answer) struct answer a = ANSWER;
    estate(&s);
    struct question q = question_of(&s, FINDING_EXTRA_IP, LICENSE);
    q.line.period.month++;
    cr_assert_eq(ask(&s, &q, &a), -ENOENT);
}

/* The licence was r2's until the 10th, and is r1's since. */
static void handed_over(struct scene *s, bool with_the_formers)
{
    static const struct term before = {WALL_BEGIN, {INT64_C(1791590400)}}; /* 2026-10-10 */
    static const struct term after = {{INT64_C(1791590400)}, WALL_END};
    scene_init(s);
    cr_assert_eq(
        store_put_reseller(
            s->store, &(struct estate_reseller){.id = "r2",
                                                .name = "The Former",
                                                .manager = "am1",
                                                .currency = currency_find(text_of("EUR"))}),
        0);
    cr_assert_eq(store_put_license(s->store, &(struct estate_license){.license = lic(LICENSE),
                                                                      .reseller = "r2",
                                                                      .product = "",
                                                                      .valid = before}),
                 0);
    cr_assert_eq(store_put_license(s->store, &(struct estate_license){.license = lic(LICENSE),
                                                                      .reseller = "r1",
                                                                      .product = "",
                                                                      .valid = after}),
                 0);
    scene_server(s, "srv-1");
    scene_server(s, "srv-2");
    for (int i = 0; i < 2; i++)
        cr_assert_eq(store_put_estate_server(
                         s->store, &(struct estate_server){i ? "secret-2" : "secret-1", "r2",
                                                           before, WALL_END}),
                     0);
    scene_saw(s, "srv-1", 1, LICENSE, "203.0.113.5", DAYS(11, 20));
    scene_saw(s, "srv-2", 2, LICENSE, "198.51.100.7", DAYS(12, 20));
    if (with_the_formers) {
        scene_saw(s, "secret-1", 3, LICENSE, "203.0.113.66", DAYS(-5, 8));
        scene_saw(s, "secret-2", 4, LICENSE, "198.51.100.66", DAYS(-5, 8));
    }
}

Test(picture, what_is_another_resellers_is_not_in_it)
{
    AUTO(scene) struct scene alone;
    AUTO(scene) struct scene both;
    AUTO(answer) struct answer a = ANSWER;
    AUTO(answer) struct answer b = ANSWER;
    handed_over(&alone, false);
    handed_over(&both, true);
    struct question q = question_of(&alone, FINDING_EXTRA_IP, LICENSE);
    q.as_of = scene_at(20, 0);
    q.line.confirms_at = scene_at(27, 0);
    cr_assert_eq(ask(&alone, &q, &a), 0);
    cr_assert_eq(ask(&both, &q, &b), 0);
    cr_assert(is_same(&a, &b));
    /* And the other's has them. */
    AUTO(answer) struct answer c = ANSWER;
    q.reseller = "r2";
    cr_assert_eq(ask(&both, &q, &c), 0);
    cr_assert_not(is_same(&b, &c));
}

/* n servers, one a day. */
static void crowd(struct scene *s, int n)
{
    scene_init(s);
    scene_license(s, LICENSE, NULL);
    for (int i = 0; i < n; i++) {
        char server[CAP_ID], address[64];
        (void)snprintf(server, sizeof server, "server-%02d.datacentre.example", i);
        (void)snprintf(address, sizeof address, "2001:db8:%d::%d", i + 1, i + 1);
        scene_server(s, server);
        scene_saw(s, server, i + 1, LICENSE, address, DAYS(-10, 12));
    }
}

Test(picture, more_than_eight_lanes_are_counted)
{
    static const struct {
        int lanes;
        const char *why;
    } rows[] = {{8, "as many as are drawn"}, {9, "and one more"}, {60, "and 52 more"}};
    uint32_t heights[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(scene) struct scene s;
        AUTO(answer) struct answer a = ANSWER;
        crowd(&s, rows[i].lanes);
        struct question q = question_of(&s, FINDING_EXTRA_IP, LICENSE);
        cr_assert_eq(ask(&s, &q, &a), 0, "%s", rows[i].why);
        heights[i] = a.height;
        /* Most of it is letters: eight long names. */
        cr_assert_lt(a.png.len, 2 * PNG_MAX, "%s: %zu bytes", rows[i].why, a.png.len);
    }
    cr_assert_gt(heights[1], heights[0]);
    cr_assert_eq(heights[2], heights[1]);
}

Test(picture, any_state_and_any_outlook_can_be_drawn)
{
    static const struct {
        enum finding_state state;
        bool has_confirms, is_trial, is_waived, is_known;
        int day;
        const char *why;
    } rows[] = {
        {STATE_CONFIRMED, false, false, false, true, 0, "confirmed"},
        {STATE_CONFIRMED, false, true, false, true, 0, "of a trial reseller"},
        {STATE_CONFIRMED, false, false, true, true, 0, "waived"},
        {STATE_POTENTIAL, true, false, false, false, 19, "no tariff"},
        {STATE_POTENTIAL, true, false, false, true, 45, "only in the next month"},
        {STATE_POTENTIAL, true, false, false, true, 4000, "far beyond what can be shown"},
        {STATE_POTENTIAL, true, false, false, true, -400, "before all that is shown"},
        {STATE_POTENTIAL, false, false, false, true, 0, "ended"},
        {STATE_CLEAR, false, false, false, false, 0, "nothing any more"},
    };
    AUTO(scene) struct scene s;
    estate(&s);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(answer) struct answer a = ANSWER;
        struct question q = question_of(&s, FINDING_EXTRA_IP, LICENSE);
        q.line.state = rows[i].state;
        q.line.has_confirms = rows[i].has_confirms;
        q.line.confirms_at = scene_at(rows[i].day, 0);
        q.line.is_trial = rows[i].is_trial;
        q.line.is_waived = rows[i].is_waived;
        q.line.cost.is_known = rows[i].is_known;
        q.line.quantity = 0;
        cr_assert_eq(ask(&s, &q, &a), 0, "%s", rows[i].why);
        cr_assert_lt(a.png.len, PNG_MAX, "%s", rows[i].why);
    }
}

Test(picture, hostile_names_are_drawn_and_do_no_more)
{
    AUTO(scene) struct scene s;
    AUTO(answer) struct answer a = ANSWER;
    scene_init(&s);
    scene_license(&s, LICENSE, NULL);
    static const char *const names[] = {"srv \xe2\x80\xae\x1b[31m</g> {1} %s",
                                        "\xd7\xa9\xd7\xa8\xd7\xaa"};
    for (int i = 0; i < 2; i++) {
        scene_server(&s, names[i]);
        scene_saw(&s, names[i], i + 1, LICENSE, i ? "203.0.113.6" : "203.0.113.5", DAYS(1, 12));
    }
    struct question q = question_of(&s, FINDING_EXTRA_IP, LICENSE);
    q.line.shown = "<script>\xff\xfe";
    cr_assert_eq(ask(&s, &q, &a), 0);
    cr_assert_lt(a.png.len, PNG_MAX);
}

Test(picture, one_over_the_buffers_cap_is_refused)
{
    AUTO(scene) struct scene s;
    AUTO(answer) struct answer a = {.png = BUF_INIT(1000)};
    estate(&s);
    struct question q = question_of(&s, FINDING_EXTRA_IP, LICENSE);
    cr_assert_eq(ask(&s, &q, &a), -ERANGE);
}
