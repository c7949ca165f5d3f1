/* A mail as bytes, by GMime: the only place that knows it. */
#include "mail/message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <gmime/gmime.h>

#include "mail/clean.h"
#include "mail/words.h"

enum {
    NAME_MOST = 200,     /* characters of a name or a subject */
    ID_MOST = 250,       /* bytes of a Message-ID, a Content-ID, a file's name or type */
    LANGUAGE_MOST = 35,  /* RFC 5646 4.4.1 */
    OFFSET_MOST = 86400, /* no zone is a day away */
    HEADER_CAP = 8192,   /* 200 characters in encoded words, and an address */
    BOUNDARY_SIZE = 32,
};

static const char fold[] = "\n"; /* of a field: the writer makes CRLF of it */

static void object_done(GMimeObject **o)
{
    if (*o)
        g_object_unref(*o);
}

static void stream_done(GMimeStream **s)
{
    if (*s)
        g_object_unref(*s);
}

static void options_done(GMimeFormatOptions **o)
{
    g_mime_format_options_free(*o);
}

/* ---- What is refused -------------------------------------------------------------------- */

static bool is_made_of(const char *s, const char *others, size_t most)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i++) {
        if (!g_ascii_isalnum(s[i]) && !strchr(others, s[i]))
            return false;
    }
    return n > 0 && n <= most;
}

static bool is_message_id(const char *id)
{
    const char *at = strchr(id, '@');
    return at && at != id && at[1] != '\0' && !strchr(at + 1, '@') &&
           is_made_of(id, "@.-_+$=", ID_MOST);
}

static bool is_media_type(const char *type)
{
    const char *slash = strchr(type, '/');
    return slash && slash != type && g_ascii_isalnum(slash[1]) &&
           is_made_of(type, "/.+-;= \"", ID_MOST);
}

static int check_file(const struct mail_file *f, struct diag *d)
{
    char shown[TEXT_QUOTE_SIZE];
    if (!is_made_of(f->name, ".-_", ID_MOST))
        return diag_set(d, -EBADMSG, "%s is no name of a file in a mail",
                        text_quote(text_of(f->name), shown));
    if (!is_media_type(f->type))
        return diag_set(d, -EBADMSG, "%s is no type of a file in a mail",
                        text_quote(text_of(f->type), shown));
    if (f->cid && !is_made_of(f->cid, "@.-_+", ID_MOST))
        return diag_set(d, -EBADMSG, "%s is no Content-ID", text_quote(text_of(f->cid), shown));
    return 0;
}

static int check_order(const struct mail_order *o, struct diag *d)
{
    char shown[TEXT_QUOTE_SIZE];
    int r = 0;
    if (!is_message_id(o->message_id))
        return diag_set(d, -EBADMSG, "%s is no Message-ID",
                        text_quote(text_of(o->message_id), shown));
    if (!is_made_of(o->language, "-", LANGUAGE_MOST))
        return diag_set(d, -EBADMSG, "%s is no language",
                        text_quote(text_of(o->language), shown));
    if (o->date_offset_s <= -OFFSET_MOST || o->date_offset_s >= OFFSET_MOST)
        return diag_set(d, -EBADMSG, "no zone is %" PRId32 " seconds from UTC",
                        o->date_offset_s);
    for (size_t i = 0; r == 0 && i < o->n_files; i++)
        r = check_file(&o->files[i], d);
    return r;
}

/* ---- Header fields ---------------------------------------------------------------------- */

/* A field as it will stand there, folded and encoded by us: GMime would take what looks like an
 * encoded word for one, and makes them longer than they may be. */
static void add_field(GMimeObject *m, const char *name, const char *value)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(m);
    g_mime_header_list_append(list, name, "", NULL);
    int last = g_mime_header_list_get_count(list) - 1;
    g_mime_header_set_raw_value(g_mime_header_list_get_header_at(list, last), value);
}

static int finish_field(GMimeObject *m, const char *name, struct buf *value)
{
    buf_add_str(value, fold);
    if (buf_error(value) == 0)
        add_field(m, name, buf_str(value));
    return buf_error(value);
}

static int add_text_field(GMimeObject *m, const char *name, const char *text)
{
    AUTO(buf) struct buf clean = BUF_INIT(HEADER_CAP), value = BUF_INIT(HEADER_CAP);
    struct words w = {.out = &value, .column = strlen(name) + 1};
    clean_line(text_of(text), NAME_MOST, &clean);
    if (buf_error(&clean) != 0)
        return buf_error(&clean);
    words_add_text(&w, (struct text){buf_str(&clean), clean.len});
    return finish_field(m, name, &value);
}

