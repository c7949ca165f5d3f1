/* Explanations of one small estate in every form: what people and programs rely on in them. */
#include "ctl/explain.h"

#include <string.h>

#include "json/json.h"
#include "support/leak.h"
#include "support/scene.h"

SUITE(explain);

/* fontconfig keeps its configuration for ever, where the leak checker cannot follow it. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

#define DAYS(from, to) ((struct span){scene_at(from, 0), scene_at(to, 0)})
#define NASTY "srv \xe2\x80\xae\x1b[31m</g>" /* turns the direction, and colours a terminal */

/* Two machines at two places for 15 days; a name that no store should have, but may. */
static void estate(struct scene *s)
{
    scene_init(s);
    scene_license(s, "PLSK.00000001", "203.0.113.5");
    scene_server(s, "srv-1");
    scene_server(s, NASTY);
    scene_domain(s, "xn--bcher-kva.example", 1000);
    scene_tariff(s, CHARGE_EXTRA_IP, 12, 1);
    scene_saw(s, "srv-1", 1, "PLSK.00000001", "203.0.113.5", DAYS(1, 31));
    scene_saw(s, NASTY, 2, "PLSK.00000001", "198.51.100.7", DAYS(2, 17));
    scene_gap(s, "srv-1", 1, DAYS(4, 5), 17);
    scene_counted(s, "srv-1", "xn--bcher-kva.example", 1002, DAYS(3, 5));
}

static struct telling telling_of(const struct scene *scene, const struct story *s,
                                 struct buf *out)
{
    return (struct telling){.story = s, .zone = &scene->zone, .out = out};
}

static void tell(struct scene *scene, const char *subject, int (*form)(const struct telling *t),
                 struct buf *out)
{
    AUTO(story) struct story s = {0};
    cr_assert_eq(scene_story(scene, subject, "2026-10", scene_at(40, 0), &s), 0);
    struct telling t = telling_of(scene, &s, out);
    cr_assert_eq(form(&t), 0);
}

Test(explain, the_text_has_every_step_with_its_figures)
{
    static const char *const parts[] = {
        "PLSK.00000001 in 2026-10: CONFIRMED",
        "extra-ip: 1 too many; 12.00 EUR due, 0.00 entered",
        "FUP, licences 2",
        "1. Who was where",
        "srv-1",
        "203.0.113.5",
        "198.51.100.7",
        "2. Which places count",
        "3. The level over time",
        "4. The question",
        "15 d  the grace",
        "longer",
        "Confirmed, quantity 1",
        "FUP, licences 4",
        "Gaps in what was seen",
        "capture",
        "Money",
        "What clears it, and by when",
        "It is due for 2026-10.",
    };
    AUTO(scene) struct scene scene;
    AUTO(buf) struct buf out = BUF_INIT(1 << 20);
    estate(&scene);
    tell(&scene, "PLSK.00000001", explain_text, &out);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        cr_assert(strstr(buf_str(&out), parts[i]), "\"%s\" is missing in\n%s", parts[i],
                  buf_str(&out));
}

Test(explain, names_cannot_upset_a_terminal)
{
    AUTO(scene) struct scene scene;
    AUTO(buf) struct buf out = BUF_INIT(1 << 20);
    estate(&scene);
    tell(&scene, "PLSK.00000001", explain_text, &out);
    cr_assert(text_is_utf8((struct text){out.data, out.len}));
    cr_assert_null(strchr(buf_str(&out), '\x1b'));
    cr_assert_null(strstr(buf_str(&out), "\xe2\x80\xae"));
}

Test(explain, colour_only_underlines_what_words_say)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    AUTO(buf) struct buf plain = BUF_INIT(1 << 20);
    AUTO(buf) struct buf coloured = BUF_INIT(1 << 20);
    estate(&scene);
    cr_assert_eq(scene_story(&scene, "PLSK.00000001", "2026-10", scene_at(40, 0), &s), 0);
    struct telling t = telling_of(&scene, &s, &plain);
    cr_assert_eq(explain_text(&t), 0);
    t.out = &coloured;
    t.has_colour = true;
    cr_assert_eq(explain_text(&t), 0);
    /* Without its escapes, the coloured text is the plain one. */
    size_t n = 0;
    for (const char *p = buf_str(&coloured); *p; p++) {
        if (*p == '\x1b')
            p += strcspn(p, "m");
        else
            cr_assert_eq(*p, plain.data[n++]);
    }
    cr_assert_eq(n, plain.len);
    cr_assert_gt(coloured.len, plain.len);
}

