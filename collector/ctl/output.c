/* Words on standard output and standard error. */
#include "ctl/ctl.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool has_bar; /* a progress bar stands on the terminal's last line */

static char first_failure[CAP_DIAG];

const char *ctl_first_failure(void)
{
    return first_failure;
}

static void clear_bar(void)
{
    if (has_bar)
        (void)fputs("\r\033[K", stderr);
    has_bar = false;
}

int ctl_fail(int code, const char *fmt, ...)
{
    va_list args;

    clear_bar();
    (void)fputs("fairusectl: ", stderr);
    va_start(args, fmt);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fputs("\n", stderr);
    if (first_failure[0] == '\0') {
        va_start(args, fmt);
        (void)vsnprintf(first_failure, sizeof(first_failure), fmt, args);
        va_end(args);
    }
    return code;
}

void ctl_note(const char *fmt, ...)
{
    va_list args;

    clear_bar();
    va_start(args, fmt);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fputs("\n", stderr);
}

int ctl_fail_errno(int error, const char *text)
{
    static const struct {
        int error, code;
        const char *text;
    } map[] = {
        {-EBADMSG, EX_DATAERR, "bad input"},
        {-ERANGE, EX_DATAERR, "a number or a text is too large"},
        {-EEXIST, EX_DATAERR, "it exists already"},
        {-ENOENT, EX_DATAERR, "there is no such thing"},
        {-EAGAIN, EX_TEMPFAIL, "busy: try again"},
        {-ESTALE, EX_TEMPFAIL, "the store was replaced meanwhile: try again"},
        {-EPROTONOSUPPORT, EX_UNAVAILABLE, "the store is of a newer version"},
        {-EROFS, EX_CANTCREAT, "it can not be written"},
        {-EIO, EX_IOERR, "input or output failed"},
        {-ENOMEM, EX_OSERR, "out of memory"},
    };

    if (error == -ENOMEM)
        text = NULL; /* what a store said last may be of something else */
    for (size_t i = 0; i < ARRAY_LEN(map); i++)
        if (map[i].error == error)
            return ctl_fail(map[i].code, "%s", text && text[0] ? text : map[i].text);
    return ctl_fail(EX_SOFTWARE, "%s (error %d)", text && text[0] ? text : "it failed", -error);
}

int ctl_print(const struct buf *b)
{
    if (buf_error(b) < 0)
        return ctl_fail_errno(buf_error(b), NULL);
    clear_bar();
    if (fwrite(buf_str(b), 1, b->len, stdout) != b->len || fflush(stdout) != 0)
        return ctl_fail(EX_IOERR, "standard output: %s", strerror(errno));
    return 0;
}

void ctl_put_name(struct buf *out, struct text t)
{
    char quoted[TEXT_QUOTE_SIZE];
    bool is_plain = true;

    /* Piece by piece, cut between characters: quoting what is plain only adds the quotes. */
    for (size_t from = 0, to; from < t.n && is_plain; from = to) {
        to = t.n - from > CAP_QUOTE ? from + CAP_QUOTE : t.n;
        while (to < t.n && to > from + 1 && ((uint8_t)t.p[to] & 0xc0) == 0x80)
            to--;
        struct text piece = {t.p + from, to - from};
        is_plain = strlen(text_quote(piece, quoted)) == piece.n + 2;
    }
    if (is_plain)
        buf_add(out, t.p, t.n);
    else
        buf_add_str(out, text_quote(t, quoted));
}

bool ctl_has_colour(void)
{
    return isatty(STDOUT_FILENO) == 1 && !getenv("NO_COLOR");
}

enum { BAR_COLUMNS = 30 };

void ctl_progress(void *label, int64_t done, int64_t total)
{
    char bar[BAR_COLUMNS + 1];

    if (isatty(STDERR_FILENO) != 1 || total <= 0)
        return;
    int64_t shown = done < total ? done : total;
    int filled = (int)(shown * BAR_COLUMNS / total);
    memset(bar, '.', BAR_COLUMNS);
    memset(bar, '#', (size_t)filled);
    bar[BAR_COLUMNS] = '\0';
    (void)fprintf(stderr, "\r%s [%s] %3d %%", (const char *)label, bar,
                  (int)(shown * 100 / total));
    (void)fflush(stderr);
    has_bar = true;
}

void ctl_progress_end(void)
{
    clear_bar();
}
