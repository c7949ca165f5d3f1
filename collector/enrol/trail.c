/* Lines of the trail about certificates: writing them, and finding the last enrolment. */
#include "enrol/enrol_parts.h"
#include "json/json.h"
#include <errno.h>
#include <string.h>

void trail_put_issued(struct buf *out, const struct issued *i, const uint8_t *token_id)
{
    AUTO(buf) struct buf serial = BUF_INIT(2 * X509_SERIAL_BYTES + 1);
    struct jsonw w = jsonw_to(out, false);
    char name[TOKEN_NAME_SIZE], key[DIGEST_TEXT_SIZE];

    buf_add_hex(&serial, i->serial, sizeof(i->serial));
    jsonw_object(&w, NULL);
    if (token_id)
        jsonw_text(&w, "token", token_name(token_id, name));
    jsonw_text(&w, "serial", buf_str(&serial));
    jsonw_text(&w, "key", digest_format(&i->key_id, key));
    jsonw_int(&w, "not_after", i->term.to.s);
    jsonw_end_object(&w);
    if (buf_error(&serial) < 0)
        out->error = buf_error(&serial);
}

static bool is_enrolment(const struct store_event *e)
{
    return strcmp(e->what, EVENT_ENROLLED) == 0 || strcmp(e->what, EVENT_CAME_BACK) == 0;
}

/* Whether an enrolment's details name this token and key. -EIO where they are damaged: it is
 * the store that is no good then, not what was asked. */
static int names(const struct store_event *e, const struct store_use *use)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error error;
    struct digest key_id;
    struct text token, key;
    char name[TOKEN_NAME_SIZE], key_text[DIGEST_TEXT_SIZE];
    int r = json_read(text_of(e->details), &doc, &error);

    if (r < 0)
        return r == -ENOMEM ? r : -EIO;
    struct json root = json_root(doc);
    struct json t = json_member(&root, "token"), k = json_member(&root, "key");
    r = json_get_text(&t, TOKEN_NAME_SIZE, &token, &error);
    if (r >= 0)
        r = json_get_text(&k, DIGEST_TEXT_SIZE, &key, &error);
    if (r < 0)
        return -EIO;
    memcpy(key_id.bytes, use->key_id, sizeof(key_id.bytes));
    return text_is(token, token_name(use->token, name)) &&
           text_is(key, digest_format(&key_id, key_text));
}

int trail_is_last(struct store *s, const struct store_use *use)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_event e;
    int last = 0;
    int r = store_scan_events(s, use->server, &scan);

    while (r >= 0 && (r = store_next_event(scan, &e)) > 0)
        if (is_enrolment(&e)) {
            last = names(&e, use);
            if (last < 0)
                return last;
        }
    return r < 0 ? r : last;
}
