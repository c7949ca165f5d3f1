/* From a bulletin to a mail of bounded size. */
#include "edition/letter.h"

#include "bulletin/render.h"
#include "bulletin/sentences.h"
#include "edition/picture.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    PART_MAX = 64 << 20,    /* one rendering: a model of 2,000 lines with long names is 8 MB */
    PICTURE_MAX = 1 << 20,  /* one PNG; they are 20 to 40 kB */
    ENVELOPE_BYTES = 16384, /* headers and boundaries */
};

void letter_done(struct letter *l)
{
    buf_done(&l->subject);
    buf_done(&l->text);
    buf_done(&l->html);
    buf_done(&l->csv);
    buf_done(&l->money_csv);
    buf_done(&l->json);
    for (size_t i = 0; i < BULLETIN_PICTURES_MAX; i++)
        buf_done(&l->pictures[i]);
    arena_done(&l->arena);
}

static void letter_init(struct letter *l, const struct bulletin *b)
{
    *l = (struct letter){
        .bulletin = *b,
        .subject = BUF_INIT(4096),
        .text = BUF_INIT(PART_MAX),
        .html = BUF_INIT(PART_MAX),
        .csv = BUF_INIT(PART_MAX),
        .money_csv = BUF_INIT(PART_MAX),
        .json = BUF_INIT(PART_MAX),
    };
    for (size_t i = 0; i < BULLETIN_PICTURES_MAX; i++)
        l->pictures[i] = BUF_INIT(PICTURE_MAX);
}

/* ---- The letter's own copy: lines learn which picture is theirs -------------------------- */

/* The resellers and lines of the bulletin, anew and free to be changed. */
struct copy {
    struct bulletin_reseller *resellers;
    struct bulletin_line **lines; /* of each reseller */
};

static int copy_lines(struct letter *l, struct copy *ret)
{
    struct bulletin *b = &l->bulletin;
    size_t n = b->n_resellers;

    ret->resellers = arena_array(&l->arena, n + 1, sizeof(*ret->resellers));
    ret->lines = arena_array(&l->arena, n + 1, sizeof(*ret->lines));
    if (!ret->resellers || !ret->lines)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        struct bulletin_reseller *x = &ret->resellers[i];
        *x = b->resellers[i];
        ret->lines[i] = arena_array(&l->arena, x->n_lines + 1, sizeof(**ret->lines));
        if (!ret->lines[i])
            return -ENOMEM;
        for (size_t j = 0; j < x->n_lines; j++)
            ret->lines[i][j] = x->lines[j];
        x->lines = ret->lines[i];
    }
    b->resellers = ret->resellers;
    return 0;
}

/*
 * Which findings have a picture: those that cost, or would. A manager sees those of the calls;
 * a reseller what is new to it or changed.
 */
static bool wants_picture(const struct bulletin *b, const struct bulletin_line *line)
{
    if (!bulletin_is_charging(line->kind) || line->state < STATE_POTENTIAL)
        return false;
    return b->audience == AUDIENCE_MANAGER || line->change != CHANGE_NONE;
}

static int draw(struct letter *l, const struct letter_maker *m, size_t reseller,
                struct bulletin_line *line, struct diag *d)
{
    struct bulletin_picture *pictures = (struct bulletin_picture *)l->bulletin.pictures;
    size_t i = l->bulletin.n_pictures;
    struct edition_picture_order order = {.run = m->run,
                                          .bulletin = &l->bulletin,
                                          .reseller = l->bulletin.resellers[reseller].id,
                                          .line = line};
    struct edition_picture_size size;
    char cid[1024];
    int r = edition_picture(&order, &l->pictures[i], &size, d);

    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return r;
    int n = l->bulletin.run == 0
                ? snprintf(cid, sizeof(cid), "%sp%zu@%s", m->left, i + 1, m->right)
                : snprintf(cid, sizeof(cid), "%sp%zu.%lld.%lld@%s", m->left, i + 1,
                           (long long)l->bulletin.run, (long long)l->bulletin.serial, m->right);
    if (n < 0 || (size_t)n >= sizeof(cid))
        return -ERANGE;
    char *kept = arena_text(&l->arena, text_of(cid));
    if (!kept)
        return -ENOMEM;
    pictures[i] = (struct bulletin_picture){.cid = kept,
                                            .line = line,
                                            .reseller = reseller,
                                            .width = size.width,
                                            .height = size.height};
    line->picture = (int32_t)i;
    l->bulletin.n_pictures = i + 1;
    return 0;
}

