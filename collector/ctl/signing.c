/* Making and reading the signing key. */
#include "ctl/signing.h"
#include "os/file.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int signing_key_path(struct ctl *c, struct store *s, struct buf *ret)
{
    const char *set = ctl_settings(c)->signing_key;

    buf_reset(ret);
    if (set[0])
        buf_add_str(ret, set);
    else if (store_path(s))
        buf_printf(ret, "%s.key", store_path(s));
    else
        return ctl_fail(EX_CONFIG,
                        "where is the signing key? Set `signing_key` in the configuration");
    return buf_error(ret) < 0 ? ctl_fail_errno(buf_error(ret), NULL) : 0;
}

/* The key comes last: where it is there, nothing is missing, and nothing is made anew. */
static int write_pair(const struct sign_key *key, const char *path)
{
    AUTO(buf) struct buf public_path = BUF_INIT(8192);
    uint8_t public_key[SIGN_KEY_BYTES];
    char pem[SIGN_PEM_SIZE];
    struct diag d = {"the key could not be written"};
    int r = sign_key_public(key, public_key);

    if (r >= 0)
        r = sign_public_write(public_key, pem);
    buf_printf(&public_path, "%s.pub", path);
    if (r >= 0)
        r = buf_error(&public_path);
    if (r >= 0)
        r = file_write(buf_str(&public_path), text_of(pem), 0644, &d);
    if (r >= 0)
        r = sign_key_write(key, pem, &d);
    if (r >= 0)
        r = file_write(path, text_of(pem), 0600, &d);
    explicit_bzero(pem, sizeof(pem));
    return r < 0 ? ctl_fail(r == -ENOMEM ? EX_OSERR : EX_CANTCREAT, "%s", d.text) : 0;
}

int signing_key_make(struct ctl *c, struct store *s)
{
    AUTO(buf) struct buf path = BUF_INIT(8192);
    AUTO(sign_key) struct sign_key *key = NULL;
    struct diag d = {""};
    int code = signing_key_path(c, s, &path);

    if (code != 0)
        return code;
    if (access(buf_str(&path), F_OK) == 0)
        return 0;
    if (sign_key_new(&key, &d) < 0)
        return ctl_fail(EX_SOFTWARE, "%s", d.text);
    return write_pair(key, buf_str(&path));
}

int signing_key_load(struct ctl *c, struct store *s, struct sign_key **ret)
{
    AUTO(buf) struct buf path = BUF_INIT(8192);
    AUTO(buf) struct buf pem = BUF_INIT(SIGN_PEM_SIZE);
    struct diag d = {""};
    int code = signing_key_path(c, s, &path);

    if (code != 0)
        return code;
    int r = file_read(buf_str(&path), &pem, &d);
    if (r < 0)
        return ctl_fail(EX_NOINPUT, "%s (`fairusectl store init` makes the key)", d.text);
    r = sign_key_read((struct text){pem.data, pem.len}, ret, &d);
    if (pem.data)
        explicit_bzero(pem.data, pem.size);
    return r < 0 ? ctl_fail(EX_CONFIG, "%s: %s", buf_str(&path), d.text) : 0;
}
