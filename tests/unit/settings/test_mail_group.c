/* The group `mail` of the settings: what it says, what is refused, what fits together. */
#include "settings/mail_group.h"

#include "support/leak.h"

#include <errno.h>
#include <string.h>

SUITE(mail_group);

static const int64_t day = 86400;

static int read_group(const char *members, struct settings *ret, struct diag *d)
{
    AUTO(buf) struct buf text = BUF_INIT(1 << 16);
    buf_printf(&text, "mail = {\n%s\n};", members);
    cr_assert_eq(buf_error(&text), 0);
    return settings_read(text_of(buf_str(&text)), "c.conf", ret, d);
}

static struct settings must_read(const char *members)
{
    struct settings s;
    struct diag d = {""};
    cr_assert_eq(read_group(members, &s, &d), 0, "%s: %s", members, d.text);
    return s;
}

Test(mail_group, nothing_said_sends_nothing)
{
    AUTO(settings) struct settings s = must_read("");
    const struct settings_mail *m = &s.mail;
    cr_assert_str_eq(m->url, "");
    cr_assert_str_eq(m->sendmail, "");
    cr_assert_eq(m->tls, SETTINGS_MAIL_TLS_REQUIRED);
    cr_assert_str_eq(m->authority, "");
    cr_assert_str_eq(m->user, "");
    cr_assert_str_eq(m->password_file, "");
    cr_assert_str_eq(m->hello, "");
    cr_assert_str_eq(m->from, "");
    cr_assert_str_eq(m->from_name, "Fair use");
    cr_assert_str_eq(m->reply_to, "");
    cr_assert_eq(m->timeout.s, 300);
    cr_assert_eq(m->retry_first.s, 60);
    cr_assert_eq(m->retry_most.s, 3600);
    cr_assert_eq(m->give_up.s, 3 * day);
    cr_assert_eq(m->remind.s, 3 * day);
    cr_assert_eq(m->alarm_to.n, 0);
}

Test(mail_group, everything_that_can_be_said_is_read)
{
    AUTO(settings)
    struct settings s = must_read(
        "url = \"smtp://mail.example.net:25\"; authority = \"/a.pem\"; user = \"u\";\n"
        "password_file = \"/p\"; hello = \"host\"; from = \"f@example.net\";\n"
        "from_name = \"Een náám\"; reply_to = \"r@example.net\"; timeout = \"10s\";\n"
        "retry_first = \"1s\"; retry_most = \"1d\"; give_up = \"30d\"; remind = \"0s\";\n"
        "alarm_to = [ \"a@example.net\", \"b@example.net\" ];");
    const struct settings_mail *m = &s.mail;
    cr_assert_str_eq(m->url, "smtp://mail.example.net:25");
    cr_assert_str_eq(m->authority, "/a.pem");
    cr_assert_str_eq(m->user, "u");
    cr_assert_str_eq(m->password_file, "/p");
    cr_assert_str_eq(m->hello, "host");
    cr_assert_str_eq(m->from, "f@example.net");
    cr_assert_str_eq(m->from_name, "Een náám");
    cr_assert_str_eq(m->reply_to, "r@example.net");
    cr_assert_eq(m->timeout.s, 10);
    cr_assert_eq(m->retry_first.s, 1);
    cr_assert_eq(m->retry_most.s, day);
    cr_assert_eq(m->give_up.s, 30 * day);
    cr_assert_eq(m->remind.s, 0);
    cr_assert_eq(m->alarm_to.n, 2);
    cr_assert_str_eq(m->alarm_to.v[1], "b@example.net");
    AUTO(settings)
    struct settings other = must_read("sendmail = \"/usr/sbin/sendmail\"; tls = \"never\";");
    cr_assert_str_eq(other.mail.sendmail, "/usr/sbin/sendmail");
    cr_assert_eq(other.mail.tls, SETTINGS_MAIL_TLS_NEVER);
}

/* Lines count from `mail = {`, which is the first. */
static const struct {
    const char *members, *place, *says;
} refusals[] = {
    {"url = \"mail.example.net\";", "c.conf:2", "smtp://HOST"},
    {"sendmail = \"sendmail\";", "c.conf:2", "from the root on"},
    {"url = \"smtp://a.example\";\nsendmail = \"/s\";", "c.conf:3", "one way"},
    {"tls = \"maybe\";", "c.conf:2", "required or never"},
    {"user = \"u\";", "c.conf:2", "needs `password_file`"},
    {"\npassword_file = \"/p\";", "c.conf:3", "needs `user`"},
    {"user = \"u\"; password_file = \"/p\";\ntls = \"never\";", "c.conf:3", "in clear"},
    {"url = \"smtps://a.example\";\ntls = \"never\";", "c.conf:3", "smtps:// is TLS"},
    {"password_file = \"p\";", "c.conf:2", "from the root on"},
    {"authority = \"a.pem\";", "c.conf:2", "from the root on"},
    {"hello = \"192.0.2.1\";", "c.conf:2", "a host's name"},
    {"from = \"fairuse\";", "c.conf:2", "an e-mail address"},
    {"from_name = \"two\\nlines\";", "c.conf:2", "control characters"},
    {"reply_to = \"a@b@c.example\";", "c.conf:2", "an e-mail address"},
    {"timeout = \"9s\";", "c.conf:2", "10s to 1h"},
    {"timeout = \"61m\";", "c.conf:2", "10s to 1h"},
    {"retry_first = \"0s\";", "c.conf:2", "1s to 1d"},
    {"retry_most = \"59s\";", "c.conf:2", "`retry_first` must be at most `retry_most`"},
    {"\nretry_first = \"61m\";", "c.conf:3", "which is 1h"},
    {"give_up = \"59m\";", "c.conf:2", "`retry_most` must be at most `give_up`"},
    {"give_up = \"31d\";", "c.conf:2", "1s to 30d"},
    {"remind = \"31d\";", "c.conf:2", "0s to 30d"},
    {"alarm_to = ( \"a@b.example\",\n\"a@B.example\" );", "c.conf:3", "only once"},
    {"alarm_to = \"a\";", "c.conf:2", "an e-mail address"},
    {"alarm_to = \"1@a.nl,2@a.nl,3@a.nl,4@a.nl,5@a.nl,6@a.nl,7@a.nl,8@a.nl,9@a.nl\";",
     "c.conf:2", "at most 8"},
    {"password = \"secret\";", "c.conf:2", "password"},
};

Test(mail_group, what_is_wrong_or_does_not_fit_is_refused_with_its_place)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct settings s;
        struct diag d = {""};
        const char *members = refusals[i].members;
        cr_assert_eq(read_group(members, &s, &d), -EBADMSG, "%s", members);
        cr_assert(strncmp(d.text, refusals[i].place, strlen(refusals[i].place)) == 0, "%s: %s",
                  members, d.text);
        cr_assert(strstr(d.text, refusals[i].says), "%s: \"%s\" does not say %s", members,
                  d.text, refusals[i].says);
    }
}

Test(mail_group, is_a_group)
{
    struct settings s;
    struct diag d = {""};
    cr_assert_eq(settings_read(text_of("\nmail = \"x\";"), "c.conf", &s, &d), -EBADMSG);
    cr_assert(strstr(d.text, "c.conf:2") && strstr(d.text, "a group"), "%s", d.text);
}
