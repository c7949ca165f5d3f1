/* Asking collectors, and sending reports to them. */
#include "uplink/uplink_parts.h"

#include <errno.h>
#include <string.h>

/* ---- One collector --------------------------------------------------------------------- */

/* What there is of an answer that is not 200. */
static void take_refusal(const char *url, const struct exchange_answer *answer,
                         struct message_result *ret)
{
    char said[MESSAGE_TEXT_MAX + 1];
    struct diag why;
    answer_read_error((struct text){buf_str(&answer->body), answer->body.len}, ret->at, said);
    (void)diag_set(&why, 0, "%s: %lld%s%s", url, (long long)answer->status, said[0] ? ": " : "",
                   said);
    uplink_put_text(text_of(why.text), ret->why);
}

/* What cannot be read is as good as no answer: the report is kept, and sent again, which does
 * no harm where it had arrived. */
static void take_done(struct uplink *u, const struct uplink_question *q, const char *url,
                      const struct exchange_answer *answer, struct message_result *ret)
{
    AUTO(buf) struct buf told = BUF_INIT(UPLINK_OUT_CAP);
    struct diag why = {""};
    int r = q->read(u, q->arg, (struct text){buf_str(&answer->body), answer->body.len}, &told,
                    &why);
    if (r == 0) {
        buf_add(&u->out, buf_str(&told), told.len);
        return;
    }
    diag_within(&why, "%s", url);
    ret->outcome = r == -EBADMSG ? MESSAGE_LATER : MESSAGE_BROKEN;
    uplink_put_text(text_of(why.text), ret->why);
}

/* Keeps what is better; whose the identity is does not change by it. */
static void settle(struct uplink *u, struct message_result *found)
{
    bool is_first = u->result.outcome == 0;
    if (!is_first && !uplink_is_better(found->outcome, u->result.outcome))
        return;
    found->identity_from = u->result.identity_from;
    found->identity_to = u->result.identity_to;
    u->result = *found;
}

void uplink_ask(struct uplink *u, const char *url, const struct uplink_question *q)
{
    const struct exchange_order order = {
        .url = url,
        .path = q->path,
        .authority = q->authority,
        .identity = q->identity,
        .proxy = u->options->proxy,
        .body = q->body,
        .acknowledged = q->acknowledged,
        .boot = u->boot,
    };
    AUTO(exchange_answer) struct exchange_answer answer;
    exchange_post(&order, &answer);
    struct message_result found = {.outcome = answer.outcome,
                                   .status = answer.status,
                                   .retry_after_s = answer.retry_after_s,
                                   .clock_boot = answer.clock_boot.s};
    if (answer.outcome != MESSAGE_DONE) {
        uplink_put_text(text_of(answer.why.text), found.why);
    } else {
        found.outcome = uplink_judge(answer.status);
        if (found.outcome == MESSAGE_DONE)
            take_done(u, q, url, &answer, &found);
        else
            take_refusal(url, &answer, &found);
    }
    settle(u, &found);
}

/* ---- All of them ----------------------------------------------------------------------- */

/* Whether another collector could do better: one that cannot be reached, or believed, or has no
 * time. What one says of the body or of us, all would. */
static bool is_open(enum message_outcome o)
{
    return o == MESSAGE_LATER || o == MESSAGE_UNREACHABLE || o == MESSAGE_UNTRUSTED;
}

void uplink_ask_all(struct uplink *u, const struct uplink_question *q)
{
    const struct table_texts *urls = &u->options->collectors;
    struct diag d;
    if (urls->n == 0 && u->enrolled_url[0] == '\0') {
        (void)diag_set(&d, 0, "no collector is set, and none was enrolled with");
        uplink_end(u, MESSAGE_NO_IDENTITY, &d);
        return;
    }
    if (urls->n == 0)
        uplink_ask(u, u->enrolled_url, q);
    for (size_t i = 0; i < urls->n && (i == 0 || is_open(u->result.outcome)); i++)
        uplink_ask(u, urls->v[i], q);
}

/* ---- A report -------------------------------------------------------------------------- */

static int read_accepted(struct uplink *u, void *arg, struct text body, struct buf *out,
                         struct diag *d)
{
    (void)arg;
    struct message m = {.kind = MESSAGE_TAKEN};
    int r = answer_read(body, out, &m.as.taken.is_lacking, d);
    if (r != 0 || u->server[0] == '\0')
        return r;
    memcpy(m.as.taken.server, u->server, sizeof u->server);
    message_encode(&m, out);
    return buf_error(out);
}

void uplink_send(struct uplink *u, const struct uplink_acknowledged *last, struct text body)
{
    if (!uplink_read_identity(u))
        return;
    bool is_same = u->server[0] != '\0' && strcmp(u->server, last->server) == 0;
    uplink_ask_all(u, &(const struct uplink_question){.path = "/v1/reports",
                                                      .acknowledged = is_same ? last->said : "",
                                                      .authority = u->authority,
                                                      .identity = u->identity,
                                                      .body = body,
                                                      .read = read_accepted});
}
