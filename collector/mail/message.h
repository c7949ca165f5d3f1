/*
 * A mail as bytes: headers, alternative text and HTML, pictures beside the HTML, attachments
 * (RFC 5322, 2045 to 2047, 2387, 3834), by GMime. Equal orders make equal bytes: boundaries
 * come of the Message-ID. What is hostile in names and subjects ends as text, never as a
 * header.
 */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/times.h"

/* A file within a mail. All borrowed. */
struct mail_file {
    const char *name; /* as the reader sees it: ASCII letters, digits, '.', '-', '_' */
    const char *type; /* "image/png", "text/csv; charset=utf-8", "application/json" */
    const char *cid;  /* Content-ID without its brackets; NULL = an attachment */
    struct text bytes;
};

struct mail_address {
    const char *name;    /* for display, any script; "" = none */
    const char *address; /* local@domain; the domain may be a U-label */
};

struct mail_order {
    struct mail_address from, to;
    struct mail_address reply_to; /* address "" = none */
    const char *subject;          /* any text; one line is made of it */
    const char *message_id;       /* without brackets: left@right */
    wall_t date;
    int32_t date_offset_s;         /* of the reader's zone at `date`, for the Date header */
    const char *language;          /* "nl", "en": Content-Language */
    const char *run;               /* X-Fairuse-Run, for who sorts mail; "" = none */
    const char *text, *html;       /* UTF-8, lines end with \n; html "" = text alone */
    const struct mail_file *files; /* pictures (with cid) and attachments, in their order */
    size_t n_files;
};

/*
 * Adds the whole message to `out`, CRLF at each line's end, no line over 998 bytes, 7-bit clean
 * but for a UTF-8 local part (RFC 6532). Auto-Submitted: auto-generated, so that no
 * out-of-office machine answers it.
 *
 * A name or a subject is one line of at most 200 characters in it, without control characters,
 * bidirectional and other invisible marks; what is not UTF-8 is U+FFFD, in the texts too. A
 * picture of a mail without HTML is an attachment.
 *
 * 0; -EBADMSG: an address, a date, a language, a Message-ID or a file's name, type or id that
 * is none, d says which; -ENOMEM; -ERANGE over the cap of `out`. (GLib, on which GMime stands,
 * ends the program where it finds no memory itself.) To be called by one thread at a time.
 */
MUST_USE int mail_compose(const struct mail_order *o, struct buf *out, struct diag *d);

/*
 * Checks an address and brings it to what goes over the wire: the domain as an A-label (IDNA
 * 2008), the local part as it is (a non-ASCII one sets *ret_needs_utf8: RFC 6531). Refused is a
 * text that is no single address: control characters, spaces, brackets, quotes, two @, an empty
 * part, an address literal. 0; -EBADMSG; -ENOMEM. On error *ret is as it was.
 */
#define MAIL_ADDRESS_SIZE 512
MUST_USE int mail_address_wire(const char *address, char ret[static MAIL_ADDRESS_SIZE],
                               bool *ret_needs_utf8);

#endif
