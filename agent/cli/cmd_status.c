/* status: what the agent sees, holds and sent, and what the collector warns of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli/cli_parts.h"
#include "cli/status.h"
#include "os/clock.h"

enum { STATUS_BYTES_MAX = 4 << 20 };

static int choose_language(const char *word, const struct options *o, enum language *ret)
{
    if (word && strcmp(word, "en") != 0 && strcmp(word, "nl") != 0)
        return cli_fail(EX_USAGE, "status: --language must be en or nl");
    if (word)
        *ret = strcmp(word, "nl") == 0 ? LANGUAGE_NL : LANGUAGE_EN;
    else if (o->language == OPTIONS_LANGUAGE_AUTO)
        *ret = words_language(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"));
    else
        *ret = o->language == OPTIONS_LANGUAGE_NL ? LANGUAGE_NL : LANGUAGE_EN;
    return 0;
}

static int show(const struct options *o, enum language language, bool is_json)
{
    AUTO(status) struct status s = {.now = {0}};
    AUTO(buf) struct buf b = BUF_INIT(STATUS_BYTES_MAX);
    struct diag d = {""};
    int r = status_read(o, clock_now(), &s, &d);
    if (r < 0)
        return cli_fail(r == -EACCES ? EX_NOPERM : EX_IOERR, "%s", d.text);
    if (is_json)
        status_json(&s, &b);
    else
        status_text(&s, language, &b);
    r = cli_print(&b);
    return r != 0 ? r : s.is_running ? 0 : EX_UNAVAILABLE;
}

int cmd_status(int argc, char **argv)
{
    const char *config = NULL, *language_word = NULL, *format = "text";
    const struct arg words[] = {{"config", 'c', &config, NULL},
                                {"language", 0, &language_word, NULL},
                                {"format", 0, &format, NULL}};
    struct options o;
    enum language language = LANGUAGE_EN;
    int r = args_read(argc, argv, &(struct args){words, ARRAY_LEN(words), NULL, 0});
    if (r != 0)
        return r;
    bool is_json = strcmp(format, "json") == 0;
    if (!is_json && strcmp(format, "text") != 0)
        return cli_fail(EX_USAGE, "status: --format must be text or json");
    if ((r = cli_options(&config, &o)) != 0)
        return r;
    r = choose_language(language_word, &o, &language);
    if (r == 0)
        r = show(&o, language, is_json);
    options_done(&o);
    return r;
}