/* The first of each reseller that is to be called, then whatever else fits. */
static int draw_all(struct letter *l, const struct letter_maker *m, const struct copy *c,
                    struct diag *d)
{
    const struct bulletin *b = &l->bulletin;
    struct bulletin_picture *pictures =
        arena_array(&l->arena, BULLETIN_PICTURES_MAX, sizeof(*pictures));
    bool is_manager = b->audience == AUDIENCE_MANAGER;
    size_t resellers = is_manager ? b->n_calls : b->n_resellers;

    if (!pictures)
        return -ENOMEM;
    l->bulletin.pictures = pictures;
    for (size_t i = 0; i < resellers; i++) {
        size_t x = is_manager ? b->calls[i].reseller : i;
        size_t drawn = 0, most = is_manager ? 1 : BULLETIN_PICTURES_MAX;
        for (size_t j = 0; j < b->resellers[x].n_lines && drawn < most; j++) {
            if (b->n_pictures == BULLETIN_PICTURES_MAX)
                return 0;
            if (!wants_picture(b, &c->lines[x][j]))
                continue;
            size_t before = b->n_pictures;
            int r = draw(l, m, x, &c->lines[x][j], d);
            if (r < 0)
                return r;
            drawn += b->n_pictures - before;
        }
    }
    return 0;
}

/* ---- Size ------------------------------------------------------------------------------ */

static void forget_pictures(struct letter *l, const struct copy *c)
{
    for (size_t i = 0; i < l->bulletin.n_resellers; i++)
        for (size_t j = 0; j < c->resellers[i].n_lines; j++)
            c->lines[i][j].picture = -1;
    for (size_t i = 0; i < BULLETIN_PICTURES_MAX; i++)
        buf_reset(&l->pictures[i]);
    l->bulletin.n_pictures = 0;
}

/* Half of each reseller's lines, the less grave ones, are counted only. */
static bool halve_lines(struct letter *l, const struct copy *c)
{
    bool has_less = false;

    for (size_t i = 0; i < l->bulletin.n_resellers; i++) {
        struct bulletin_reseller *x = &c->resellers[i];
        size_t half = x->n_lines / 2;
        has_less = has_less || half < x->n_lines;
        x->n_more += (int64_t)(x->n_lines - half);
        x->n_lines = half;
    }
    return has_less;
}

static int render(struct letter *l)
{
    const struct bulletin *b = &l->bulletin;

    buf_reset(&l->text);
    buf_reset(&l->html);
    buf_reset(&l->csv);
    buf_reset(&l->money_csv);
    int r = bulletin_text(b, &l->text);
    if (r >= 0)
        r = bulletin_html(b, NULL, &l->html);
    if (r >= 0)
        r = bulletin_csv(b, &l->csv);
    return r >= 0 ? bulletin_money_csv(b, &l->money_csv) : r;
}

/* A text in quoted-printable (RFC 2045 6.7), at most: three bytes for each that is not plain,
 * two for a line's end, and three for the soft break of each line of 72. */
static size_t quoted_bytes(const struct buf *text)
{
    size_t n = 0;

    for (size_t i = 0; i < text->len; i++) {
        uint8_t c = (uint8_t)text->data[i];
        bool is_plain = c == ' ' || c == '\t' || (c > ' ' && c < 0x7f && c != '=');
        n += c == '\n' ? 2 : is_plain ? 1 : 3;
    }
    return n + (n / 72 + 1) * 3;
}

/* Bytes of the mail, at most; base64 is 4 for 3, with a line's end after each 72. */
static size_t mail_bytes(const struct letter *l)
{
    size_t files = l->csv.len + (l->bulletin.lacks_amounts ? 0 : l->money_csv.len);

    for (size_t i = 0; i < l->bulletin.n_pictures; i++)
        files += l->pictures[i].len;
    return ENVELOPE_BYTES + quoted_bytes(&l->text) + quoted_bytes(&l->html) +
           (files / 3 + 1) * 4 * 74 / 72;
}

