/* From the settings to a way for mail. */
#include "ctl/report.h"

#include "os/file.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { PASSWORD_MAX = 1024 };

void report_route_done(struct report_route *r)
{
    if (r->password.data && r->password.size > 0)
        explicit_bzero(r->password.data, r->password.size);
    buf_done(&r->password);
}

/* A secret: nobody else may read the file. Its first line is the password. */
static int read_password(const char *path, struct buf *out)
{
    struct stat st;
    struct diag d = {""};

    if (stat(path, &st) < 0)
        return ctl_fail(EX_CONFIG, "mail.password_file %s: %s", path, strerror(errno));
    if (st.st_mode & S_IRWXO)
        return ctl_fail(EX_CONFIG,
                        "mail.password_file %s: others can read it; chmod o= it first", path);
    int r = file_read(path, out, &d);
    if (r < 0)
        return ctl_fail(EX_CONFIG, "mail.password_file: %s", d.text);
    while (out->len > 0 && strchr("\r\n", out->data[out->len - 1]))
        out->data[--out->len] = '\0';
    return 0;
}

static int read_sender(const struct settings_mail *m, struct report_route *ret)
{
    bool needs_utf8;
    char quoted[TEXT_QUOTE_SIZE];

    if (!m->from[0])
        return ctl_fail(EX_CONFIG, "mail.from is not set: mails need a sender");
    if (mail_address_wire(m->from, ret->wire, &needs_utf8) < 0)
        return ctl_fail(EX_CONFIG, "mail.from %s: is no address",
                        text_quote(text_of(m->from), quoted));
    const char *at = strrchr(ret->wire, '@');
    ret->right = at ? at + 1 : ret->wire;
    ret->sender = (struct keep_sender){.from = {m->from_name, m->from},
                                       .reply_to = {"", m->reply_to},
                                       .right = ret->right,
                                       .wire = ret->wire};
    return 0;
}

int report_route_read(struct ctl *c, struct report_route *ret)
{
    const struct settings_mail *m = &ctl_settings(c)->mail;

    *ret = (struct report_route){.password = BUF_INIT(PASSWORD_MAX)};
    if (!m->url[0] && !m->sendmail[0])
        return ctl_fail(EX_CONFIG, "no way for mail is configured: set mail.url or "
                                   "mail.sendmail (fairuse-collector.conf(5))");
    int code = read_sender(m, ret);
    if (code == 0 && m->password_file[0])
        code = read_password(m->password_file, &ret->password);
    ret->route = (struct mail_route){
        .url = m->url,
        .sendmail = m->sendmail,
        .tls = m->tls == SETTINGS_MAIL_TLS_NEVER ? MAIL_TLS_NEVER : MAIL_TLS_REQUIRED,
        .authority = m->authority,
        .user = m->user,
        .password = {buf_str(&ret->password), ret->password.len},
        .hello = m->hello,
        .timeout = m->timeout,
    };
    if (code != 0)
        report_route_done(ret);
    return code;
}
