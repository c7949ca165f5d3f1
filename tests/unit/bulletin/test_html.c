/* The report as HTML: escaping, structure, order, what is left out, and no word of its own. */
#include "bulletin/html_parts.h"
#include "support/leak.h"
#include "support/plain_scene.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

SUITE(html);

static void render(const struct bulletin *r, struct buf *out)
{
    *out = BUF_INIT((size_t)8 << 20);
    cr_assert_eq(bulletin_html(r, NULL, out), 0);
}

static size_t count(const char *in, const char *what)
{
    size_t n = 0;

    for (const char *p = in; (p = strstr(p, what)); p += strlen(what))
        n++;
    return n;
}

/* ---- Escaping -------------------------------------------------------------------------- */

Test(html, escapes_the_five)
{
    static const struct {
        const char *text, *wanted, *why;
    } rows[] = {
        {"a & b", "a &amp; b", "an entity is made of no other's text"},
        {"<b>", "&lt;b&gt;", "no element"},
        {"\"x\" 'y'", "&quot;x&quot; &#39;y&#39;", "no end of an attribute, of either kind"},
        {"&amp;", "&amp;amp;", "what looks escaped is text"},
        {"\xc3\xa9\xe2\x82\xac", "\xc3\xa9\xe2\x82\xac", "UTF-8 stays"},
        {"", "", "nothing"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf out = BUF_INIT(1000);
        struct html h = {.out = &out};
        html_text(&h, rows[i].text);
        cr_expect_str_eq(buf_str(&out), rows[i].wanted, "%s", rows[i].why);
    }
}

Test(html, hostile_names_never_leave_their_text)
{
    static const char evil[] = "</td><script>alert(1)</script>\" onload='x' &amp; <img src=x>";
    struct plain_scene *s = plain_scene();
    AUTO(buf) struct buf out;

    s->r.name = s->resellers[0].name = s->resellers[1].name = s->resellers[0].id = evil;
    s->r.command = s->r.entries_hash = evil;
    s->resellers[0].email = evil;
    for (size_t i = 0; i < PLAIN_SCENE_LINES; i++)
        s->lines[i].subject = s->lines[i].shown = evil;
    s->stray.subject = s->stray.shown = s->hold.subject = s->group.what = evil;
    s->seen.server = s->seen.unit = evil;
    s->dead.recipient = s->dead.reader = s->dead.why = evil;
    s->picture.cid = evil;
    render(&s->r, &out);
    cr_expect_null(strstr(buf_str(&out), "<script"));
    cr_expect_null(strstr(buf_str(&out), "<img src=x"));
    cr_expect_null(strstr(buf_str(&out), "onload='"));
    cr_expect_null(strstr(buf_str(&out), "</td><script"));
    cr_expect_not_null(strstr(buf_str(&out), "&lt;script&gt;alert(1)&lt;/script&gt;"));
    free(s);
}

/* ---- Structure ------------------------------------------------------------------------- */

enum { DEPTH_MAX = 64 };
struct walk {
    char open[DEPTH_MAX][16];
    size_t depth;
};

static bool is_void(const char *name)
{
    return strcmp(name, "meta") == 0 || strcmp(name, "br") == 0 || strcmp(name, "img") == 0;
}

/* One tag, from behind its '<' to its '>'. */
static void step(struct walk *w, const char *tag)
{
    bool closes = tag[0] == '/';
    size_t n = strcspn(tag + closes, " >\n");
    char name[16] = "";

    cr_assert_lt(n, sizeof name);
    memcpy(name, tag + closes, n);
    if (is_void(name) || strcmp(name, "!DOCTYPE") == 0)
        return;
    if (!closes) {
        cr_assert_lt(w->depth, DEPTH_MAX);
        memcpy(w->open[w->depth++], name, sizeof name);
        return;
    }
    cr_assert_gt(w->depth, 0, "</%s> closes nothing", name);
    cr_assert_str_eq(w->open[--w->depth], name, "at %.60s", tag);
}

/* Each tag that opens is closed, in order; attributes hold no '<' or '>'. */
static void assert_well_formed(const char *html)
{
    struct walk w = {.depth = 0};

    for (const char *p = html; (p = strchr(p, '<'));) {
        if (strncmp(p, "<!--", 4) == 0) {
            p = strstr(p, "-->");
            cr_assert_not_null(p);
            continue;
        }
        step(&w, p + 1);
        p += strcspn(p, ">");
    }
    cr_assert_eq(w.depth, 0, "<%s> stays open", w.depth > 0 ? w.open[w.depth - 1] : "");
}

Test(html, all_that_opens_closes)
{
    struct plain_scene *scenes[] = {plain_scene(), plain_scene_of_reseller()};

    for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
        AUTO(buf) struct buf out;
        render(&scenes[i]->r, &out);
        assert_well_formed(buf_str(&out));
        free(scenes[i]);
    }
}

