/* What the collector answered: read strictly, given on as messages. */
#include "uplink/uplink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "json/json.h"
#include "table/forms.h"

enum {
    /* Objects and lists of an answer: 256 licences need 515. A tree of more would cost memory
     * out of proportion to its bytes, so that what a newer collector adds has its limit. */
    OPENED_MAX = 4096,
    INTERVAL_MAX = 86400,
    KINDS_MAX = 16, /* there are two; a newer collector may know more */
    PEM_MAX = 65536,
    POINTER_MAX = CAP_DIAG, /* of a place, before it is cut */
};

/* The message of a refusal: where and what. */
static int tell(const struct json_error *e, int code, struct diag *d)
{
    if (code != -EBADMSG)
        return diag_set(d, code, "out of memory");
    return diag_set(d, code, "the collector's answer: %s%s%s", e->at, e->at[0] ? " " : "",
                    e->diag.text);
}

static int read_document(struct text body, struct json_doc **ret, struct json_error *e)
{
    *e = (struct json_error){.line = 0};
    if (body.n > CAP_HTTP_ANSWER)
        return diag_set(&e->diag, -EBADMSG, "has %zu bytes, at most %d are allowed", body.n,
                        CAP_HTTP_ANSWER);
    if (json_count_opened(body) > OPENED_MAX)
        return diag_set(&e->diag, -EBADMSG, "has more than %d objects and lists", OPENED_MAX);
    return json_read(body, ret, e);
}

static void add(struct buf *out, enum message_kind kind, struct message *m)
{
    m->kind = kind;
    message_encode(m, out);
}

/* ---- Settings -------------------------------------------------------------------------- */

static void add_setting(struct buf *out, enum message_setting_kind kind, int64_t number,
                        const char *text)
{
    struct message m = {.as.setting = {.kind = kind, .number = number}};
    (void)snprintf(m.as.setting.text, sizeof m.as.setting.text, "%s", text);
    add(out, MESSAGE_SETTING, &m);
}

/* A list of texts that have a form; each becomes a message in its one spelling. */
struct form {
    const char *key;
    enum message_setting_kind kind;
    int (*parse)(struct text t, char ret[static TABLE_TEXT_SIZE]);
    const char *wanted;
};

static int read_text(const struct json *v, const struct form *form, struct buf *out,
                     struct json_error *e)
{
    char text[TABLE_TEXT_SIZE], quoted[TEXT_QUOTE_SIZE];
    struct text t;
    int r = json_get_text(v, TABLE_TEXT_SIZE - 1, &t, e);
    if (r != 0)
        return r;
    r = form->parse(t, text);
    if (r == -EBADMSG)
        return json_refuse(v, e, "bad-value", "is %s, must be %s", text_quote(t, quoted),
                           form->wanted);
    if (r == 0)
        add_setting(out, form->kind, 0, text);
    return r;
}

static int read_texts(const struct json *settings, const struct form *form, struct buf *out,
                      struct json_error *e)
{
    const struct json list = json_member(settings, form->key);
    int r = json_get_array(&list, CAP_SUFFIXES, e);
    for (size_t i = 0; r == 0 && i < json_count(&list); i++) {
        const struct json item = json_item(&list, i);
        r = read_text(&item, form, out, e);
    }
    return r;
}

static int read_settings(const struct json *root, struct buf *out, struct json_error *e)
{
    static const struct form suffixes = {"mx_suffixes", MESSAGE_SETTING_MX_SUFFIX, form_domain,
                                         "a domain name"};
    static const struct form servers = {"key_servers", MESSAGE_SETTING_KEY_SERVER, form_server,
                                        "a host with or without a port"};
    const struct json settings = json_member(root, "settings");
    const struct json interval = json_member(&settings, "interval");
    int64_t seconds = 0;
    int r = json_get_object(&settings, e);
    if (r == 0)
        r = json_get_int(&interval, 1, INTERVAL_MAX, &seconds, e);
    if (r == 0) {
        add_setting(out, MESSAGE_SETTING_INTERVAL, seconds, "");
        r = read_texts(&settings, &suffixes, out, e);
    }
    return r == 0 ? read_texts(&settings, &servers, out, e) : r;
}

/* ---- Licences -------------------------------------------------------------------------- */

static int read_license(const struct json *v, license_t *ret, struct json_error *e)
{
    char quoted[TEXT_QUOTE_SIZE];
    struct text t;
    int r = json_get_text(v, CAP_QUOTE, &t, e);
    if (r != 0)
        return r;
    if (license_parse(t, ret, NULL) == 0)
        return 0;
    return json_refuse(v, e, "bad-value", "is %s, must be a key number", text_quote(t, quoted));
}