static int add_address_field(GMimeObject *m, const char *name, const struct mail_address *a,
                             struct diag *d)
{
    AUTO(buf) struct buf clean = BUF_INIT(HEADER_CAP), value = BUF_INIT(HEADER_CAP);
    struct words w = {.out = &value, .column = strlen(name) + 1};
    char wire[MAIL_ADDRESS_SIZE];
    char shown[TEXT_QUOTE_SIZE];
    char bracketed[MAIL_ADDRESS_SIZE + 2];
    bool needs_utf8 = false;
    int r = mail_address_wire(a->address, wire, &needs_utf8);
    if (r == -EBADMSG)
        return diag_set(d, r, "%s: %s is no mail address", name,
                        text_quote(text_of(a->address), shown));
    clean_line(text_of(a->name), NAME_MOST, &clean);
    if (r == 0)
        r = buf_error(&clean);
    if (r != 0)
        return r;
    words_add_phrase(&w, (struct text){buf_str(&clean), clean.len});
    int n = snprintf(bracketed, sizeof bracketed, clean.len > 0 ? "<%s>" : "%s", wire);
    words_add(&w, (struct text){bracketed, (size_t)n});
    return finish_field(m, name, &value);
}

static int add_date(GMimeMessage *m, const struct mail_order *o, struct diag *d)
{
    GTimeZone *zone = g_time_zone_new_offset(o->date_offset_s / 60 * 60);
    GDateTime *utc = g_date_time_new_from_unix_utc(o->date.s);
    GDateTime *local = zone && utc ? g_date_time_to_timezone(utc, zone) : NULL;
    if (local) {
        g_mime_message_set_date(m, local);
        g_date_time_unref(local);
    }
    if (utc)
        g_date_time_unref(utc);
    if (zone)
        g_time_zone_unref(zone);
    return local ? 0 : diag_set(d, -EBADMSG, "no mail can be of that date");
}

static int add_fields(GMimeMessage *message, const struct mail_order *o, struct diag *d)
{
    GMimeObject *m = GMIME_OBJECT(message);
    int r = add_date(message, o, d);
    if (r == 0)
        r = add_address_field(m, "From", &o->from, d);
    if (r == 0)
        r = add_address_field(m, "To", &o->to, d);
    if (r == 0 && o->reply_to.address[0])
        r = add_address_field(m, "Reply-To", &o->reply_to, d);
    if (r == 0)
        r = add_text_field(m, "Subject", o->subject);
    if (r != 0)
        return r;
    g_mime_message_set_message_id(message, o->message_id);
    g_mime_object_append_header(m, "Auto-Submitted", "auto-generated", NULL);
    g_mime_object_append_header(m, "X-Auto-Response-Suppress", "All", NULL);
    return o->run[0] ? add_text_field(m, "X-Fairuse-Run", o->run) : 0;
}

/* ---- The body --------------------------------------------------------------------------- */

static void set_bytes(GMimePart *part, struct text bytes, GMimeContentEncoding encoding)
{
    AUTO(stream)
    GMimeStream *stream =
        g_mime_stream_mem_new_with_buffer(bytes.n > 0 ? bytes.p : "", bytes.n);
    GMimeDataWrapper *content =
        g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(part, encoding);
    g_object_unref(content);
}