/* Asserts that words stand in this order, each behind the one before it. */
static void assert_order(const char *html, const struct voice *v, const enum word *words,
                         size_t n)
{
    const char *at = html;

    for (size_t i = 0; i < n; i++) {
        char heading[200];
        (void)snprintf(heading, sizeof heading, ">%s</h", voice_word(v, words[i]));
        const char *found = strstr(at, heading);
        cr_assert_not_null(found, "%s: missing or out of order", heading);
        at = found;
    }
}

Test(html, an_account_manager_reads_what_to_do_first)
{
    static const enum word order[] = {
        WORD_HEAD_CALLS,     WORD_HEAD_FORWARD,   WORD_HEAD_NEWS,    WORD_HEAD_RESELLERS,
        WORD_HEAD_CONFIRMED, WORD_HEAD_POTENTIAL, WORD_HEAD_NOTICES, WORD_HEAD_MONEY,
        WORD_HEAD_HOLDS,     WORD_HEAD_STRIKES,   WORD_HEAD_QUIET,   WORD_HEAD_UNASSIGNED,
        WORD_HEAD_COVERAGE,  WORD_HEAD_TOTALS,    WORD_HEAD_WAITING, WORD_HEAD_RATES,
        WORD_HEAD_DEAD,      WORD_HEAD_LEDGER,
    };
    struct plain_scene *s = plain_scene();
    AUTO(buf) struct buf out;
    struct voice v = voice_of(LANGUAGE_NL, &s->zone);

    render(&s->r, &out);
    assert_order(buf_str(&out), &v, order, ARRAY_LEN(order));
    free(s);
}

Test(html, a_reseller_reads_its_own_and_how_to_answer)
{
    static const enum word order[] = {WORD_HEAD_CONFIRMED, WORD_HEAD_POTENTIAL,
                                      WORD_HEAD_NOTICES, WORD_HEAD_ENDED, WORD_HEAD_ANSWER};
    struct plain_scene *s = plain_scene_of_reseller();
    AUTO(buf) struct buf out;
    struct voice v = voice_of(LANGUAGE_NL, &s->zone);

    render(&s->r, &out);
    assert_order(buf_str(&out), &v, order, ARRAY_LEN(order));
    cr_expect_null(strstr(buf_str(&out), "<code"), "commands are for account managers");
    free(s);
}

Test(html, a_title_serves_as_heading_and_the_language_is_named)
{
    struct plain_scene *s = plain_scene();
    AUTO(buf) struct buf nl, en;

    render(&s->r, &nl);
    s->r.language = LANGUAGE_EN;
    render(&s->r, &en);
    cr_expect_eq(count(buf_str(&nl), "<h1"), 1);
    cr_expect_not_null(strstr(buf_str(&nl), "<html lang=\"nl\">"));
    cr_expect_not_null(strstr(buf_str(&en), "<html lang=\"en\">"));
    /* The reseller reads Dutch. */
    cr_expect_not_null(strstr(buf_str(&en), "<td lang=\"nl\""));
    free(s);
}

Test(html, no_cell_is_empty)
{
    struct plain_scene *scenes[] = {plain_scene(), plain_scene_of_reseller()};

    for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
        AUTO(buf) struct buf out;
        render(&scenes[i]->r, &out);
        cr_expect_null(strstr(buf_str(&out), "\"></td>"));
        cr_expect_null(strstr(buf_str(&out), "\"></th>"));
        cr_expect_null(strstr(buf_str(&out), "\"></p>"));
        cr_expect_null(strstr(buf_str(&out), "\"></li>"));
        free(scenes[i]);
    }
}

Test(html, nothing_is_remote_and_nothing_runs)
{
    static const char *const never[] = {"http:", "https:",  "<script",
                                        "<link", "@import", "url("};
    struct plain_scene *s = plain_scene();
    AUTO(buf) struct buf out;

    render(&s->r, &out);
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        cr_expect_null(strstr(buf_str(&out), never[i]), "%s", never[i]);
    free(s);
}

/* ---- What is told ---------------------------------------------------------------------- */

