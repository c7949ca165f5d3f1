/* Claims about routes. What becomes of mails is in tests/system/test_mail.py. */
#include "support/leak.h"

#include "mail/send.h"

#include <errno.h>
#include <string.h>

SUITE(send);

static const struct mail_route server = {
    .url = "smtp://mail.example.nl",
    .sendmail = "",
    .tls = MAIL_TLS_REQUIRED,
    .authority = "",
    .user = "",
    .password = {"", 0},
    .hello = "",
    .timeout = {60},
};

static int try_route(const struct mail_route *r, struct diag *d)
{
    AUTO(mail_sender) struct mail_sender *s = NULL;
    int e = mail_sender_new(r, &s, d);
    cr_expect_eq(s != NULL, e == 0);
    return e;
}

static const struct {
    const char *url;
    bool is_good;
    const char *why;
} urls[] = {
    {"smtp://mail.example.nl", true, "a name"},
    {"smtp://mail.example.nl/", true, "and a slash"},
    {"smtp://mail.example.nl:25", true, "a port"},
    {"smtps://mail.example.nl:465", true, "TLS from the start"},
    {"smtp://b\xc3\xbc"
     "cher.example",
     true, "a U-label"},
    {"smtp://mailhub", true, "a name of /etc/hosts"},
    {"smtp://192.0.2.1:587", true, "IPv4"},
    {"smtp://[2001:db8::1]", true, "IPv6"},
    {"smtp://[2001:db8::1]:587", true, "IPv6 and a port"},
    {"smtp://2001:db8::1", false, "IPv6 without brackets"},
    {"smtp://[192.0.2.1]", false, "IPv4 in brackets"},
    {"smtp://", false, "no host"},
    {"smtp://:25", false, "no host but a port"},
    {"smtp://mail.example.nl:", false, "an empty port"},
    {"smtp://mail.example.nl:0", false, "port 0"},
    {"smtp://mail.example.nl:65536", false, "too large a port"},
    {"smtp://mail.example.nl:25x", false, "no number"},
    {"smtp://mail.example.nl/path", false, "a path"},
    {"smtp://user:secret@mail.example.nl", false, "a user within"},
    {"smtp://user:secret@mail.example.nl:25", false, "a user within, and a port"},
    {"http://mail.example.nl", false, "another scheme"},
    {"mail.example.nl", false, "no scheme"},
    {"smtp://mail.example.nl\r\nX", false, "a line end"},
    {"smtp://mail example", false, "a space"},
    {"smtp://-mail", false, "a hyphen in front"},
    {"smtp://123", false, "a number"},
};

Test(send, a_url_is_a_host_and_a_port)
{
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        struct mail_route r = server;
        struct diag d = {""};
        r.url = urls[i].url;
        cr_expect_eq(try_route(&r, &d), urls[i].is_good ? 0 : -EBADMSG, "%s: %s", urls[i].why,
                     d.text);
        cr_expect_eq(d.text[0] == '\0', urls[i].is_good, "%s", urls[i].why);
        cr_expect_null(strstr(d.text, "secret"), "%s", d.text);
    }
}

static const struct {
    const char *url;
    bool is_good;
} in_clear[] = {
    {"smtp://127.0.0.1:25", true}, {"smtp://127.255.0.1", true},
    {"smtp://[::1]:25", true},     {"smtp://localhost", true},
    {"smtp://128.0.0.1", false},   {"smtp://[::2]", false},
    {"smtp://0.0.0.0", false},     {"smtp://mailhub", false},
    {"smtps://127.0.0.1", false},  {"smtp://localhost.nl", false},
    {"smtp://localhosts", false},  {"smtp://127.0.0.1.example.nl", false},
};

Test(send, without_tls_it_goes_to_this_machine_alone)
{
    for (size_t i = 0; i < ARRAY_LEN(in_clear); i++) {
        struct mail_route r = server;
        struct diag d = {""};
        r.url = in_clear[i].url;
        r.tls = MAIL_TLS_NEVER;
        cr_expect_eq(try_route(&r, &d), in_clear[i].is_good ? 0 : -EBADMSG, "%s", r.url);
    }
}

Test(send, a_password_goes_with_tls_and_a_user)
{
    struct mail_route r = server;
    struct diag d = {""};
    r.user = "user";
    r.password = text_of("secret");
    cr_expect_eq(try_route(&r, &d), 0, "%s", d.text);
    r.password = text_of("");
    cr_expect_eq(try_route(&r, &d), -EBADMSG, "a user alone");
    r.user = "";
    r.password = text_of("secret");
    cr_expect_eq(try_route(&r, &d), -EBADMSG, "a password alone");
    r.user = "us\ner";
    cr_expect_eq(try_route(&r, &d), -EBADMSG, "a line end in the user");
    r.user = "user";
    r.password = (struct text){"sec\0ret", 7};
    cr_expect_eq(try_route(&r, &d), -EBADMSG, "NUL in the password");
    r.password = text_of("secret");
    r.tls = MAIL_TLS_NEVER;
    r.url = "smtp://127.0.0.1";
    cr_expect_eq(try_route(&r, &d), -EBADMSG, "in clear, on this machine too");
    cr_expect_null(strstr(d.text, "secret"));
}

Test(send, a_route_is_one_and_whole)
{
    struct mail_route r = server;
    struct diag d = {""};
    r.sendmail = "/usr/sbin/sendmail";
    cr_expect_eq(try_route(&r, &d), -EBADMSG, "both");
    r.url = "";
    cr_expect_eq(try_route(&r, &d), 0, "a program");
    r.sendmail = "sendmail";
    cr_expect_eq(try_route(&r, &d), -EBADMSG, "without its path");
    r.sendmail = "";
    cr_expect_eq(try_route(&r, &d), -EBADMSG, "neither");
    r = server;
    r.timeout = (dur_t){0};
    cr_expect_eq(try_route(&r, &d), -EBADMSG, "no time");
    r = server;
    r.hello = "x\r\nMAIL";
    cr_expect_eq(try_route(&r, &d), -EBADMSG, "EHLO");
    r.hello = "x%0d%0a";
    cr_expect_eq(try_route(&r, &d), -EBADMSG, "an escape");
    r.hello = "[192.0.2.1]";
    cr_expect_eq(try_route(&r, &d), 0, "%s", d.text);
}

Test(send, bad_addresses_are_told_apart_without_a_server)
{
    AUTO(mail_sender) struct mail_sender *s = NULL;
    struct mail_route r = server;
    struct mail_result result;
    struct diag d = {""};
    r.url = "";
    r.sendmail = "/nonexistent/sendmail";
    cr_assert_eq(mail_sender_new(&r, &s, &d), 0);
    mail_send(s, "no address", "a@example.nl", text_of("x\r\n"), &result);
    cr_expect_eq(result.fate, MAIL_NOT_US);
    mail_send(s, "a@example.nl", "no address\r\n", text_of("x\r\n"), &result);
    cr_expect_eq(result.fate, MAIL_REFUSED);
    cr_expect_str_eq(result.text, "\"no address\\x0d\\x0a\" is no mail address");
    mail_send(s, "a@example.nl", "b@example.nl", text_of("x\r\n"), &result);
    cr_expect_eq(result.fate, MAIL_NOT_US, "no such program");
    cr_expect(result.is_route_down);
}
