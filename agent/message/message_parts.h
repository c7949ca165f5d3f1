/* What the two halves of this room share: the table of fields, and what each may hold. */
#ifndef MESSAGE_MESSAGE_PARTS_H
#define MESSAGE_MESSAGE_PARTS_H

#include "message/message.h"

enum message_form {
    MESSAGE_FORM_U8,
    MESSAGE_FORM_BOOL,
    MESSAGE_FORM_ENUM, /* one byte; an int in memory */
    MESSAGE_FORM_U16,
    MESSAGE_FORM_I64,
    MESSAGE_FORM_LICENSE, /* as I64 */
    MESSAGE_FORM_ADDR,
    MESSAGE_FORM_TEXT,
    MESSAGE_FORM_REASON, /* a text for people: what is not fit to be shown is replaced */
};

struct message_field {
    const char *name;
    enum message_form form;
    size_t at;                      /* where it is in struct message */
    size_t size;                    /* of a text in memory, its end included */
    int64_t min, max;               /* of a number */
    bool (*is_good)(struct text t); /* of a text; "" is good without being asked */
};

/* The fields of a kind in their order; NULL where there is no such kind. */
const struct message_field *message_fields(enum message_kind k, size_t *ret_n);

/* A number's value: of every form but ADDR and the texts. */
int64_t message_number(const struct message *m, const struct message_field *f);

/* Replaces each byte of a text that is no part of a character fit to be shown. */
void message_make_fit(char *text);

/* Every rule of message.h. 0, or -EBADMSG with the reason. */
MUST_USE int message_judge(const struct message *m, struct diag *d);

#endif