Test(html, an_empty_night_says_so)
{
    struct plain_scene *s = plain_scene();
    AUTO(buf) struct buf out;
    struct voice v = voice_of(LANGUAGE_NL, &s->zone);

    s->r.n_resellers = s->r.n_unassigned = s->r.n_calls = s->r.n_rates = s->r.n_waiting =
        s->r.n_dead = s->r.n_sums = s->r.n_pictures = 0;
    s->r.confirmed = s->r.potential = s->r.notices = s->r.is_new = s->r.is_resolved = 0;
    render(&s->r, &out);
    cr_expect_not_null(strstr(buf_str(&out), voice_word(&v, WORD_NO_CALLS)));
    cr_expect_not_null(strstr(buf_str(&out), voice_word(&v, WORD_NO_NEWS)));
    cr_expect_not_null(strstr(buf_str(&out), voice_word(&v, WORD_NO_FINDINGS)));
    cr_expect_not_null(strstr(buf_str(&out), voice_word(&v, WORD_TONE_CALM)));
    free(s);
}

Test(html, a_failed_audit_says_nothing_of_findings)
{
    struct plain_scene *s = plain_scene();
    AUTO(buf) struct buf out;
    struct voice v = voice_of(LANGUAGE_NL, &s->zone);

    s->r.failure = "DISK & FULL";
    s->r.n_resellers = s->r.n_unassigned = s->r.n_calls = 0;
    render(&s->r, &out);
    cr_expect_not_null(strstr(buf_str(&out), voice_word(&v, WORD_TONE_FAILED)));
    cr_expect_not_null(strstr(buf_str(&out), "DISK &amp; FULL"));
    cr_expect_null(strstr(buf_str(&out), voice_word(&v, WORD_NO_CALLS)),
                   "that nobody needs to be called is not known");
    cr_expect_null(strstr(buf_str(&out), voice_word(&v, WORD_NO_FINDINGS)));
    free(s);
}

Test(html, the_gravest_are_told_when_not_all_are)
{
    static const struct {
        size_t shown_max, confirmed, potential, groups;
        const char *why;
    } rows[] = {
        {120, 1, 1, 1, "all fit: a confirmed, a potential one, three notices of one cause"},
        {2, 1, 1, 0, "no room for notices"},
        {1, 1, 0, 0, "the confirmed one alone"},
        {0, 0, 0, 0, "none, and the count of them"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct plain_scene *s = plain_scene();
        AUTO(buf) struct buf out;
        s->r.shown_max = rows[i].shown_max;
        s->r.has_last = false; /* no table of what changed, which has its own rows */
        s->r.n_calls = 0;
        render(&s->r, &out);
        const char *html = buf_str(&out);
        cr_expect_eq(count(html, ">PLSK.00000001 <"), rows[i].confirmed, "%s", rows[i].why);
        cr_expect_eq(count(html, ">PLSK.00000002 <"), rows[i].potential, "%s", rows[i].why);
        cr_expect_eq(count(html, "PLSK.00000003, PLSK.00000004, PLSK.00000005"), rows[i].groups,
                     "%s", rows[i].why);
        free(s);
    }
}

/* What is left out is said with its number: of 6 findings (one without a reseller) 1 is told.
 */
Test(html, what_is_left_out_is_counted)
{
    struct plain_scene *s = plain_scene();
    AUTO(buf) struct buf out, more = BUF_INIT(10000);
    struct voice v = voice_of(LANGUAGE_NL, &s->zone);

    s->r.shown_max = 1;
    s->resellers[0].n_more = 7;
    render(&s->r, &out);
    struct html h = {.out = &more, .v = &v, .said = BUF_INIT(10000)};
    say_more(&v, &s->r, 5, 7, html_say(&h));
    html_said(&h);
    cr_expect_gt(more.len, 0);
    cr_expect_not_null(strstr(buf_str(&out), buf_str(&more)));
    buf_done(&h.said);
    free(s);
}

Test(html, a_picture_is_shown_once_beside_its_call)
{
    struct plain_scene *s = plain_scene();
    AUTO(buf) struct buf by_cid, by_call, in_folder = BUF_INIT((size_t)1 << 20);

    render(&s->r, &by_cid);
    cr_expect_eq(count(buf_str(&by_cid), "src=\"cid:P1@X.NL\""), 1);
    s->r.n_calls = 0;
    render(&s->r, &by_call);
    cr_expect_eq(count(buf_str(&by_call), "src=\"cid:P1@X.NL\""), 1, "beside its finding");
    cr_assert_eq(bulletin_html(&s->r, "pictures", &in_folder), 0);
    cr_expect_eq(count(buf_str(&in_folder), "src=\"pictures/P1.png\""), 1);
    cr_expect_eq(count(buf_str(&in_folder), "alt=\"\""), 0);
    free(s);
}

/* A charge begins at `by`: the second before it is the last in which it can be cleared. */
Test(html, a_call_says_the_last_moment)
{
    struct plain_scene *s = plain_scene();
    AUTO(buf) struct buf out;
    struct voice v = voice_of(LANGUAGE_NL, &s->zone);
    char last[VOICE_TEXT_SIZE], wanted[VOICE_TEXT_SIZE + 16];

    s->call.by = (wall_t){1795392001}; /* 2026-11-23 00:00:01 */
    render(&s->r, &out);
    (void)snprintf(wanted, sizeof wanted, "<b>%s</b>",
                   voice_moment(&v, (wall_t){1795392000}, last));
    cr_expect_not_null(strstr(buf_str(&out), wanted), "%s", wanted);
    free(s);
}

Test(html, what_ended_tells_the_reseller_all_of_it)
{
    struct plain_scene *s = plain_scene_of_reseller();
    AUTO(buf) struct buf out;
    struct voice v = voice_of(LANGUAGE_NL, &s->zone);

    s->lines[1].change = CHANGE_ENDED;
    render(&s->r, &out);
    const char *ended = strstr(buf_str(&out), voice_word(&v, WORD_HEAD_ENDED));
    cr_assert_not_null(ended);
    cr_expect_not_null(strstr(ended, "PLSK.00000002"), "potential, but no longer going on");
    cr_expect_not_null(strstr(ended, voice_word(&v, WORD_LABEL_CLEARS)));
    cr_expect_not_null(strstr(ended, "PLSK.00000006"), "no longer found");
    cr_expect_null(strstr(buf_str(&out), ">Mogelijk</h"), "not among the potential ones");
    free(s);
}

Test(html, too_large_is_an_error)
{
    struct plain_scene *s = plain_scene();
    AUTO(buf) struct buf out = BUF_INIT(1000);

    cr_expect_eq(bulletin_html(&s->r, NULL, &out), -ERANGE);
    free(s);
}

/* ---- No words of its own --------------------------------------------------------------- */

/* Every word of the table in brackets; what is put into it is inside them, too. */
static void bracket(const char *const *words, char *ret_words[WORD_COUNT])
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        size_t n = strlen(words[i]) + 3;
        ret_words[i] = malloc(n);
        cr_assert_not_null(ret_words[i]);
        (void)snprintf(ret_words[i], n, "[%s]", words[i]);
    }
}