static int read_state(const struct json *v, enum message_state *ret, struct json_error *e)
{
    static const char *const names[] = {[MESSAGE_STATE_OK] = "ok",
                                        [MESSAGE_STATE_POTENTIAL] = "potential",
                                        [MESSAGE_STATE_CONFIRMED] = "confirmed"};
    char quoted[TEXT_QUOTE_SIZE];
    struct text t;
    int r = json_get_text(v, CAP_QUOTE, &t, e);
    if (r != 0)
        return r;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (text_is(t, names[i])) {
            *ret = (enum message_state)i;
            return 0;
        }
    }
    return json_refuse(v, e, "bad-value", "is %s, must be one of ok, potential, confirmed",
                       text_quote(t, quoted));
}

/* Lower-case letters and digits, with hyphens between them. */
static bool is_word(struct text t)
{
    if (t.n == 0 || t.p[0] == '-' || t.p[t.n - 1] == '-')
        return false;
    for (size_t i = 0; i < t.n; i++) {
        char c = t.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return true;
}

/* Words, joined by commas. A kind that a newer collector found is told of like the others. */
static int read_kinds(const struct json *v, struct message_standing *s, struct json_error *e)
{
    size_t at = 0;
    int r = json_get_array(v, KINDS_MAX, e);
    for (size_t i = 0; r == 0 && i < json_count(v); i++) {
        const struct json item = json_item(v, i);
        size_t comma = at > 0 ? 1 : 0;
        struct text t;
        r = json_get_text(&item, sizeof s->kinds - 1, &t, e);
        if (r != 0)
            break;
        if (!is_word(t))
            return json_refuse(&item, e, "bad-value", "is no word of letters and hyphens");
        if (t.n + comma >= sizeof s->kinds - at)
            return json_refuse(v, e, "out-of-range", "has more than %zu bytes of kinds",
                               sizeof s->kinds - 1);
        if (comma > 0)
            s->kinds[at++] = ',';
        memcpy(s->kinds + at, t.p, t.n);
        at += t.n;
        s->kinds[at] = '\0';
    }
    return r;
}

/* null is a moment that there is none of. */
static int read_moment(const struct json *v, int64_t *ret, struct json_error *e)
{
    if (json_kind(v) == JSON_NULL) {
        *ret = 0;
        return 0;
    }
    return json_get_int(v, 0, WALL_MAX.s, ret, e);
}

static int read_standing(const struct json *v, struct message_standing *s, struct json_error *e)
{
    const struct json license = json_member(v, "license");
    const struct json state = json_member(v, "state");
    const struct json kinds = json_member(v, "kinds");
    const struct json since = json_member(v, "since");
    const struct json confirms = json_member(v, "confirms_at");
    int r = json_get_object(v, e);
    if (r == 0)
        r = read_license(&license, &s->license, e);
    if (r == 0)
        r = read_state(&state, &s->state, e);
    if (r == 0)
        r = read_kinds(&kinds, s, e);
    if (r == 0)
        r = read_moment(&since, &s->since, e);
    if (r == 0)
        r = read_moment(&confirms, &s->confirms_at, e);
    if (r == 0 && s->state == MESSAGE_STATE_OK && (s->kinds[0] || s->since || s->confirms_at))
        return json_refuse(v, e, "bad-value", "is ok, and yet something was found");
    return r;
}

static int read_standings(const struct json *root, struct buf *out, struct json_error *e)
{
    const struct json list = json_member(root, "licenses");
    int r = json_get_array(&list, CAP_REPORT_LICENSES, e);
    for (size_t i = 0; r == 0 && i < json_count(&list); i++) {
        const struct json item = json_item(&list, i);
        struct message m = {.as.standing = {.kinds = ""}};
        r = read_standing(&item, &m.as.standing, e);
        if (r == 0)
            add(out, MESSAGE_STANDING, &m);
    }
    return r;
}

/* ---- An accepted report ---------------------------------------------------------------- */

/* All or nothing of what was read. */
static int give(const struct buf *read, struct buf *out, struct diag *d)
{
    int r = buf_error(read);
    if (r == 0) {
        buf_add(out, buf_str(read), read->len);
        r = buf_error(out);
    }
    return r == 0 ? 0 : diag_set(d, r, "no room for the collector's answer");
}

static int read_accepted(const struct json *root, bool *ret_lacking, struct json_error *e)
{
    const struct json v = json_member(root, "accepted");
    const struct json again = json_member(root, "resend");
    bool is_accepted = false;
    *ret_lacking = false;
    int r = json_get_object(root, e);
    if (r == 0)
        r = json_get_bool(&v, &is_accepted, e);
    if (r == 0 && !is_accepted)
        return json_refuse(&v, e, "bad-value", "is false, must be true");
    return r == 0 && json_is_given(&again) ? json_get_bool(&again, ret_lacking, e) : r;
}

int answer_read(struct text body, struct buf *out, bool *ret_lacking, struct diag *d)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    AUTO(buf) struct buf read = BUF_INIT(out->cap);
    struct json_error e;
    int r = read_document(body, &doc, &e);
    if (r != 0)
        return tell(&e, r, d);
    const struct json root = json_root(doc);
    r = read_accepted(&root, ret_lacking, &e);
    if (r == 0)
        r = read_standings(&root, &read, &e);
    if (r == 0)
        r = read_settings(&root, &read, &e);
    return r == 0 ? give(&read, out, d) : tell(&e, r, d);
}