/* NULL when out of memory. */
static GMimeObject *new_text(const char *subtype, const char *text)
{
    struct buf clean = BUF_INIT(SIZE_MAX / 4);
    clean_lines(text_of(text), &clean);
    GMimeObject *part = NULL;
    if (buf_error(&clean) == 0) {
        part = GMIME_OBJECT(g_mime_part_new_with_type("text", subtype));
        g_mime_object_set_content_type_parameter(part, "charset", "utf-8");
        set_bytes(GMIME_PART(part), (struct text){buf_str(&clean), clean.len},
                  GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    }
    buf_done(&clean);
    return part;
}

static GMimeObject *new_file(const struct mail_file *f, bool is_beside_html)
{
    GMimePart *part = g_mime_part_new();
    GMimeContentType *type = g_mime_content_type_parse(NULL, f->type);
    g_mime_object_set_content_type(GMIME_OBJECT(part), type);
    g_object_unref(type);
    g_mime_object_set_disposition(GMIME_OBJECT(part), is_beside_html
                                                          ? GMIME_DISPOSITION_INLINE
                                                          : GMIME_DISPOSITION_ATTACHMENT);
    g_mime_part_set_filename(part, f->name);
    if (is_beside_html)
        g_mime_part_set_content_id(part, f->cid);
    set_bytes(part, f->bytes, GMIME_CONTENT_ENCODING_BASE64);
    return GMIME_OBJECT(part);
}

/*
 * The boundary holds "=_", which neither quoted-printable nor base64 can, so it is in no part;
 * the rest comes of the Message-ID (FNV-1a), for a mail within a mail.
 */
static GMimeMultipart *new_multipart(const char *subtype, const struct mail_order *o)
{
    char boundary[BOUNDARY_SIZE];
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *p = o->message_id; *p; p++)
        hash = (hash ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
    (void)snprintf(boundary, sizeof boundary, "=_%016" PRIx64 "_%.3s", hash, subtype);
    GMimeMultipart *m = g_mime_multipart_new_with_subtype(subtype);
    g_mime_multipart_set_boundary(m, boundary);
    return m;
}

/* Moves a part in. */
static void take_part(GMimeMultipart *m, GMimeObject *part)
{
    g_mime_multipart_add(m, part);
    g_object_unref(part);
}

/* Puts `first` and the files of one kind into a multipart; `first` alone where there are none.
 */
static GMimeObject *with_files(GMimeObject *first, const char *subtype,
                               const struct mail_order *o, bool is_beside_html)
{
    GMimeMultipart *m = NULL;
    for (size_t i = 0; i < o->n_files; i++) {
        bool is_picture = o->files[i].cid && o->html[0];
        if (is_picture != is_beside_html)
            continue;
        if (!m) {
            m = new_multipart(subtype, o);
            take_part(m, first);
        }
        take_part(m, new_file(&o->files[i], is_beside_html));
    }
    return m ? GMIME_OBJECT(m) : first;
}

/* HTML, with its pictures where it has some (RFC 2387 wants the root's type said). */
static GMimeObject *new_html(const struct mail_order *o)
{
    GMimeObject *html = new_text("html", o->html);
    if (!html)
        return NULL;
    GMimeObject *all = with_files(html, "related", o, true);
    if (all != html)
        g_mime_object_set_content_type_parameter(all, "type", "text/html");
    return all;
}

/* NULL when out of memory. */
static GMimeObject *new_body(const struct mail_order *o)
{
    AUTO(object) GMimeObject *text = new_text("plain", o->text);
    AUTO(object) GMimeObject *html = o->html[0] ? new_html(o) : NULL;
    if (!text || (o->html[0] && !html))
        return NULL;
    if (!html)
        return with_files(STEAL(text), "mixed", o, false);
    GMimeMultipart *both = new_multipart("alternative", o);
    take_part(both, STEAL(text));
    take_part(both, STEAL(html));
    return with_files(GMIME_OBJECT(both), "mixed", o, false);
}

/* ---- All of it -------------------------------------------------------------------------- */

static int write_out(GMimeMessage *message, struct buf *out)
{
    AUTO(options) GMimeFormatOptions *options = g_mime_format_options_new();
    AUTO(stream) GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    if (g_mime_object_write_to_stream(GMIME_OBJECT(message), options, stream) < 0)
        return -ENOMEM;
    const GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    buf_add(out, bytes->data, bytes->len);
    return buf_error(out);
}

/* What GMime begins with stays for the life of the program: its own end would lose some of it,
 * and begin anew for the next mail. A second beginning does nothing. */
int mail_compose(const struct mail_order *o, struct buf *out, struct diag *d)
{
    int r = check_order(o, d);
    if (r != 0)
        return r;
    g_mime_init();
    AUTO(object) GMimeObject *message = GMIME_OBJECT(g_mime_message_new(FALSE));
    r = add_fields(GMIME_MESSAGE(message), o, d);
    if (r != 0)
        return r;
    AUTO(object) GMimeObject *body = new_body(o);
    if (!body)
        return -ENOMEM;
    g_mime_object_append_header(body, "Content-Language", o->language, NULL);
    g_mime_message_set_mime_part(GMIME_MESSAGE(message), body);
    return write_out(GMIME_MESSAGE(message), out);
}