/* A small letter outside all brackets is a word that no table holds. */
static void assert_bracketed(const char *text, size_t n)
{
    size_t depth = 0;

    for (size_t i = 0; i < n; i++) {
        depth += text[i] == '[' ? 1 : 0;
        depth -= text[i] == ']' && depth > 0 ? 1 : 0;
        if (text[i] == '&')
            i += strcspn(text + i, ";"); /* an entity's name */
        else
            cr_assert(depth > 0 || text[i] < 'a' || text[i] > 'z', "no word of the table: %.*s",
                      (int)n, text);
    }
}

/* An attribute's value that people read. */
static void assert_attribute(const char *tag, const char *name)
{
    size_t end = strcspn(tag, ">");
    const char *value = strstr(tag, name);

    if (value && value < tag + end)
        assert_bracketed(value + strlen(name), strcspn(value + strlen(name), "\""));
}

/* The text between tags, but for commands and style sheets: the same in any language. */
static void assert_text(const char *html)
{
    const char *p = strstr(html, "<title>");

    while ((p = strchr(p, '>'))) {
        bool is_code = strncmp(p - strlen(A_CODE), A_CODE, strlen(A_CODE)) == 0;
        size_t n = strcspn(++p, "<");
        if (!is_code)
            assert_bracketed(p, n);
        p += n;
        if (strncmp(p, "<style>", 7) == 0)
            p = strstr(p, "</style");
        if (strncmp(p, "<!--", 4) == 0)
            p = strstr(p, "-->");
        assert_attribute(p, "alt=\"");
        assert_attribute(p, "data-label=\"");
    }
}

Test(html, every_visible_word_is_the_tables)
{
    struct plain_scene *scenes[] = {plain_scene(), plain_scene_of_reseller()};
    char *words[WORD_COUNT];

    bracket(voice_words(LANGUAGE_NL), words);
    for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
        AUTO(buf) struct buf out = BUF_INIT((size_t)8 << 20);
        struct voice v = {LANGUAGE_NL, (const char *const *)words, &scenes[i]->zone};
        cr_assert_eq(bulletin_html_in(&v, &scenes[i]->r, NULL, &out), 0);
        assert_text(buf_str(&out));
        free(scenes[i]);
    }
    for (size_t i = 0; i < WORD_COUNT; i++)
        free(words[i]);
}
