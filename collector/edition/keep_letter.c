/* One bulletin: numbered, made a letter, its edition kept, its mail put into the outbox. */
#include "crypto/digest.h"
#include "edition/keep_parts.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_ID_SIZE 512

static struct store_reader reader_of(const struct bulletin *b)
{
    return (struct store_reader){
        .kind = b->audience == AUDIENCE_MANAGER ? READER_MANAGER : READER_RESELLER,
        .id = b->id,
    };
}

static int number(const struct keep *k, struct bulletin *b)
{
    struct store_reader reader = reader_of(b);
    int64_t last_run;

    b->run = k->tally.run;
    return store_next_serial(k->order.writer, &reader, &b->serial, &last_run);
}

/* Of the night, the moment it tells of, and the reader: the same for a repeat, and never for
 * another mail. The reader's id may be any text, so its digest stands for it. */
static int message_id(const struct keep *k, const struct bulletin *b,
                      char out[static MESSAGE_ID_SIZE])
{
    struct digest digest;
    char hex[DIGEST_TEXT_SIZE];
    int r = digest_sha256(text_of(b->id), &digest);

    if (r < 0)
        return r;
    (void)digest_format(&digest, hex);
    int n = snprintf(out, MESSAGE_ID_SIZE, "fairuse.%lld.%lld.%c%.16s@%s", (long long)b->run,
                     (long long)b->as_of.s, b->audience == AUDIENCE_MANAGER ? 'm' : 'r', hex,
                     k->order.sender.right);
    return n < MESSAGE_ID_SIZE ? 0 : -ERANGE;
}

static int keep_edition(struct keep *k, const struct letter *l)
{
    const struct bulletin *b = &l->bulletin;
    int64_t serial;

    buf_reset(&k->packed);
    int r = keep_pack((struct text){buf_str(&l->text), l->text.len},
                      (struct text){buf_str(&l->json), l->json.len}, &k->packed);
    if (r < 0)
        return r;
    struct store_edition e = {
        .run = b->run,
        .reader = reader_of(b),
        .language = b->language,
        .subject = buf_str(&l->subject),
        .model = {buf_str(&k->packed), k->packed.len},
    };
    r = store_put_edition(k->order.writer, &e, &serial);
    k->tally.editions += r >= 0;
    return r;
}

/* Who answers go to: who was configured, else, for a reseller, its account manager, if mail
 * reaches that one. */
static struct mail_address reply_to(const struct keep *k, const struct bulletin *b)
{
    char wire[MAIL_ADDRESS_SIZE];
    bool needs_utf8;

    if (k->order.sender.reply_to.address[0] || b->audience == AUDIENCE_MANAGER ||
        mail_address_wire(b->contact_email, wire, &needs_utf8) < 0)
        return k->order.sender.reply_to;
    return (struct mail_address){b->contact_name, b->contact_email};
}

static void warn_address(struct keep *k, const struct bulletin *b, const char *why)
{
    char sentence[CAP_DIAG];

    (void)snprintf(sentence, sizeof(sentence), "%s %s gets no mail: %s",
                   b->audience == AUDIENCE_MANAGER ? "account manager" : "reseller", b->id,
                   why);
    k->order.warn(sentence);
    k->tally.unaddressed++;
}

static int keep_mail(struct keep *k, const struct letter *l)
{
    const struct bulletin *b = &l->bulletin;
    char id[MESSAGE_ID_SIZE], wire[MAIL_ADDRESS_SIZE];
    struct diag d = {""};
    bool needs_utf8;
    int r = message_id(k, b, id);

    if (r < 0)
        return r;
    r = b->email ? mail_address_wire(b->email, wire, &needs_utf8) : -EBADMSG;
    if (r == -EBADMSG) {
        warn_address(k, b, "its address is none");
        return 0;
    }
    if (r < 0)
        return r;
    struct letter_envelope e = {.from = k->order.sender.from,
                                .to = {b->name, b->email},
                                .reply_to = reply_to(k, b),
                                .message_id = id,
                                .date = k->order.made_at};
    buf_reset(&k->message);
    r = letter_compose(l, &e, &k->message, &d);
    if (r == -EBADMSG) {
        warn_address(k, b, d.text);
        return 0;
    }
    if (r < 0)
        return r;
    struct store_mail m = {
        .run = b->run,
        .reader = reader_of(b),
        .sender = k->order.sender.wire,
        .recipient = wire,
        .message_id = id,
        .message = {buf_str(&k->message), k->message.len},
        .next_try = k->order.made_at,
        .settled = WALL_END,
        .last_text = "",
    };
    r = store_put_mail(k->order.writer, &m);
    k->tally.mails += r >= 0;
    return r;
}

int keep_bulletin(struct keep *k, const struct bulletin *b)
{
    struct bulletin numbered = *b;
    struct letter_maker maker = {.run = k->order.run,
                                 .left = "",
                                 .right = k->order.sender.right,
                                 .is_plain =
                                     k->order.is_failed || k->drawn >= KEEP_PICTURES_MAX};
    struct letter letter;
    struct diag d = {""};

    if (k->order.language)
        numbered.language = *k->order.language;
    int r = number(k, &numbered);
    if (r < 0)
        return r;
    r = letter_make(&maker, &numbered, &letter, &d);
    if (r < 0)
        return r;
    k->drawn += letter.bulletin.n_pictures;
    r = keep_begin(k);
    if (r >= 0)
        r = keep_edition(k, &letter);
    if (r >= 0)
        r = keep_mail(k, &letter);
    letter_done(&letter);
    return r;
}
