/* The identity's files in the state folder. */
#include "uplink/uplink_parts.h"

#include <errno.h>
#include <string.h>

#include "crypto/request.h"
#include "options/url.h"
#include "os/file.h"

enum { COLLECTOR_CAP = 1024, IDENTITY_MODE = 0600, OPEN_MODE = 0644 };

int uplink_init(struct uplink *u, const struct options *options)
{
    *u = (struct uplink){.options = options, .out = BUF_INIT(UPLINK_OUT_CAP)};
    const struct {
        const char *name;
        char *path;
    } files[] = {
        {UPLINK_IDENTITY, u->identity},           {UPLINK_AUTHORITY, u->authority},
        {UPLINK_COLLECTOR, u->collector},         {UPLINK_NEW_KEY, u->new_key},
        {UPLINK_NEW_AUTHORITY, u->new_authority},
    };
    int r = 0;
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(files); i++)
        r = options_state_path(options, files[i].name, files[i].path);
    return r;
}

void uplink_done(struct uplink *u)
{
    buf_done(&u->out);
}

void uplink_end(struct uplink *u, enum message_outcome outcome, const struct diag *why)
{
    const int64_t from = u->result.identity_from, to = u->result.identity_to;
    u->result =
        (struct message_result){.outcome = outcome, .identity_from = from, .identity_to = to};
    uplink_put_text(text_of(why->text), u->result.why);
}

static struct text text_in(const struct buf *b)
{
    return (struct text){buf_str(b), b->len};
}

/* ---- Reading --------------------------------------------------------------------------- */

static void note_term(struct uplink *u, const struct x509_term *term)
{
    u->result.identity_from = term->from.s;
    u->result.identity_to = term->to.s;
}

/* The second line; what is no name counts for nothing. */
static void read_server(struct uplink *u, const char *file)
{
    const char *line = strchr(file, '\n');
    if (!line)
        return;
    struct text name = {line + 1, strcspn(line + 1, "\n")};
    if (name.n == 0 || !text_is_label(name, CAP_ID))
        return;
    memcpy(u->server, name.p, name.n);
    u->server[name.n] = '\0';
}

/* The first line. A file that is not there says nothing. */
static int read_url(struct uplink *u, struct diag *d)
{
    AUTO(buf) struct buf file = BUF_INIT(COLLECTOR_CAP);
    int r = file_read(u->collector, &file, d);
    if (r != 0)
        return r == -ENOENT ? 0 : r;
    const char *line = buf_str(&file);
    r = url_form_collector((struct text){line, strcspn(line, "\n")}, u->enrolled_url);
    if (r == -EBADMSG)
        return diag_set(d, r, "%s: its first line is no URL of a collector", u->collector);
    if (r == 0)
        read_server(u, line);
    return r;
}

bool uplink_read_identity(struct uplink *u)
{
    AUTO(request_secret) struct buf file = BUF_INIT(UPLINK_IDENTITY_CAP);
    struct x509_term term;
    struct diag d = {""};
    int r = file_read(u->identity, &file, &d);
    if (r == -ENOENT) {
        (void)diag_set(&d, 0, "there is no identity here yet: `fairuse-agent enroll`");
        uplink_end(u, MESSAGE_NO_IDENTITY, &d);
        return false;
    }
    if (r == 0) {
        r = request_read_identity(text_in(&file), &term, &d);
        if (r != 0)
            diag_within(&d, "%s", u->identity);
    }
    if (r == 0)
        r = read_url(u, &d);
    if (r != 0) {
        uplink_end(u, MESSAGE_BROKEN, &d);
        return false;
    }
    note_term(u, &term);
    return true;
}

/* ---- Writing --------------------------------------------------------------------------- */

static int write_collector(const struct uplink *u, const struct uplink_news *news,
                           struct diag *d)
{
    AUTO(buf) struct buf file = BUF_INIT(COLLECTOR_CAP);
    if (!news->url)
        return 0;
    buf_printf(&file, "%s\n%s\n", news->url, news->server);
    if (buf_error(&file) != 0)
        return diag_set(d, buf_error(&file), "no room for the collector's name");
    return file_write(u->collector, text_in(&file), OPEN_MODE, d);
}

/* The identity comes last: with it there, all is there. */
int uplink_write(struct uplink *u, const struct uplink_news *news, struct diag *d)
{
    AUTO(request_secret) struct buf identity = BUF_INIT(UPLINK_IDENTITY_CAP);
    AUTO(buf) struct buf authority = BUF_INIT(UPLINK_IDENTITY_CAP);
    struct x509_term term;
    int r = request_join(news->key, news->certificate, &identity, d);
    if (r == 0)
        r = request_read_identity(text_in(&identity), &term, d);
    if (r == 0)
        r = request_read_authority(news->authority, &authority, d);
    if (r != 0) {
        diag_within(d, "the collector's answer");
        return r;
    }
    r = file_write(u->authority, text_in(&authority), OPEN_MODE, d);
    if (r == 0)
        r = write_collector(u, news, d);
    if (r == 0)
        r = file_write(u->identity, text_in(&identity), IDENTITY_MODE, d);
    if (r == 0)
        note_term(u, &term);
    return r;
}
