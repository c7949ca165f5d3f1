/* Running the openssl command. */
#include "support/openssl.h"

#include "os/file.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS = 64, LINE_BYTES = 1024 };

static _Noreturn void give_up(const char *what, const char *why)
{
    (void)fprintf(stderr, "%s: %s\n", what, why);
    abort();
}

/* Cuts a line at its spaces, in place; NULL at the end. */
static void split(char *line, char *words[static WORDS])
{
    size_t n = 0;
    for (char *p = line; *p;) {
        size_t length = strcspn(p, " ");
        if (length > 0) {
            if (n + 1 >= WORDS)
                give_up(words[0], "too many words");
            words[n++] = p;
        }
        p += length;
        if (*p)
            *p++ = '\0';
    }
    words[n] = NULL;
}

int openssl_run(const struct temp *folder, const char *line)
{
    char copy[LINE_BYTES];
    char *words[WORDS];
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = 0;
    if (snprintf(copy, sizeof copy, "openssl %s", line) >= LINE_BYTES)
        give_up(line, "the line is too long");
    split(copy, words);
    bool is_run =
        posix_spawn_file_actions_init(&actions) == 0 &&
        posix_spawn_file_actions_addchdir_np(&actions, folder->path) == 0 &&
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) == 0 &&
        posix_spawn_file_actions_addopen(&actions, 1, "said", O_WRONLY | O_CREAT | O_TRUNC,
                                         0600) == 0 &&
        posix_spawn_file_actions_adddup2(&actions, 1, 2) == 0 &&
        posix_spawnp(&child, "openssl", &actions, NULL, words, environ) == 0 &&
        waitpid(child, &status, 0) == child;
    (void)posix_spawn_file_actions_destroy(&actions); /* always 0 */
    if (!is_run)
        give_up(copy, "cannot be run");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

void openssl_must(const struct temp *folder, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n < 0 || n >= LINE_BYTES)
        give_up(format, "the line is too long");
    if (openssl_run(folder, line) == 0)
        return;
    AUTO(buf) struct buf said = BUF_INIT(65536);
    (void)openssl_file(folder, "said", &said);
    give_up(line, buf_str(&said));
}

struct text openssl_file(const struct temp *folder, const char *name, struct buf *ret)
{
    char path[TEMP_PATH_SIZE];
    struct diag d = {""};
    buf_reset(ret);
    if (file_read(temp_file(folder, name, path), ret, &d) != 0)
        give_up(name, d.text);
    return (struct text){buf_str(ret), ret->len};
}

void openssl_put(const struct temp *folder, const char *name, struct text data)
{
    char path[TEMP_PATH_SIZE];
    struct diag d = {""};
    if (file_write(temp_file(folder, name, path), data, 0600, &d) != 0)
        give_up(name, d.text);
}
