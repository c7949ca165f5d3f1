/* Claims about a mail's bytes. What a reader makes of them is in tests/system/test_mail.py. */
#include "support/leak.h"

#include "mail/message.h"

#include <errno.h>
#include <string.h>

SUITE(message);

enum { CAP = 1 << 20 };

static const struct mail_order plain = {
    .from = {"", "fairuse@tests.example"},
    .to = {"", "am@tests.example"},
    .reply_to = {"", ""},
    .subject = "A night",
    .message_id = "r1@tests.example",
    .date = {1795296400}, /* 2026-11-21T21:26:40Z, a Saturday */
    .date_offset_s = 3600,
    .language = "en",
    .run = "",
    .text = "Hello\n",
    .html = "",
};

static void compose(const struct mail_order *o, struct buf *out)
{
    struct diag d = {""};
    cr_assert_eq(mail_compose(o, out, &d), 0, "%s", d.text);
}

Test(message, the_plainest_is_this)
{
    AUTO(buf) struct buf out = BUF_INIT(CAP);
    compose(&plain, &out);
    cr_assert_str_eq(buf_str(&out), "Date: Sat, 21 Nov 2026 22:26:40 +0100\r\n"
                                    "From: fairuse@tests.example\r\n"
                                    "To: am@tests.example\r\n"
                                    "Subject: A night\r\n"
                                    "Message-Id: <r1@tests.example>\r\n"
                                    "Auto-Submitted: auto-generated\r\n"
                                    "X-Auto-Response-Suppress: All\r\n"
                                    "MIME-Version: 1.0\r\n"
                                    "Content-Type: text/plain; charset=utf-8\r\n"
                                    "Content-Transfer-Encoding: quoted-printable\r\n"
                                    "Content-Language: en\r\n"
                                    "\r\n"
                                    "Hello\r\n");
}

Test(message, it_is_added_to_what_is_there_within_its_cap)
{
    AUTO(buf) struct buf out = BUF_INIT(CAP), little = BUF_INIT(100);
    struct diag d = {""};
    buf_add_str(&out, "before");
    compose(&plain, &out);
    cr_assert_eq(memcmp(buf_str(&out), "beforeDate:", 11), 0);
    cr_assert_eq(mail_compose(&plain, &little, &d), -ERANGE);
}

Test(message, equal_orders_are_equal_bytes)
{
    static const struct mail_file files[] = {
        {"p.png", "image/png", "p@x", {"\x89PNG", 4}},
        {"t.csv", "text/csv; charset=utf-8", NULL, {"a\r\n", 3}},
    };
    struct mail_order o = plain;
    AUTO(buf) struct buf one = BUF_INIT(CAP), two = BUF_INIT(CAP);
    o.html = "<p>x\n";
    o.files = files;
    o.n_files = ARRAY_LEN(files);
    compose(&o, &one);
    compose(&o, &two);
    cr_assert_str_eq(buf_str(&one), buf_str(&two));
    cr_assert_not_null(strstr(buf_str(&one), "boundary=\"=_"));
    o.message_id = "r2@tests.example";
    buf_reset(&two);
    compose(&o, &two);
    const char *boundary = strstr(buf_str(&one), "boundary=");
    cr_assert_not_null(boundary);
    cr_assert_null(strstr(buf_str(&two), (char[]){boundary[10], boundary[11], boundary[12],
                                                  boundary[13], boundary[14], boundary[15],
                                                  boundary[16], boundary[17], '\0'}));
}

Test(message, a_date_is_of_the_reader_s_zone)
{
    static const struct {
        int32_t offset;
        const char *line;
    } rows[] = {
        {0, "Date: Sat, 21 Nov 2026 21:26:40 +0000\r\n"},
        {7200, "Date: Sat, 21 Nov 2026 23:26:40 +0200\r\n"},
        {-12600, "Date: Sat, 21 Nov 2026 17:56:40 -0330\r\n"},
        {1172, "Date: Sat, 21 Nov 2026 21:45:40 +0019\r\n"}, /* whole minutes */
        {50400, "Date: Sun, 22 Nov 2026 11:26:40 +1400\r\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf out = BUF_INIT(CAP);
        struct mail_order o = plain;
        o.date_offset_s = rows[i].offset;
        compose(&o, &out);
        cr_expect_eq(strncmp(buf_str(&out), rows[i].line, strlen(rows[i].line)), 0, "%s",
                     rows[i].line);
    }
}

Test(message, what_is_not_utf_8_is_replaced_in_its_texts)
{
    AUTO(buf) struct buf out = BUF_INIT(CAP);
    struct mail_order o = plain;
    o.text = "a\xff\x1b\r\nb\n";
    compose(&o, &out);
    cr_assert_not_null(strstr(buf_str(&out), "\r\n\r\na=EF=BF=BD\r\nb\r\n"));
}

static void check_refused(const struct mail_order *o, const char *why)
{
    AUTO(buf) struct buf out = BUF_INIT(CAP);
    struct diag d = {""};
    cr_expect_eq(mail_compose(o, &out, &d), -EBADMSG, "%s", why);
    cr_expect_neq(d.text[0], '\0', "%s", why);
    cr_expect_eq(out.len, 0, "%s", why);
}

Test(message, what_is_none_is_refused)
{
    static const char *const ids[] = {
        "", "x", "@x", "x@", "a@b@c", "<a@b>", "a b@c", "a@b\r\nBcc: c", "a@\xc3\xa9"};
    static const char *const languages[] = {"", "nl\r\nx: y", "n l", "\xc3\xa9"};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        struct mail_order o = plain;
        o.message_id = ids[i];
        check_refused(&o, ids[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(languages); i++) {
        struct mail_order o = plain;
        o.language = languages[i];
        check_refused(&o, languages[i]);
    }
    struct mail_order o = plain;
    o.from.address = "nobody";
    check_refused(&o, "sender");
    o = plain;
    o.to.address = "";
    check_refused(&o, "recipient");
    o = plain;
    o.reply_to.address = "a@b\nc";
    check_refused(&o, "reply to");
    o = plain;
    o.date_offset_s = 86400;
    check_refused(&o, "a zone a day away");
    o = plain;
    o.date = WALL_END;
    check_refused(&o, "a date beyond the calendar");
}

Test(message, files_are_checked)
{
    static const struct mail_file files[] = {
        {"", "image/png", NULL, {"", 0}},       {"a/b", "image/png", NULL, {"", 0}},
        {"a\r\nb", "image/png", NULL, {"", 0}}, {"a\"b", "image/png", NULL, {"", 0}},
        {"a.png", "", NULL, {"", 0}},           {"a.png", "png", NULL, {"", 0}},
        {"a.png", "image/", NULL, {"", 0}},     {"a.png", "image/png\r\nx: y", NULL, {"", 0}},
        {"a.png", "image/png", "", {"", 0}},    {"a.png", "image/png", "a>\r\nx: y", {"", 0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct mail_order o = plain;
        o.files = &files[i];
        o.n_files = 1;
        check_refused(&o, files[i].name);
    }
}

Test(message, an_empty_mail_is_one)
{
    AUTO(buf) struct buf out = BUF_INIT(CAP);
    static const struct mail_file empty = {"e.csv", "text/csv", NULL, {NULL, 0}};
    struct mail_order o = plain;
    o.subject = o.text = "";
    o.files = &empty;
    o.n_files = 1;
    compose(&o, &out);
    cr_assert_not_null(strstr(buf_str(&out), "\r\nSubject:\r\n"));
    cr_assert_not_null(strstr(buf_str(&out), "filename=e.csv"));
}