/* ---- An enrolment ---------------------------------------------------------------------- */

void answer_enrolled_done(struct answer_enrolled *e)
{
    buf_done(&e->certificate);
    buf_done(&e->authority);
}

static int read_pem(const struct json *root, const char *key, struct buf *ret,
                    struct json_error *e)
{
    const struct json v = json_member(root, key);
    struct text t;
    int r = json_get_text(&v, PEM_MAX, &t, e);
    if (r != 0)
        return r;
    if (t.n == 0)
        return json_refuse(&v, e, "bad-value", "is empty, must be a certificate in PEM");
    buf_add(ret, t.p, t.n);
    return buf_error(ret);
}

static int read_server(const struct json *root, struct answer_enrolled *ret,
                       struct json_error *e)
{
    char quoted[TEXT_QUOTE_SIZE];
    const struct json v = json_member(root, "server");
    struct text t;
    int r = json_get_object(root, e);
    if (r == 0)
        r = json_get_text(&v, CAP_ID, &t, e);
    if (r != 0)
        return r;
    if (!text_is_label(t, CAP_ID))
        return json_refuse(&v, e, "bad-value", "is %s, must be a name", text_quote(t, quoted));
    memcpy(ret->server, t.p, t.n);
    ret->server[t.n] = '\0';
    return 0;
}

int answer_read_enrolled(struct text body, struct answer_enrolled *ret, struct buf *out,
                         struct diag *d)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    AUTO(buf) struct buf read = BUF_INIT(out->cap);
    AUTO(answer_enrolled)
    struct answer_enrolled found = {"", BUF_INIT(PEM_MAX), BUF_INIT(PEM_MAX)};
    struct json_error e;
    int64_t not_after = 0;
    int r = read_document(body, &doc, &e);
    if (r != 0)
        return tell(&e, r, d);
    const struct json root = json_root(doc);
    const struct json end = json_member(&root, "not_after");
    r = read_server(&root, &found, &e);
    if (r == 0)
        r = read_pem(&root, "certificate", &found.certificate, &e);
    if (r == 0)
        r = read_pem(&root, "authority", &found.authority, &e);
    if (r == 0) /* the certificate says it too, and that is what is believed */
        r = json_get_int(&end, 0, WALL_MAX.s, &not_after, &e);
    if (r == 0)
        r = read_settings(&root, &read, &e);
    if (r != 0)
        return tell(&e, r, d);
    r = give(&read, out, d);
    if (r != 0)
        return r;
    *ret = found;
    found = (struct answer_enrolled){"", BUF_INIT(0), BUF_INIT(0)};
    return 0;
}

/* ---- A refusal ------------------------------------------------------------------------- */

/* A pointer, or as many whole steps of it as fit: what encloses the place. Else "". */
static void put_place(struct text t, char ret[static REPORT_AT_SIZE])
{
    size_t n = t.n < REPORT_AT_SIZE ? t.n : REPORT_AT_SIZE - 1;
    if (n > 0 && (t.p[0] != '/' || !text_is_label(t, t.n)))
        return;
    while (n < t.n && n > 0 && t.p[n] != '/')
        n--;
    if (n > 0)
        memcpy(ret, t.p, n);
    ret[n] = '\0';
}

void answer_read_error(struct text body, char ret_at[static REPORT_AT_SIZE],
                       char ret_why[static MESSAGE_TEXT_MAX + 1])
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;
    struct text t;
    ret_at[0] = '\0';
    ret_why[0] = '\0';
    if (read_document(body, &doc, &e) != 0)
        return;
    const struct json root = json_root(doc);
    const struct json error = json_member(&root, "error");
    const struct json at = json_member(&error, "at");
    const struct json message = json_member(&error, "message");
    if (json_get_text(&at, POINTER_MAX, &t, &e) == 0)
        put_place(t, ret_at);
    if (json_get_text(&message, CAP_HTTP_ANSWER, &t, &e) == 0)
        uplink_put_text(t, ret_why);
}
