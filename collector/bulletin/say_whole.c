/* What is said of a whole night: verdict, subject, numbers, the distributor's own. */
#include "bulletin/sentences.h"

#include "base/caps.h"
#include <stdio.h>

enum { PIECE_MAX = 8192 };

/* ---- The verdict ----------------------------------------------------------------------- */

static void verdict_counts(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    char money[VOICE_TEXT_SIZE];

    if (r->confirmed == 0 && r->potential == 0)
        SAY(v, out, WORD_VERDICT_CLEAN);
    if (r->confirmed > 0)
        SAY_N(v, out, WORD_VERDICT_CONFIRMED, r->confirmed);
    if (r->potential > 0) {
        buf_add_str(out, r->confirmed > 0 ? ", " : "");
        SAY_N(v, out, WORD_VERDICT_POTENTIAL, r->potential);
    }
    for (size_t i = 0; i < r->n_sums; i++) {
        if (r->sums[i].draft.minor == 0)
            continue;
        buf_add_str(out, ", ");
        SAY(v, out, WORD_VERDICT_DRAFT,
            voice_money(v, r->sums[i].draft, r->sums[i].currency, money));
    }
}

static void manager_verdict(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    int64_t dead = (int64_t)r->n_dead + r->n_dead_more;

    if (r->n_calls > 0)
        SAY_N(v, out, WORD_VERDICT_CALLS, (int64_t)r->n_calls);
    else
        SAY(v, out, WORD_VERDICT_NOTHING);
    buf_add_str(out, "; ");
    verdict_counts(v, r, out);
    if (dead > 0) {
        buf_add_str(out, "; ");
        SAY_N(v, out, WORD_VERDICT_DEAD, dead);
    }
}

/* Findings that a reseller can still do something about, or pays for. */
static int64_t attention(const struct bulletin *r)
{
    int64_t n = 0;

    for (size_t i = 0; i < r->n_resellers; i++)
        for (size_t j = 0; j < r->resellers[i].n_lines; j++) {
            const struct bulletin_line *l = &r->resellers[i].lines[j];
            n +=
                l->state == STATE_CONFIRMED || (l->state == STATE_POTENTIAL && l->has_confirms);
        }
    return n;
}

void say_verdict(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    if (r->failure) {
        SAY(v, out, WORD_VERDICT_FAILED);
    } else if (r->audience == AUDIENCE_MANAGER) {
        manager_verdict(v, r, out);
        buf_add_char(out, '.');
    } else if (attention(r) > 0) {
        SAY_N(v, out, WORD_VERDICT_RESELLER, attention(r));
    } else {
        SAY(v, out, WORD_VERDICT_RESELLER_CLEAR);
    }
}

/* ---- The subject ------------------------------------------------------------------------- */

/* The only line that a reseller must look at; NULL where there are several, or none. */
static const struct bulletin_line *only_line(const struct bulletin *r)
{
    const struct bulletin_line *found = NULL;

    for (size_t i = 0; i < r->n_resellers; i++)
        for (size_t j = 0; j < r->resellers[i].n_lines; j++) {
            const struct bulletin_line *l = &r->resellers[i].lines[j];
            if (l->state < STATE_POTENTIAL)
                continue;
            if (found)
                return NULL;
            found = l;
        }
    return found;
}

static void reseller_subject(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    AUTO(buf) struct buf finding = BUF_INIT(PIECE_MAX);
    const struct bulletin_line *l = only_line(r);
    char subject[VOICE_NAME_SIZE], day[VOICE_TEXT_SIZE];

    if (!l) {
        int64_t n = attention(r);
        if (n > 0)
            SAY_N(v, out, WORD_SUBJECT_MANY, n);
        else
            SAY(v, out, WORD_SUBJECT_CLEAR);
        return;
    }
    say_finding(v, l, &finding);
    (void)voice_name(l->shown, subject);
    if (l->state == STATE_POTENTIAL && l->has_confirms && l->cost.is_known && !l->is_trial)
        SAY(v, out, WORD_SUBJECT_SOON, subject, buf_str(&finding),
            voice_day(v, say_deadline(l->confirms_at), day));
    else
        SAY(v, out, WORD_SUBJECT_ONE, subject, buf_str(&finding));
}

void say_subject(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    AUTO(buf) struct buf what = BUF_INIT(PIECE_MAX);
    char serial[VOICE_TEXT_SIZE];

    if (r->failure)
        SAY(v, &what, WORD_SUBJECT_FAILED);
    else if (r->audience == AUDIENCE_MANAGER)
        manager_verdict(v, r, &what);
    else
        reseller_subject(v, r, &what);
    if (r->audience == AUDIENCE_RESELLER)
        buf_add_str(out, buf_str(&what));
    else if (r->serial == 0)
        SAY(v, out, WORD_SUBJECT_PREVIEW, buf_str(&what));
    else
        SAY(v, out, WORD_SUBJECT_NUMBER, voice_number(v, r->serial, serial), buf_str(&what));
}

void say_serial(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    char serial[VOICE_TEXT_SIZE], last[VOICE_TEXT_SIZE], moment[VOICE_TEXT_SIZE];

    if (r->serial == 0)
        SAY(v, out, WORD_SERIAL_PREVIEW);
    else if (!r->has_last)
        SAY(v, out, WORD_SERIAL_FIRST, voice_number(v, r->serial, serial));
    else
        SAY(v, out, WORD_SERIAL, voice_number(v, r->serial, serial),
            voice_number(v, r->last_serial, last), voice_moment(v, r->last_as_of, moment));
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
    char period[VOICE_TEXT_SIZE], since[VOICE_TEXT_SIZE];

    (void)r;
    SAY_N(v, out, WORD_WAITING, w->drafts, voice_period(v, w->period, period),
          voice_day(v, w->since, since));
}

void say_dead(const struct voice *v, const struct bulletin_dead *d, struct buf *out)
{
    char recipient[VOICE_NAME_SIZE], reader[VOICE_NAME_SIZE], why[VOICE_NAME_SIZE];
    char run[VOICE_TEXT_SIZE], at[VOICE_TEXT_SIZE];

    SAY(v, out, WORD_DEAD, voice_name(d->recipient, recipient), voice_name(d->reader, reader),
        voice_number(v, d->run, run), voice_moment(v, d->at, at), voice_name(d->why, why));
}

void say_chain(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    char number[VOICE_TEXT_SIZE];

    if (!r->entries_hash[0] && !r->decisions_hash[0])
        SAY(v, out, WORD_CHAIN_EMPTY);
    if (r->entries_hash[0])
        SAY(v, out, WORD_CHAIN_ENTRIES, voice_number(v, r->entries, number), r->entries_hash);
    if (r->entries_hash[0] && r->decisions_hash[0])
        buf_add_char(out, ' ');
    if (r->decisions_hash[0])
        SAY(v, out, WORD_CHAIN_DECISIONS, voice_number(v, r->decisions, number),
            r->decisions_hash);
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

void say_more(const struct voice *v, const struct bulletin *r, int64_t not_shown,
              int64_t not_kept, struct buf *out)
{
    char as_of[WALL_TEXT_SIZE], command[CAP_NAME];

    if (not_shown > 0)
        SAY_N(v, out, WORD_MORE_NOT_SHOWN, not_shown);
    if (not_kept <= 0)
        return;
    (void)snprintf(command, sizeof(command), "%s audit --as-of %s", r->command,
                   wall_format(r->as_of, as_of));
    if (not_shown > 0)
        buf_add_char(out, ' ');
    SAY_N(v, out, WORD_MORE_NOT_KEPT, not_kept, command);
}
