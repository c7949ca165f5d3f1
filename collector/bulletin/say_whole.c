/* What is said of a whole night: its number, and the distributor's own. */
#include "bulletin/sentences.h"

#include <inttypes.h>
#include <stdio.h>

enum { PIECE_MAX = 8192 };

/* ---- The serial number ------------------------------------------------------------------- */

/* A serial is a name: it is not grouped as a number is. */
static const char *plain(int64_t n, char out[static VOICE_TEXT_SIZE])
{
    (void)snprintf(out, VOICE_TEXT_SIZE, "%" PRId64, n);
    return out;
}

void say_serial(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    char serial[VOICE_TEXT_SIZE], last[VOICE_TEXT_SIZE], moment[VOICE_TEXT_SIZE];

    if (r->serial == 0)
        SAY(v, out, WORD_SERIAL_PREVIEW);
    else if (!r->has_last)
        SAY(v, out, WORD_SERIAL_FIRST, plain(r->serial, serial));
    else
        SAY(v, out, WORD_SERIAL, plain(r->serial, serial), plain(r->last_serial, last),
            voice_moment(v, r->last_as_of, moment));
}

/* ---- The distributor's own --------------------------------------------------------------- */

void say_rate(const struct voice *v, const struct bulletin_rate *x, struct buf *out)
{
    static const enum finding_kind kinds[CHARGE_KIND_COUNT] = {
        [CHARGE_EXTRA_IP] = FINDING_EXTRA_IP,
        [CHARGE_MAILBOXES] = FINDING_MAILBOXES,
        [CHARGE_OUTSIDE] = FINDING_OUTSIDE,
    };
    char withdrawn[VOICE_TEXT_SIZE], charged[VOICE_TEXT_SIZE], share[VOICE_TEXT_SIZE];

    SAY(v, out, WORD_RATE, say_kind(v, kinds[x->kind]),
        voice_number(v, x->withdrawn, withdrawn), voice_number(v, x->charged, charged),
        voice_share(v, x->withdrawn, x->charged, share));
}

void say_waiting(const struct voice *v, const struct bulletin *r,
                 const struct bulletin_waiting *w, struct buf *out)
{
    char period[VOICE_TEXT_SIZE], since[VOICE_TEXT_SIZE], name[PERIOD_TEXT_SIZE];

    (void)r;
    SAY_N(v, out, WORD_WAITING, w->drafts, voice_period(v, w->period, period),
          voice_day(v, w->since, since), period_format(w->period, name));
}

void say_dead(const struct voice *v, const struct bulletin_dead *d, struct buf *out)
{
    char recipient[VOICE_NAME_SIZE], reader[VOICE_NAME_SIZE], why[VOICE_NAME_SIZE];
    char run[VOICE_TEXT_SIZE], at[VOICE_TEXT_SIZE];

    SAY(v, out, WORD_DEAD, voice_name(d->recipient, recipient), voice_name(d->reader, reader),
        plain(d->run, run), voice_moment(v, d->at, at), voice_name(d->why, why));
}

void say_chain(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    char number[VOICE_TEXT_SIZE];

    if (!r->entries_hash[0] && !r->decisions_hash[0])
        SAY(v, out, WORD_CHAIN_EMPTY);
    if (r->entries_hash[0])
        SAY(v, out, WORD_CHAIN_ENTRIES, plain(r->entries, number), r->entries_hash);
    if (r->entries_hash[0] && r->decisions_hash[0])
        buf_add_char(out, ' ');
    if (r->decisions_hash[0])
        SAY(v, out, WORD_CHAIN_DECISIONS, plain(r->decisions, number), r->decisions_hash);
}

void say_failure(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    char why[VOICE_NAME_SIZE];

    SAY(v, out, WORD_FAILURE, voice_name(r->failure, why));
}

void say_answer(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    char name[VOICE_NAME_SIZE], address[VOICE_NAME_SIZE];

    SAY(v, out, WORD_ANSWER, voice_name(r->contact_name, name),
        voice_name(r->contact_email, address));
}

void say_picture(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    AUTO(buf) struct buf seen = BUF_INIT(PIECE_MAX);
    AUTO(buf) struct buf finding = BUF_INIT(PIECE_MAX);
    char subject[VOICE_NAME_SIZE];

    say_finding(v, l, &finding);
    SAY(v, out, WORD_PICTURE, voice_name(l->shown, subject), buf_str(&finding));
    say_seen(v, l, &seen);
    if (seen.len > 0)
        buf_printf(out, " %s", buf_str(&seen));
}

void say_names_add(struct say_names *names, const char *name)
{
    char shown[VOICE_NAME_SIZE];

    if (names->n++ >= SAY_NAMED_MAX)
        return;
    int n = snprintf(names->text + names->len, sizeof(names->text) - names->len, "%s%s",
                     names->n > 1 ? ", " : "", voice_name(name, shown));
    names->len += (size_t)n; /* there is room for so many */
}

void say_names(const struct voice *v, const struct say_names *names, struct buf *out)
{
    buf_add(out, names->text, names->len);
    if (names->n <= SAY_NAMED_MAX)
        return;
    buf_add_char(out, ' ');
    SAY_N(v, out, WORD_AND_MORE, names->n - SAY_NAMED_MAX);
}

void say_more_calls(const struct voice *v, const struct say_names *names, struct buf *out)
{
    AUTO(buf) struct buf list = BUF_INIT(sizeof(names->text) + PIECE_MAX);

    say_names(v, names, &list);
    if (buf_error(&list) && !buf_error(out))
        out->error = buf_error(&list);
    SAY_N(v, out, WORD_MORE_CALLS, names->n, buf_str(&list));
}

void say_lacks_amounts(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    AUTO(buf) struct buf command = BUF_INIT(PIECE_MAX);

    if (!r->lacks_amounts)
        return;
    buf_printf(&command, "%s ledger list --draft", r->command);
    SAY(v, out, WORD_LACKS_AMOUNTS, buf_str(&command));
}

void say_more(const struct voice *v, const struct bulletin *r, int64_t not_shown,
              int64_t not_kept, struct buf *out)
{
    AUTO(buf) struct buf command = BUF_INIT(PIECE_MAX);
    char as_of[WALL_TEXT_SIZE];

    if (r->audience == AUDIENCE_RESELLER) {
        if (not_shown + not_kept > 0)
            SAY_N(v, out, WORD_MORE_RESELLER, not_shown + not_kept);
        return;
    }
    if (not_shown > 0)
        SAY_N(v, out, WORD_MORE_NOT_SHOWN, not_shown);
    if (not_kept <= 0)
        return;
    buf_printf(&command, "%s audit --as-of %s", r->command, wall_format(r->as_of, as_of));
    if (not_shown > 0)
        buf_add_char(out, ' ');
    SAY_N(v, out, WORD_MORE_NOT_KEPT, not_kept, buf_str(&command));
}
