/* Reading a recorded report, one line of a file (SPEC 4). */
#include "wire/report_json.h"

#include <string.h>

#include "wire/fields.h"

/* A body as large as one may be received, and what stands around it. */
enum { CAP_RECORDED_BYTES = CAP_REPORT_BYTES + 1024 };

static void read_server(struct fields *f, char ret[static CAP_ID + 1])
{
    struct text t;
    if (!fields_text(f, "server", CAP_ID, &t))
        return;
    if (!text_is_label(t, CAP_ID)) {
        fields_refuse(f, "server", t,
                      "not empty, without control characters and without space at its ends");
        return;
    }
    memcpy(ret, t.p, t.n);
    ret[t.n] = '\0';
}

/* A live report came from somewhere; one sent later may not say where. */
static void read_peer(struct fields *f, bool is_live, struct addr *ret)
{
    struct text t;
    struct json v = json_member(f->object, "peer");
    if (f->error < 0 || (!is_live && !json_is_given(&v)))
        return;
    if (!json_is_given(&v)) {
        bool is_null = json_kind(&v) == JSON_NULL;
        f->error = json_refuse(&v, f->e, is_null ? "wrong-type" : "missing-field",
                               "is %s, must be an address where the report is live",
                               is_null ? "null" : "missing");
    } else if (fields_text(f, "peer", CAP_LABEL_TEXT, &t) && addr_parse(t, ret) < 0) {
        fields_refuse(f, "peer", t, "an IPv4 or IPv6 address, or null");
    }
}

int recorded_from_json(struct text line, struct recorded *ret, struct json_error *reterr)
{
    static const char *const known[] = {"server", "sent_at", "received_at",
                                        "peer",   "report",  NULL};
    AUTO(json_doc) struct json_doc *doc = NULL;
    int error = fields_read_document(line, CAP_RECORDED_BYTES, &doc, reterr);
    if (error < 0)
        return error;
    AUTO(recorded) struct recorded r = {.server = ""};
    struct json root = json_root(doc);
    struct fields f = fields_of(&root, known, reterr);
    read_server(&f, r.server);
    fields_int(&f, "sent_at", 0, WALL_MAX.s, &r.sent_at.s);
    fields_int(&f, "received_at", 0, WALL_MAX.s, &r.received_at.s);
    struct json body = json_member(&root, "report");
    if (f.error == 0)
        f.error = report_from_value(&body, &r.report, reterr);
    read_peer(&f, r.report.is_live, &r.peer);
    if (f.error < 0)
        return f.error;
    *ret = r;
    r = (struct recorded){.server = ""};
    return 0;
}

void recorded_done(struct recorded *r)
{
    report_done(&r->report);
}
