/* Telling that a night failed where the outbox cannot: one attempt, at once. */
#include "ctl/report.h"

#include "crypto/digest.h"
#include <stdio.h>

enum { ALARM_MAX = 1 << 20 };

/* A mail on its way around the outbox. */
struct alarm {
    struct ctl *c;
    const struct report_route *route;
    struct mail_sender *sender;
    int64_t day;
};

/* The same for the same reader and day: a repeat is recognised. */
static int alarm_id(const struct alarm *a, const char *reader, char out[static CAP_DIAG])
{
    struct digest digest;
    char hex[DIGEST_TEXT_SIZE];
    int r = digest_sha256(text_of(reader), &digest);

    if (r < 0)
        return r;
    (void)snprintf(out, CAP_DIAG, "fairuse.alarm.%lld.%.16s@%s", (long long)a->day,
                   digest_format(&digest, hex), a->route->right);
    return 0;
}

static int send_now(const struct alarm *a, const struct bulletin *b)
{
    AUTO(buf) struct buf message = BUF_INIT(ALARM_MAX);
    AUTO(letter) struct letter letter = {.arena = {0}};
    struct letter_maker maker = {.left = "", .right = a->route->right, .is_plain = true};
    struct mail_result result;
    struct diag d = {""};
    char id[CAP_DIAG], wire[MAIL_ADDRESS_SIZE];
    bool needs_utf8;
    int r = mail_address_wire(b->email, wire, &needs_utf8);

    if (r >= 0)
        r = alarm_id(a, b->id, id);
    if (r >= 0)
        r = letter_make(&maker, b, &letter, &d);
    if (r < 0)
        return r;
    struct letter_envelope e = {.from = a->route->sender.from,
                                .to = {b->name, b->email},
                                .reply_to = a->route->sender.reply_to,
                                .message_id = id,
                                .date = ctl_now(a->c)};
    r = letter_compose(&letter, &e, &message, &d);
    if (r < 0)
        return r;
    mail_send(a->sender, a->route->wire, wire, (struct text){buf_str(&message), message.len},
              &result);
    ctl_note("the alarm to %s: %s%s%s", wire, result.fate == MAIL_SENT ? "sent" : "not sent",
             result.text[0] ? ": " : "", result.text);
    return 0;
}

/* A sink's: an alarm that cannot be made stops no other. */
static int take(void *arg, const struct bulletin *b)
{
    if (send_now(arg, b) < 0)
        ctl_note("the alarm to %s could not be made", b->id);
    return 0;
}

static int pass_begin(void *arg, enum bulletin_audience audience, const char *id)
{
    (void)arg, (void)audience, (void)id;
    return 0;
}

static int pass_row(void *arg, const struct edition_said *row)
{
    (void)arg, (void)row;
    return 0;
}

static void tell_operators(struct alarm *a)
{
    const struct table_texts *to = &ctl_settings(a->c)->mail.alarm_to;
    const struct zone *zone = &ctl_settings(a->c)->zone;

    for (size_t i = 0; i < to->n; i++) {
        struct bulletin b = {.audience = AUDIENCE_MANAGER,
                             .language = LANGUAGE_EN,
                             .id = to->v[i],
                             .name = to->v[i],
                             .email = to->v[i],
                             .as_of = ctl_now(a->c),
                             .newest = period_at(zone, ctl_now(a->c)),
                             .zone = zone,
                             .failure = ctl_first_failure(),
                             .contact_name = "",
                             .contact_email = "",
                             .entries_hash = "",
                             .decisions_hash = "",
                             .command = "fairusectl",
                             .shown_max = BULLETIN_SHOWN_MAX};
        (void)take(a, &b);
    }
}

void report_alarm(struct ctl *c, const struct report_route *route,
                  const struct edition_setup *setup)
{
    AUTO(mail_sender) struct mail_sender *sender = NULL;
    struct diag d = {""};
    struct alarm a = {.c = c, .route = route};

    if (mail_sender_new(&route->route, &sender, &d) < 0) {
        ctl_note("no alarm could be sent: %s", d.text);
        return;
    }
    a.sender = sender;
    a.day = zone_date_at(&ctl_settings(c)->zone, ctl_now(c));
    tell_operators(&a);
    struct edition_sink sink = {take, pass_begin, pass_row, &a};
    if (setup && edition_fail(setup, ctl_first_failure(), &sink, &d) < 0)
        ctl_note("the account managers could not be told: %s", d.text);
}