/*
 * Shortens until it fits: first the pictures, then what is told, then what is listed, at last
 * the amounts. What is left then has a bound: calls, sums, and lists of names that are counted.
 */
static int fit(struct letter *l, const struct copy *c)
{
    int r = render(l);

    if (r >= 0 && mail_bytes(l) > LETTER_BYTES_MAX && l->bulletin.n_pictures > 0) {
        forget_pictures(l, c);
        r = render(l);
    }
    while (r >= 0 && mail_bytes(l) > LETTER_BYTES_MAX && l->bulletin.shown_max > 1) {
        l->bulletin.shown_max /= 2;
        r = render(l);
    }
    while (r >= 0 && mail_bytes(l) > LETTER_BYTES_MAX && halve_lines(l, c))
        r = render(l);
    if (r >= 0 && mail_bytes(l) > LETTER_BYTES_MAX) {
        l->bulletin.lacks_amounts = true;
        r = render(l);
    }
    return r;
}

int letter_make(const struct letter_maker *m, const struct bulletin *b, struct letter *ret,
                struct diag *d)
{
    struct copy copy;

    letter_init(ret, b);
    int r = copy_lines(ret, &copy);
    if (r >= 0 && !m->is_plain)
        r = draw_all(ret, m, &copy, d);
    if (r >= 0)
        r = bulletin_json(&ret->bulletin, &ret->json);
    if (r >= 0)
        r = fit(ret, &copy);
    if (r >= 0) {
        struct voice v = voice_of(b->language, b->zone);
        say_subject(&v, &ret->bulletin, &ret->subject);
        r = buf_error(&ret->subject);
    }
    if (r < 0)
        letter_done(ret);
    return r;
}

/* ---- The mail -------------------------------------------------------------------------- */

#define FILE_NAME_SIZE 64

/* The files of a mail: pictures first, then tables. `names` has room for all. */
static size_t list_files(const struct letter *l, struct mail_file *files,
                         char names[][FILE_NAME_SIZE])
{
    const struct bulletin *b = &l->bulletin;
    char day[WALL_TEXT_SIZE];
    size_t n = 0;

    for (; n < b->n_pictures; n++) {
        (void)snprintf(names[n], FILE_NAME_SIZE, "timeline-%zu.png", n + 1);
        files[n] = (struct mail_file){names[n],
                                      "image/png",
                                      b->pictures[n].cid,
                                      {l->pictures[n].data, l->pictures[n].len}};
    }
    (void)wall_format(b->as_of, day);
    const struct buf *tables[] = {&l->csv, &l->money_csv};
    static const char *const stems[] = {"findings", "amounts"};
    size_t n_tables = b->audience != AUDIENCE_MANAGER ? 0 : b->lacks_amounts ? 1 : 2;
    for (size_t i = 0; i < n_tables; i++, n++) {
        (void)snprintf(names[n], FILE_NAME_SIZE, "fairuse-%.10s-%s.csv", day, stems[i]);
        files[n] = (struct mail_file){
            names[n], "text/csv; charset=utf-8", NULL, {buf_str(tables[i]), tables[i]->len}};
    }
    return n;
}

int letter_compose(const struct letter *l, const struct letter_envelope *e, struct buf *out,
                   struct diag *d)
{
    char names[BULLETIN_PICTURES_MAX + 2][FILE_NAME_SIZE];
    struct mail_file files[BULLETIN_PICTURES_MAX + 2];
    char run[24];

    (void)snprintf(run, sizeof(run), "%lld", (long long)l->bulletin.run);
    struct mail_order order = {
        .from = e->from,
        .to = e->to,
        .reply_to = e->reply_to,
        .subject = buf_str(&l->subject),
        .message_id = e->message_id,
        .date = e->date,
        .date_offset_s = zone_at(l->bulletin.zone, e->date)->offset_s,
        .language = l->bulletin.language == LANGUAGE_NL ? "nl" : "en",
        .run = run,
        .text = buf_str(&l->text),
        .html = buf_str(&l->html),
        .files = files,
        .n_files = list_files(l, files, names),
    };
    return mail_compose(&order, out, d);
}
