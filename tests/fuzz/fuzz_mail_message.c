/*
 * Any bytes as the parts of a mail: names, subject, run, texts, a file. Whatever they are, no
 * field is added, all lines are CRLF and short, and equal orders are equal bytes.
 */
#include <string.h>

#include "mail/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { PARTS = 9, CAP = 64 << 20, LINE_MOST = 998 };

/* The parts are split at 0xfe, which is in no UTF-8; NUL cannot be in them. */
static void split(const uint8_t *data, size_t n, char *copy, const char *parts[PARTS])
{
    size_t part = 0;
    for (size_t i = 0; i < PARTS; i++)
        parts[i] = "";
    parts[part++] = copy;
    for (size_t i = 0; i < n; i++) {
        copy[i] = data[i] == 0xfe ? '\0' : (char)data[i];
        if (data[i] == 0xfe && part < PARTS)
            parts[part++] = copy + i + 1;
    }
    copy[n] = '\0';
}

static size_t count_fields(const char *head, const char *end, const char *name)
{
    size_t count = 0;
    for (const char *line = head; line < end; line = strstr(line, "\r\n") + 2)
        count += strncmp(line, name, strlen(name)) == 0;
    return count;
}

static size_t count_all_fields(const char *head, const char *end)
{
    size_t count = 0;
    for (const char *line = head; line < end; line = strstr(line, "\r\n") + 2)
        count += *line != ' ' && *line != '\t';
    return count;
}

static void check_lines(const char *text, size_t n)
{
    size_t length = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        assert(c != '\r' || (i + 1 < n && text[i + 1] == '\n'));
        assert(c != '\n' || (i > 0 && text[i - 1] == '\r'));
        assert(c >= ' ' || c == '\r' || c == '\n' || c == '\t');
        assert(c < 0x7f);
        length = c == '\n' ? 0 : length + 1;
        assert(length <= LINE_MOST + 1);
    }
    assert(n > 2 && memcmp(text + n - 2, "\r\n", 2) == 0);
}

static void check_head(const char *text, const struct mail_order *o)
{
    static const char *const once[] = {"Date: ",
                                       "From: ",
                                       "To: ",
                                       "Subject:",
                                       "Message-Id: ",
                                       "Auto-Submitted: ",
                                       "Content-Language: ",
                                       "Content-Type: ",
                                       "MIME-Version: "};
    const char *end = strstr(text, "\r\n\r\n");
    assert(end);
    for (size_t i = 0; i < ARRAY_LEN(once); i++)
        assert(count_fields(text, end, once[i]) == 1);
    size_t n = ARRAY_LEN(once) + 1; /* X-Auto-Response-Suppress */
    n += o->run[0] ? 1 : 0;
    n += o->n_files == 0 && !o->html[0] ? 1 : 0; /* Content-Transfer-Encoding */
    assert(count_all_fields(text, end) == n);
}

static void check(const struct mail_order *o)
{
    AUTO(buf) struct buf one = BUF_INIT(CAP), two = BUF_INIT(CAP);
    struct diag d = {""};
    int r = mail_compose(o, &one, &d);
    if (r != 0) {
        assert(d.text[0] != '\0' && one.len == 0);
        return;
    }
    check_lines(buf_str(&one), one.len);
    check_head(buf_str(&one), o);
    r = mail_compose(o, &two, &d);
    assert(r == 0 && one.len == two.len);
    assert(memcmp(buf_str(&one), buf_str(&two), one.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *parts[PARTS];
    char *copy = malloc(n + 1);
    if (!copy)
        return 0;
    split(data, n, copy, parts);
    struct mail_file file = {"f.csv", "text/csv; charset=utf-8", NULL, text_of(parts[6])};
    struct mail_order o = {
        .from = {parts[0], "a@tests.example"},
        .to = {parts[1], "b@tests.example"},
        .reply_to = {"", ""},
        .subject = parts[2],
        .message_id = "1@tests.example",
        .date = {1795296400},
        .language = "en",
        .run = parts[3],
        .text = parts[4],
        .html = parts[5],
        .files = &file,
        .n_files = parts[6][0] ? 1 : 0,
    };
    check(&o);
    if (parts[7][0] || parts[8][0]) { /* what is checked before it is used */
        o.to.address = parts[7];
        o.message_id = parts[8][0] ? parts[8] : o.message_id;
        struct buf out = BUF_INIT(CAP);
        struct diag d = {""};
        bool needs_utf8;
        char wire[MAIL_ADDRESS_SIZE];
        int r = mail_address_wire(parts[7], wire, &needs_utf8);
        assert((mail_compose(&o, &out, &d) == 0 && r == 0) || d.text[0] != '\0');
        buf_done(&out);
    }
    free(copy);
    return 0;
}
