/* The HTML report's document: head, title, verdict, foot. */
#include "bulletin/html_parts.h"
#include "bulletin/say_parts.h"

/*
 * What a mail program may drop without harm: narrow screens, on which labels stand above their
 * texts and the columns of tables below each other, each with its name; and the dark scheme.
 * Everything inline is overruled, hence the marks of importance.
 */
static const char style[] =
    "<style>\n"
    ":root{color-scheme:light dark}\n"
    "@media (max-width:600px){\n"
    ".ar{padding:0!important}\n"
    ".sh{padding:22px 16px!important;border-radius:0!important}\n"
    ".k,.f{display:block!important;width:auto!important;padding:0!important}\n"
    ".f{padding-bottom:8px!important}\n"
    ".t thead{display:none!important}\n"
    ".t tbody,.t tr,.t th,.t td{display:block!important}\n"
    ".t th,.t td{padding:1px 0!important;border:0!important;text-align:left!important;"
    "white-space:normal!important}\n"
    ".t tr{padding:8px 0!important;border-bottom:1px solid #d6dade}\n"
    ".t td[data-label]::before{content:attr(data-label) \": \";color:#555f69}\n"
    ".cd{padding:12px 14px!important}\n"
    "}\n"
    "@media (prefers-color-scheme:dark){\n"
    ".pg{background:#0f1215!important}\n"
    ".sh{background:#191d22!important;color:#e5e8ec!important}\n"
    ".s{color:#a9b2bc!important}\n"
    ".b{background:#23282e!important;border-color:#454d56!important}\n"
    ".l{border-color:#3d444c!important}\n"
    ".h2{border-color:#3d444c!important}\n"
    ".vr{background:#3a1e1d!important;border-color:#e0675e!important;color:#ffc9c4!important}\n"
    ".va{background:#33290f!important;border-color:#d0a03f!important;color:#f5d99b!important}\n"
    ".vg{background:#182d1f!important;border-color:#5fae7d!important;color:#b4e4c4!important}\n"
    ".fr{border-color:#e0675e!important}\n"
    ".fa{border-color:#d0a03f!important}\n"
    ".fg{border-color:#5fae7d!important}\n"
    ".fn{border-color:#78828d!important}\n"
    ".t tr{border-color:#3d444c!important}\n"
    ".t td[data-label]::before{color:#a9b2bc!important}\n"
    "}\n"
    "</style>\n"
    /* Outlook's engine knows no other family than the first, and does not inherit it. */
    "<!--[if mso]><style>table,td,th,p,li,h1,h2,h3,h4,h5{font-family:\"Segoe UI\",Arial,"
    "sans-serif}</style><![endif]-->\n";

static void say_title(struct html *h, struct buf *out)
{
    char name[VOICE_NAME_SIZE];

    SAY(h->v, out,
        h->r->audience == AUDIENCE_MANAGER ? WORD_TITLE_MANAGER : WORD_TITLE_RESELLER,
        voice_name(h->r->name, name));
}

/* Webmail drops <html>, hence the language once more inside. Outlook knows no max-width. */
static void open_sheet(struct html *h, const char *lang)
{
    html_raw(h, "<body" A_PAGE ">\n<div lang=\"");
    html_raw(h, lang);
    html_raw(h,
             "\">\n<table" A_FULL "><tr><td" A_AROUND ">\n"
             "<!--[if mso]><table role=\"presentation\" align=\"center\" width=\"720\"><tr><td>"
             "<![endif]-->\n"
             "<table" A_COLUMN "><tr><td" A_SHEET ">\n");
}

void html_begin(struct html *h)
{
    const char *lang = html_lang(h->v->language);
    char at[VOICE_TEXT_SIZE];

    html_raw(h, "<!DOCTYPE html>\n<html lang=\"");
    html_raw(h, lang);
    html_raw(h, "\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n"
                "<meta name=\"supported-color-schemes\" content=\"light dark\">\n"
                "<title>");
    say_title(h, html_say(h));
    html_said(h);
    html_raw(h, "</title>\n");
    html_raw(h, style);
    html_raw(h, "</head>\n");
    open_sheet(h, lang);
    html_raw(h, "<h1" A_H1 ">");
    html_said(h);
    html_raw(h, "</h1>\n");
    SAY(h->v, html_say(h), WORD_AS_OF, voice_moment(h->v, h->r->as_of, at));
    html_said_in_p(h, A_META);
    say_serial(h->v, h->r, html_say(h));
    html_said_in_p(h, A_META);
}

/* ---- The verdict ----------------------------------------------------------------------- */

struct tone {
    const char *sign; /* a shape, for those to whom colours say nothing */
    enum word word;
    const char *box;
};

static struct tone tone_of_manager(const struct bulletin *r)
{
    if (r->n_calls > 0)
        return (struct tone){"\u25b2", WORD_TONE_ACT, A_VERDICT_RED};
    if (r->confirmed + r->potential + r->is_new + r->is_changed > 0 || r->n_waiting > 0 ||
        r->n_dead > 0)
        return (struct tone){"\u25c6", WORD_TONE_WATCH, A_VERDICT_AMBER};
    return (struct tone){"\u2713", WORD_TONE_CALM, A_VERDICT_GREEN};
}

/* Whether something confirmed is going to be charged. */
static bool is_charged(const struct bulletin *r)
{
    for (size_t i = 0; i < r->n_resellers; i++)
        for (size_t j = 0; j < r->resellers[i].n_lines; j++) {
            const struct bulletin_line *l = &r->resellers[i].lines[j];
            if (l->state == STATE_CONFIRMED && say_is_paid(l) && !l->is_disputed)
                return true;
        }
    return false;
}

static struct tone tone_of(const struct bulletin *r)
{
    if (r->failure)
        return (struct tone){"\u2715", WORD_TONE_FAILED, A_VERDICT_RED};
    if (r->audience == AUDIENCE_MANAGER)
        return tone_of_manager(r);
    if (is_charged(r))
        return (struct tone){"\u25b2", WORD_TONE_COSTS, A_VERDICT_RED};
    if (r->confirmed + r->potential > 0)
        return (struct tone){"\u25c6", WORD_TONE_WATCH, A_VERDICT_AMBER};
    return (struct tone){"\u2713", WORD_TONE_CALM, A_VERDICT_GREEN};
}

void html_verdict(struct html *h)
{
    struct tone tone = tone_of(h->r);

    html_raw(h, "<table" A_VERDICT "><tr><td");
    html_raw(h, tone.box);
    html_raw(h, ">\n<p" A_VERDICT_WORD "><span aria-hidden=\"true\">");
    html_raw(h, tone.sign);
    html_raw(h, "</span> ");
    html_word(h, tone.word);
    html_raw(h, "</p>\n");
    say_verdict(h->v, h->r, html_say(h));
    html_said_in_p(h, A_VERDICT_TEXT);
    html_raw(h, "</td></tr></table>\n");
}

/* ---- The foot -------------------------------------------------------------------------- */

void html_end(struct html *h)
{
    char at[VOICE_TEXT_SIZE];

    html_raw(h, "<p" A_FOOT ">");
    html_word(h, WORD_FOOTER_STATES);
    html_raw(h, "</p>\n");
    SAY(h->v, html_say(h), WORD_FOOTER_AUTOMATIC, voice_moment(h->v, h->r->as_of, at));
    html_said_in_p(h, A_META);
    html_raw(h, "</td></tr></table>\n"
                "<!--[if mso]></td></tr></table><![endif]-->\n"
                "</td></tr></table>\n</div>\n</body>\n</html>\n");
}
