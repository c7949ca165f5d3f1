/* Making and reading the authority. */
#include "ctl/authority.h"
#include <errno.h>

static int find(struct ctl *c, struct store *s, struct enrol_files *ret)
{
    const struct settings_collector *set = &ctl_settings(c)->collector;
    int r = enrol_files_find(store_path(s), set->authority, set->authority_key, ret);

    if (r == -EINVAL)
        return ctl_fail(EX_CONFIG,
                        "where is the authority? Set both `authority` and `authority_key` in "
                        "the group `collector` of the configuration");
    return r < 0 ? ctl_fail_errno(r, NULL) : 0;
}

static int tell(int error, const char *text)
{
    switch (error) {
    case -ENOENT: return ctl_fail(EX_NOINPUT, "%s (`fairusectl store init` makes it)", text);
    case -EBADMSG:
    case -EPERM:
    case -EEXIST: return ctl_fail(EX_CONFIG, "%s", text);
    case -ENOMEM: return ctl_fail_errno(error, NULL);
    default: return ctl_fail(EX_CANTCREAT, "%s", text);
    }
}

static int load(const struct enrol_files *f, struct authority **ret)
{
    struct diag d = {""};
    int r = enrol_files_load(f, ret, &d);

    if (r < 0 && r != -ENOENT && r != -EBADMSG && r != -EPERM && r != -ENOMEM)
        return ctl_fail(EX_NOINPUT, "%s", d.text);
    return r < 0 ? tell(r, d.text) : 0;
}

/* The write transaction is only a lock: two at once would each write one half. */
static int make_alone(struct ctl *c, struct store *s, const struct enrol_files *f)
{
    struct diag d = {""};
    int r = store_begin(s);

    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    r = enrol_files_make(f, ctl_now(c), &d);
    store_rollback(s);
    return r < 0 ? tell(r, d.text) : 0;
}

int ctl_authority_make(struct ctl *c, struct store *s, struct buf *out)
{
    AUTO(authority) struct authority *a = NULL;
    struct enrol_files f;
    char fingerprint[DIGEST_TEXT_SIZE];
    int code = find(c, s, &f);

    if (code == 0)
        code = make_alone(c, s, &f);
    if (code == 0)
        code = load(&f, &a);
    if (code != 0)
        return code;
    buf_printf(out, "the authority is ready: %s, its key %s\nits fingerprint (SHA-256): %s\n",
               f.certificate, f.key, digest_format(authority_fingerprint(a), fingerprint));
    return 0;
}

int ctl_authority_load(struct ctl *c, struct store *s, struct authority **ret)
{
    struct enrol_files f;
    int code = find(c, s, &f);

    return code == 0 ? load(&f, ret) : code;
}
