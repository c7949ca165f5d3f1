/*
 * Mails by hand, for tests that look at them from outside.
 *
 *   mail_driver compose WORD…   one message on standard output
 *   mail_driver send WORD…      mails to a route; a line of results for each
 *
 * A WORD is NAME=VALUE; @PATH as a value is a file's content. For compose: the fields of an
 * order (from, from_name, … text, html), and file=NAME|TYPE|CID|PATH, CID empty for an
 * attachment. For send: the fields of a route, tls=never, from=ADDRESS, then in their order
 * mail=TO|PATH (sends that file) and wait=MILLISECONDS. A result is
 * "fate code may_have_arrived is_route_down text", with tabs between.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mail/message.h"
#include "mail/send.h"
#include "os/file.h"

enum { FILES_MAX = 16, TEXTS_MAX = 64, FILE_CAP = 64 << 20, EXIT_REFUSED = 65 };

/* What was read from files, kept to the end. */
struct driver {
    struct buf texts[TEXTS_MAX];
    size_t n_texts;
    struct mail_file files[FILES_MAX];
    size_t n_files;
    char *words[FILES_MAX]; /* of the files, cut */
};

static void driver_done(struct driver *d)
{
    for (size_t i = 0; i < d->n_texts; i++)
        buf_done(&d->texts[i]);
    for (size_t i = 0; i < d->n_files; i++)
        free(d->words[i]);
}

_Noreturn static void fail(const char *what)
{
    (void)fprintf(stderr, "mail_driver: %s\n", what);
    _exit(EXIT_FAILURE);
}

static struct text read_text(struct driver *d, const char *path)
{
    struct diag why = {""};
    if (d->n_texts == TEXTS_MAX)
        fail("too many files");
    struct buf *b = &d->texts[d->n_texts++];
    *b = BUF_INIT(FILE_CAP);
    if (file_read(path, b, &why) != 0)
        fail(why.text);
    return (struct text){buf_str(b), b->len};
}

/* ---- Words ------------------------------------------------------------------------------ */

/* The value of a word of this name; NULL for another. */
static const char *value_of(const char *word, const char *name)
{
    size_t n = strlen(name);
    return strncmp(word, name, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

/* The last word of a name, or `otherwise`. */
static const char *word_of(struct driver *d, char **words, const char *name,
                           const char *otherwise)
{
    const char *found = otherwise;
    for (; *words; words++) {
        const char *value = value_of(*words, name);
        found = value ? value : found;
    }
    return found[0] == '@' ? read_text(d, found + 1).p : found;
}

static int64_t number_of(struct driver *d, char **words, const char *name, int64_t otherwise)
{
    int64_t n = otherwise;
    const char *value = word_of(d, words, name, "");
    if (value[0] && text_to_int(text_of(value), INT64_MIN, INT64_MAX, &n) != 0)
        fail(name);
    return n;
}

/* Ends a field at its bar and gives what follows. */
static char *cut(char *p)
{
    char *bar = strchr(p, '|');
    if (!bar)
        fail("a bar is missing");
    *bar = '\0';
    return bar + 1;
}

static void add_file(struct driver *d, const char *value)
{
    if (d->n_files == FILES_MAX)
        fail("too many files");
    char *name = strdup(value);
    if (!name)
        fail("out of memory");
    char *type = cut(name);
    char *cid = cut(type);
    char *path = cut(cid);
    d->words[d->n_files] = name;
    d->files[d->n_files++] =
        (struct mail_file){name, type, cid[0] ? cid : NULL, read_text(d, path)};
}

/* ---- Orders ----------------------------------------------------------------------------- */

static int compose(struct driver *d, char **words)
{
    AUTO(buf) struct buf out = BUF_INIT(FILE_CAP);
    struct diag why = {""};
    for (char **w = words; *w; w++) {
        const char *value = value_of(*w, "file");
        if (value)
            add_file(d, value);
    }
    struct mail_order o = {
        .from = {word_of(d, words, "from_name", ""), word_of(d, words, "from", "")},
        .to = {word_of(d, words, "to_name", ""), word_of(d, words, "to", "")},
        .reply_to = {word_of(d, words, "reply_to_name", ""), word_of(d, words, "reply_to", "")},
        .subject = word_of(d, words, "subject", ""),
        .message_id = word_of(d, words, "message_id", "1@tests.example"),
        .date = {number_of(d, words, "date", 1795296400)},
        .date_offset_s = (int32_t)number_of(d, words, "date_offset_s", 3600),
        .language = word_of(d, words, "language", "en"),
        .run = word_of(d, words, "run", ""),
        .text = word_of(d, words, "text", ""),
        .html = word_of(d, words, "html", ""),
        .files = d->files,
        .n_files = d->n_files,
    };
    int r = mail_compose(&o, &out, &why);
    if (r != 0) {
        (void)fprintf(stderr, "%s\n", why.text);
        return EXIT_REFUSED;
    }
    return fwrite(buf_str(&out), 1, out.len, stdout) == out.len ? 0 : EXIT_FAILURE;
}

static void send_one(struct driver *d, struct mail_sender *s, const char *from,
                     const char *value)
{
    static const char *const fates[] = {
        [MAIL_SENT] = "sent",
        [MAIL_LATER] = "later",
        [MAIL_REFUSED] = "refused",
        [MAIL_NOT_US] = "not-us",
    };
    char *to = strdup(value);
    struct mail_result result;
    if (!to)
        fail("out of memory");
    char *path = cut(to);
    mail_send(s, from, to, read_text(d, path), &result);
    (void)printf("%s\t%d\t%d\t%d\t%s\n", fates[result.fate], result.code,
                 result.may_have_arrived, result.is_route_down, result.text);
    (void)fflush(stdout);
    free(to);
}

static void wait_ms(struct driver *d, char *word)
{
    char *const one[] = {word, NULL};
    int64_t ms = number_of(d, (char **)one, "wait", 0);
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL); /* a signal ends the test anyway */
}

static int send_all(struct driver *d, char **words)
{
    AUTO(mail_sender) struct mail_sender *s = NULL;
    struct diag why = {""};
    const char *from = word_of(d, words, "from", "");
    struct mail_route route = {
        .url = word_of(d, words, "url", ""),
        .sendmail = word_of(d, words, "sendmail", ""),
        .tls = strcmp(word_of(d, words, "tls", ""), "never") == 0 ? MAIL_TLS_NEVER
                                                                  : MAIL_TLS_REQUIRED,
        .authority = word_of(d, words, "authority", ""),
        .user = word_of(d, words, "user", ""),
        .password = text_of(word_of(d, words, "password", "")),
        .hello = word_of(d, words, "hello", ""),
        .timeout = {number_of(d, words, "timeout", 20)},
    };
    if (mail_sender_new(&route, &s, &why) != 0) {
        (void)fprintf(stderr, "%s\n", why.text);
        return EXIT_REFUSED;
    }
    for (; *words; words++) {
        if (value_of(*words, "mail"))
            send_one(d, s, from, value_of(*words, "mail"));
        else if (value_of(*words, "wait"))
            wait_ms(d, *words);
    }
    return 0;
}

int main(int argc, char **argv)
{
    AUTO(driver) struct driver d = {.n_texts = 0};
    if (argc < 2)
        fail("compose or send");
    return strcmp(argv[1], "compose") == 0 ? compose(&d, argv + 2) : send_all(&d, argv + 2);
}
