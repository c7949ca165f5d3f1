/* The authority's two files: finding, making, reading. */
#include "enrol/keys.h"
#include "os/file.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AUTHORITY_NAME "fairuse collector authority"
#define AUTHORITY_LIFETIME ((dur_t){INT64_C(3652) * 86400}) /* ten years */

enum { DRAFT_SIZE = sizeof(((struct enrol_files *)NULL)->certificate) };

static int put_path(char *out, size_t size, const char *path, const char *suffix)
{
    int n = snprintf(out, size, "%s%s", path, suffix);

    return n < 0 || (size_t)n >= size ? -ERANGE : 0;
}

int enrol_files_find(const char *store, const char *certificate, const char *key,
                     struct enrol_files *ret)
{
    struct enrol_files f;
    bool is_set = certificate[0] && key[0];

    if (!is_set && (certificate[0] || key[0] || !store))
        return -EINVAL;
    int r = put_path(f.certificate, sizeof(f.certificate), is_set ? certificate : store,
                     is_set ? "" : ".ca.pem");
    if (r >= 0)
        r = put_path(f.key, sizeof(f.key), is_set ? key : store, is_set ? "" : ".ca.key");
    if (r >= 0)
        *ret = f;
    return r;
}

/* Bytes of a key: nothing of them stays behind. */
static void secret_done(struct buf *b)
{
    if (b->data)
        explicit_bzero(b->data, b->size);
    buf_done(b);
}

/* ---- Making --------------------------------------------------------------------------- */

/* 1 = there, 0 = not; what cannot be looked at is an error. */
static int is_there(const char *path, struct diag *d)
{
    struct stat st;

    if (lstat(path, &st) == 0)
        return 1;
    return errno == ENOENT ? 0 : diag_set(d, -errno, "%s: %m", path);
}

static int refuse_half(const char *there, const char *missing, struct diag *d)
{
    return diag_set(d, -EEXIST,
                    "%s is there, but %s is not: put it back from a copy (or, where no server "
                    "was ever enrolled, remove the other one too)",
                    there, missing);
}

/*
 * Two files cannot be made at once, so the certificate lies beside its place before the key is
 * at its own: whenever this is cut short, either no key is there yet, or what is missing is.
 */
static int put_draft(const struct enrol_files *f, char out[static DRAFT_SIZE])
{
    return put_path(out, DRAFT_SIZE, f->certificate, ".new");
}

/* The key's text, read back before anything rests on it: a library that ran out of memory in
 * the middle may have left out a part, there or in the certificate. */
static int put_key(const struct authority *a, struct buf *ret)
{
    AUTO(authority) struct authority *again = NULL;
    struct diag why;
    int r = authority_key_pem(a, ret);

    if (r >= 0)
        r = authority_read(authority_certificate_pem(a), (struct text){ret->data, ret->len},
                           &again, &why);
    return r == -EBADMSG ? -EIO : r;
}

static int write_pair(const struct enrol_files *f, const struct authority *a, const char *draft,
                      struct diag *d)
{
    AUTO(secret) struct buf key = BUF_INIT(X509_PEM_CAP);
    int r = put_key(a, &key);

    if (r < 0)
        return diag_set(d, r, "%s: the key could not be written out", f->key);
    r = file_write(draft, authority_certificate_pem(a), 0644, d);
    if (r >= 0)
        r = file_write(f->key, (struct text){key.data, key.len}, 0600, d);
    if (r >= 0)
        r = file_write(f->certificate, authority_certificate_pem(a), 0644, d);
    return r;
}

static int make_pair(const struct enrol_files *f, wall_t now, struct diag *d)
{
    AUTO(authority) struct authority *a = NULL;
    char draft[DRAFT_SIZE];
    struct diag ignored;
    int r = put_draft(f, draft);

    if (r < 0)
        return r;
    r = authority_new(AUTHORITY_NAME, now, AUTHORITY_LIFETIME, &a, d);
    if (r < 0) {
        diag_within(d, "%s", f->certificate);
        return r;
    }
    r = write_pair(f, a, draft, d);
    /* A failure leaves nothing of a pair that nobody can have used yet. */
    if (r < 0 && is_there(f->certificate, &ignored) == 0)
        (void)unlink(f->key);
    (void)unlink(draft);
    return r;
}

/* A key without its certificate: from a making that was cut short, else something was lost. */
static int finish_pair(const struct enrol_files *f, struct diag *d)
{
    AUTO(authority) struct authority *a = NULL;
    struct enrol_files cut_short = *f;
    struct diag why;
    int r = put_draft(f, cut_short.certificate);

    if (r < 0)
        return r;
    r = enrol_files_load(&cut_short, &a, &why);
    if (r == -ENOENT || r == -EBADMSG)
        return refuse_half(f->key, f->certificate, d);
    if (r < 0)
        return diag_set(d, r, "%s", why.text);
    r = file_write(f->certificate, authority_certificate_pem(a), 0644, d);
    if (r >= 0)
        (void)unlink(cut_short.certificate);
    return r;
}

int enrol_files_make(const struct enrol_files *f, wall_t now, struct diag *d)
{
    d->text[0] = '\0';
    int has_certificate = is_there(f->certificate, d);
    int has_key = has_certificate < 0 ? has_certificate : is_there(f->key, d);

    if (has_key < 0)
        return has_key;
    if (has_certificate)
        return has_key ? 0 : refuse_half(f->certificate, f->key, d);
    int r = has_key ? finish_pair(f, d) : make_pair(f, now, d);
    if (r < 0 && !d->text[0])
        return diag_set(d, r, "%s: the authority could not be made", f->certificate);
    return r < 0 ? r : 1;
}

/* ---- Reading -------------------------------------------------------------------------- */

/* Whoever reads a key is who it stands for. */
static int check_mode(const char *path, struct diag *d)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return diag_set(d, -errno, "%s: %m", path);
    if (st.st_mode & S_IRWXO)
        return diag_set(d, -EPERM,
                        "%s may be used by everybody on this machine (mode %04o): chmod 0600 "
                        "it, and think about who has read it",
                        path, (unsigned)(st.st_mode & 07777));
    return 0;
}

int enrol_key_read(const char *path, struct buf *out, struct diag *d)
{
    int r = check_mode(path, d);

    return r < 0 ? r : file_read(path, out, d);
}

int enrol_files_load(const struct enrol_files *f, struct authority **ret, struct diag *d)
{
    AUTO(buf) struct buf certificate = BUF_INIT(X509_PEM_CAP);
    AUTO(secret) struct buf key = BUF_INIT(X509_PEM_CAP);
    int r = file_read(f->certificate, &certificate, d);

    if (r >= 0)
        r = enrol_key_read(f->key, &key, d);
    if (r < 0)
        return r;
    r = authority_read((struct text){certificate.data, certificate.len},
                       (struct text){key.data, key.len}, ret, d);
    if (r < 0)
        diag_within(d, "%s with %s", f->certificate, f->key);
    return r;
}