static int64_t int_of(const struct json *object, const char *key)
{
    struct json m = json_member(object, key);
    struct json_error e;
    int64_t n = 0;
    cr_assert_eq(json_get_int(&m, INT64_MIN, INT64_MAX, &n, &e), 0, "%s", key);
    return n;
}

static bool text_is_of(const struct json *object, const char *key, const char *want)
{
    struct json m = json_member(object, key);
    struct json_error e;
    struct text t = {"", 0};
    cr_assert_eq(json_get_text(&m, 1000, &t, &e), 0, "%s", key);
    return text_is(t, want);
}

Test(explain, the_json_is_sound_and_says_the_same)
{
    AUTO(scene) struct scene scene;
    AUTO(buf) struct buf out = BUF_INIT(1 << 20);
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;
    estate(&scene);
    tell(&scene, "PLSK.00000001", explain_json, &out);
    cr_assert_eq(json_read((struct text){out.data, out.len}, &doc, &e), 0);

    struct json root = json_root(doc);
    cr_assert(text_is_of(&root, "state", "confirmed"));
    struct json entries = json_member(&root, "entries"), entry = json_item(&entries, 0);
    struct json rules = json_member(&entry, "rules"), rule = json_item(&rules, 0);
    cr_assert(text_is_of(&rule, "kind", "extra-ip"));
    cr_assert_eq(int_of(&rule, "seconds_in_window"), 15 * 86400);
    struct json outlook = json_member(&rule, "outlook");
    cr_assert_eq(int_of(&outlook, "confirmed_at"), scene_at(16, 0).s + 1);
    struct json money = json_member(&root, "money"), key = json_item(&money, 0);
    cr_assert(text_is_of(&key, "due", "12.00"));
}

Test(explain, a_domain_is_shown_with_its_own_letters)
{
    AUTO(scene) struct scene scene;
    AUTO(buf) struct buf text = BUF_INIT(1 << 20);
    AUTO(buf) struct buf json = BUF_INIT(1 << 20);
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;
    estate(&scene);
    tell(&scene,
         "b\xc3\xbc"
         "cher.example",
         explain_text, &text);
    cr_assert(strstr(buf_str(&text), "xn--bcher-kva.example in 2026-10: POTENTIAL"));
    cr_assert(strstr(buf_str(&text), "b\xc3\xbc"
                                     "cher.example"));
    /* Two days and 26 hours over, of seven allowed. */
    cr_assert(strstr(buf_str(&text), "3 d 2 h"));
    tell(&scene, "xn--bcher-kva.example", explain_json, &json);
    cr_assert_eq(json_read((struct text){json.data, json.len}, &doc, &e), 0);
}

static int draw_svg(const struct telling *t)
{
    return explain_picture(t, TIMELINE_SVG);
}

static int draw_png(const struct telling *t)
{
    return explain_picture(t, TIMELINE_PNG);
}

Test(explain, both_kinds_of_subject_have_a_picture)
{
    static const char *const subjects[] = {"PLSK.00000001", "xn--bcher-kva.example"};
    AUTO(scene) struct scene scene;
    estate(&scene);
    for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
        AUTO(buf) struct buf svg = BUF_INIT(16 << 20);
        AUTO(buf) struct buf png = BUF_INIT(16 << 20);
        tell(&scene, subjects[i], draw_svg, &svg);
        tell(&scene, subjects[i], draw_png, &png);
        cr_assert_eq(strncmp(buf_str(&svg), "<?xml", 5), 0);
        cr_assert_eq(memcmp(png.data, "\x89PNG", 4), 0);
    }
}

Test(explain, stretches_of_a_domain_join_what_stays_the_same)
{
    /* [1, 3): nothing; [3, 6) and two hours: 1002, two over; then nothing again. */
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    AUTO(mail_stretches) struct mail_stretches all = {0};
    estate(&scene);
    cr_assert_eq(scene_story(&scene, "xn--bcher-kva.example", "2026-10", scene_at(40, 0), &s),
                 0);
    cr_assert_eq(mail_stretches_of(&s.entries[0], &all), 0);
    cr_assert_eq(all.n, 3);
    cr_assert_eq(all.v[1].at.first.s, scene_at(3, 0).s);
    cr_assert_eq(all.v[1].at.last.s, scene_at(6, 2).s);
    cr_assert_eq(all.v[1].count, 1002);
    cr_assert_eq(all.v[1].limit, 1000);
    cr_assert_eq(all.v[1].over, 2);
    cr_assert_eq(all.v[2].at.last.s, scene_at(32, 0).s);
}
