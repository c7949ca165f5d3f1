/* enroll: becomes known to a collector. The token is never a word on a command line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/cli_parts.h"
#include "keeper/task.h"
#include "os/file.h"
#include "sandbox/sandbox.h"

enum { ENROL_DEADLINE_MS = 180000, TOKEN_MAX = 512 };

struct enrolment {
    struct loop *loop;
    struct message_result result;
    bool has_result;
    char why[CAP_DIAG + 64];
};

static void hear(void *arg, const struct message *m)
{
    struct enrolment *e = arg;
    if (m->kind != MESSAGE_RESULT)
        return; /* what the collector wants comes again with the first report */
    e->result = m->as.result;
    e->has_result = true;
}

static void ended(void *arg, const char *why)
{
    struct enrolment *e = arg;
    (void)snprintf(e->why, sizeof e->why, "%s", why ? why : "");
    loop_stop(e->loop);
}

/* By its descriptor: whoever changed users may not open it by name. */
static int read_input(struct buf *ret, struct diag *d)
{
    char bytes[TOKEN_MAX];
    ssize_t n;
    while ((n = read(STDIN_FILENO, bytes, sizeof bytes)) > 0)
        buf_add(ret, bytes, (size_t)n);
    explicit_bzero(bytes, sizeof bytes);
    return n < 0 ? diag_set(d, -errno, "standard input: %m") : buf_error(ret);
}

static int read_token(const char *path, struct buf *ret)
{
    struct diag d = {""};
    if (!path && isatty(STDIN_FILENO))
        (void)cli_fail(0, "paste the token, then press Enter and Ctrl-D");
    int r = path ? file_read(path, ret, &d) : read_input(ret, &d);
    if (r < 0)
        return cli_fail(r == -ENOENT ? EX_NOINPUT : EX_IOERR, "the token: %s",
                        d.text[0] ? d.text : strerror(-r));
    while (ret->len > 0 && (ret->data[ret->len - 1] == '\n' || ret->data[ret->len - 1] == ' '))
        ret->data[--ret->len] = 0;
    return ret->len > 0 ? 0 : cli_fail(EX_DATAERR, "there is no token; see fairuse-agent(8)");
}

static int exit_of(const struct message_result *r)
{
    switch (r->outcome) {
    case MESSAGE_DONE: return 0;
    case MESSAGE_REFUSED:
    case MESSAGE_STRANGER: return EX_NOPERM;
    case MESSAGE_LATER: return EX_TEMPFAIL;
    case MESSAGE_UNREACHABLE: return EX_UNAVAILABLE;
    case MESSAGE_UNTRUSTED: return EX_PROTOCOL;
    case MESSAGE_NO_IDENTITY:
    case MESSAGE_BROKEN: break;
    }
    return EX_IOERR;
}

static int enrol(struct enrolment *e, const char *const *argv, struct buf *token)
{
    AUTO(loop) struct loop *loop = NULL;
    struct task *task = NULL;
    struct diag d = {""};
    struct task_order order = {
        .program = "fairuse-uplink",
        .argv = argv,
        .input_bytes = token->len,
        .allowed = MESSAGE_BIT(MESSAGE_RESULT) | MESSAGE_BIT(MESSAGE_SETTING),
        .deadline_ms = ENROL_DEADLINE_MS,
        .message = hear,
        .ended = ended,
        .arg = e,
    };
    int r = loop_new(&loop);
    if (r < 0)
        return cli_fail(EX_OSERR, "no event loop: %s", strerror(-r));
    e->loop = loop;
    order.take_input = buf_take(token);
    r = task_start(loop, &order, &task, &d);
    if (r < 0)
        return cli_fail(EX_OSERR, "%s", d.text);
    r = loop_run(loop);
    if (r < 0)
        return cli_fail(EX_OSERR, "%s", strerror(-r));
    if (!e->has_result)
        return cli_fail(EX_SOFTWARE, "%s",
                        e->why[0] ? e->why : "fairuse-uplink gave no result");
    if (e->result.outcome != MESSAGE_DONE)
        return cli_fail(exit_of(&e->result), "%s", e->result.why);
    return 0;
}

static int say_done(const char *url, const struct message_result *r)
{
    AUTO(buf) struct buf b = BUF_INIT(4096);
    char until[WALL_TEXT_SIZE];
    buf_printf(&b, "enrolled at %s; the identity is good until %s, and is renewed before\n",
               url, wall_format((wall_t){r->identity_to}, until));
    return cli_print(&b);
}

int cmd_enroll(int argc, char **argv)
{
    const char *config = NULL, *token_file = NULL, *url = NULL;
    bool is_replacing = false;
    const struct arg words[] = {{"config", 'c', &config, NULL},
                                {"token-file", 0, &token_file, NULL},
                                {"replace", 0, NULL, &is_replacing}};
    AUTO(buf) struct buf token = BUF_INIT(TOKEN_MAX);
    struct options options;
    struct diag d = {""};
    int r = args_read(argc, argv, &(struct args){words, ARRAY_LEN(words), &url, 1});
    if (r != 0)
        return r;
    if (!url)
        return cli_fail(EX_USAGE, "enroll: say where, like https://collector.example.net:9443");
    if ((r = cli_options(&config, &options)) != 0)
        return r;
    r = read_token(token_file, &token);
    if (r == 0)
        r = cli_state_folder(&options);
    if (r == 0 && sandbox_become(options.user, &d) < 0)
        r = cli_fail(EX_NOUSER, "%s", d.text);
    options_done(&options);
    if (r != 0)
        return r;
    const char *argv_up[8] = {"fairuse-uplink", "enrol", url};
    size_t n = 3;
    if (is_replacing)
        argv_up[n++] = "--replace";
    if (config) {
        argv_up[n++] = "-c";
        argv_up[n++] = config;
    }
    struct enrolment e = {.has_result = false};
    r = enrol(&e, argv_up, &token);
    return r != 0 ? r : say_done(url, &e.result);
}
