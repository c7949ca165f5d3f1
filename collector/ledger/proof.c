/* Signed proof files. */
#include "ledger/proof.h"
#include "json/json.h"
#include "json/jsonw.h"
#include <errno.h>
#include <string.h>

#define PROOF_FORMAT "fairuse-proof-1"

/* What is signed: the file's canonical form without key and signature. */
static void write_signed_part(const struct proof_parts *parts, struct buf *out)
{
    struct jsonw w = jsonw_to(out, false);

    jsonw_object(&w, NULL);
    jsonw_raw(&w, "entry", parts->body);
    jsonw_raw(&w, "evidence", parts->evidence);
    jsonw_text(&w, "format", PROOF_FORMAT);
    jsonw_text(&w, "hash", parts->hash);
    jsonw_end_object(&w);
}

static void put_hex(struct jsonw *w, const char *key, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char hex[2 * SIGN_BYTES + 1] = "";

    assert(n <= SIGN_BYTES);
    for (size_t i = 0; i < n; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    jsonw_text(w, key, hex);
}

/* The seal that is put on it. */
struct seal {
    uint8_t public_key[SIGN_KEY_BYTES], signature[SIGN_BYTES];
};

static void write_file(const struct proof_parts *parts, const struct seal *seal,
                       struct buf *out)
{
    struct jsonw w = jsonw_to(out, true);

    buf_reset(out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "format", PROOF_FORMAT);
    jsonw_raw(&w, "entry", parts->body);
    jsonw_text(&w, "hash", parts->hash);
    jsonw_raw(&w, "evidence", parts->evidence);
    put_hex(&w, "public_key", seal->public_key, SIGN_KEY_BYTES);
    put_hex(&w, "signature", seal->signature, SIGN_BYTES);
    jsonw_end_object(&w);
    buf_add_char(out, '\n');
}

int proof_write(const struct proof_parts *parts, const struct sign_key *key, struct buf *out,
                struct diag *d)
{
    AUTO(buf) struct buf part = BUF_INIT((size_t)CAP_PROOF_BYTES);
    struct seal seal;

    write_signed_part(parts, &part);
    int r = buf_error(&part);
    if (r >= 0)
        r = sign_key_public(key, seal.public_key);
    if (r >= 0)
        r = sign_make(key, (struct text){part.data, part.len}, seal.signature);
    if (r < 0)
        return diag_set(d, r, "the proof could not be signed");
    write_file(parts, &seal, out);
    return buf_error(out);
}

/* The parts of a proof file, brought back to their canonical form. */
struct parts {
    struct buf entry, evidence, part;
    char hash[DIGEST_TEXT_SIZE];
    struct seal seal;
};

static void parts_done(struct parts *p)
{
    buf_done(&p->entry);
    buf_done(&p->evidence);
    buf_done(&p->part);
}

static int get_hex(const struct json *o, const char *key, uint8_t *ret, size_t n,
                   struct json_error *e)
{
    struct json v = json_member(o, key);
    struct text t;
    int r = json_get_text(&v, 2 * n, &t, e);

    if (r >= 0 && text_from_hex(t, ret, n) < 0)
        r = json_refuse(&v, e, "bad-value", "must be %zu hex digits", 2 * n);
    return r;
}

static int get_canonical(const struct json *o, const char *key, struct buf *ret,
                         struct json_error *e)
{
    struct json v = json_member(o, key);
    int r = json_get_object(&v, e);

    if (r >= 0)
        r = json_canonical_value(&v, ret);
    return r == -EBADMSG ? json_refuse(&v, e, "bad-value", "has no canonical form") : r;
}

static int get_head(const struct json *o, struct parts *p, struct json_error *e)
{
    static const char *const known[] = {"format",     "entry",     "hash", "evidence",
                                        "public_key", "signature", NULL};
    struct json format = json_member(o, "format");
    uint8_t hash[DIGEST_BYTES];
    struct text t;
    int r = json_only(o, known, e);

    if (r >= 0)
        r = json_get_text(&format, CAP_LABEL_TEXT, &t, e);
    if (r >= 0 && !text_is(t, PROOF_FORMAT))
        r = json_refuse(&format, e, "bad-value", "must be \"" PROOF_FORMAT "\"");
    if (r >= 0)
        r = get_hex(o, "hash", hash, sizeof(hash), e);
    if (r >= 0)
        r = get_hex(o, "public_key", p->seal.public_key, sizeof(p->seal.public_key), e);
    if (r >= 0)
        r = get_hex(o, "signature", p->seal.signature, sizeof(p->seal.signature), e);
    if (r >= 0) {
        struct digest d;
        memcpy(d.bytes, hash, sizeof(hash));
        digest_format(&d, p->hash);
    }
    return r;
}

static int check_signature(struct parts *p, const uint8_t *pinned, struct diag *d)
{
    if (pinned && memcmp(pinned, p->seal.public_key, SIGN_KEY_BYTES) != 0)
        return diag_set(d, -EBADMSG, "it is signed with another key than the one you gave");
    write_signed_part(&(struct proof_parts){buf_str(&p->entry), p->hash, buf_str(&p->evidence)},
                      &p->part);
    int r = buf_error(&p->part);
    if (r >= 0)
        r = sign_check(p->seal.public_key, (struct text){p->part.data, p->part.len},
                       p->seal.signature);
    return r == -EBADMSG ? diag_set(d, r, "the signature is not of this content") : r;
}

static int check_hash(const struct parts *p, struct diag *d)
{
    char hash[DIGEST_TEXT_SIZE];
    int r = ledger_hash((struct text){p->entry.data, p->entry.len}, hash);

    if (r >= 0 && strcmp(hash, p->hash) != 0)
        r = diag_set(d, -EBADMSG, "the entry is not what its hash was made of");
    return r;
}

static struct text keep(char *copy, struct text t)
{
    memcpy(copy, t.p, t.n);
    copy[t.n] = '\0';
    return (struct text){copy, t.n};
}

static int keep_proof(const struct ledger_entry *e, const struct parts *p, struct proof *ret)
{
    struct digest d;
    int r = digest_sha256((struct text){(const char *)p->seal.public_key, SIGN_KEY_BYTES}, &d);

    if (r < 0)
        return r;
    ret->entry = *e;
    ret->entry.who = keep(ret->texts[0], e->who);
    ret->entry.reseller = keep(ret->texts[1], e->reseller);
    ret->entry.subject = keep(ret->texts[2], e->subject);
    ret->entry.policy = keep(ret->texts[3], e->policy);
    memcpy(ret->hash, p->hash, sizeof(ret->hash));
    digest_format(&d, ret->key_fingerprint);
    return 0;
}

/* A refusal by place becomes a sentence. */
static int refused(struct diag *d, int r, const struct json_error *e)
{
    if (r != -EBADMSG)
        return diag_set(d, r, "the proof could not be read");
    return diag_set(d, r, "line %zu, column %zu: %s: %s", e->line, e->column,
                    e->at[0] ? e->at : "the file", e->diag.text);
}

int proof_check(struct text file, const uint8_t *pinned, struct proof *ret, struct diag *d)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    AUTO(parts)
    struct parts p = {.entry = BUF_INIT((size_t)CAP_PROOF_BYTES),
                      .evidence = BUF_INIT((size_t)CAP_PROOF_BYTES),
                      .part = BUF_INIT((size_t)CAP_PROOF_BYTES)};
    struct json_error e = {0};
    struct ledger_entry entry;
    int r = json_read(file, &doc, &e);

    if (r < 0)
        return refused(d, r, &e);
    struct json root = json_root(doc), body = json_member(&root, "entry");
    r = get_head(&root, &p, &e);
    if (r >= 0)
        r = get_canonical(&root, "entry", &p.entry, &e);
    if (r >= 0)
        r = get_canonical(&root, "evidence", &p.evidence, &e);
    if (r >= 0)
        r = ledger_read_entry(&body, &entry, &e);
    if (r < 0)
        return refused(d, r, &e);
    r = check_signature(&p, pinned, d);
    if (r >= 0)
        r = check_hash(&p, d);
    if (r >= 0)
        r = ledger_check_entry(&entry, (struct text){p.evidence.data, p.evidence.len}, d);
    return r < 0 ? r : keep_proof(&entry, &p, ret);
}
