/* The command line, what is given up before anyone is talked to, and what is said at the end.
 */
#include "uplink/uplink.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "crypto/request.h"
#include "options/url.h"
#include "os/clock.h"
#include "sandbox/sandbox.h"
#include "uplink/uplink_parts.h"

#define COUNTER_MAX (INT64_C(1) << 53) /* of reports */

enum { TOKEN_INPUT_MAX = 4096, READ_CHUNK = 65536, PASSWD_MAX = 16384 };

static const char help[] =
    "fairuse-uplink send [OPTION…] [-c FILE]             a report on standard input\n"
    "fairuse-uplink renew [-c FILE]\n"
    "fairuse-uplink enrol URL [--replace] [-c FILE]      a token on standard input\n"
    "\n"
    "One exchange with the collector. It is fairuse-agent that runs it, and reads what it "
    "says.\n"
    "\n"
    "  -c, --config FILE        settings; without it " OPTIONS_PATH_DEFAULT "\n"
    "      --clock N            the clock that the report's times are told by: what it had at\n"
    "                           the kernel's start, in seconds since 1970; without it, ours\n"
    "      --acknowledged TEXT  \"BOOT_ID COUNTER SERVER\": the last report that was taken\n"
    "      --replace            put another identity in the place of the one that is there\n"
    "      --help               this help\n"
    "      --version            the version\n";

/* What is to be done. */
struct order {
    const struct command *command; /* NULL = all is said */
    const char *config;            /* NULL = the usual file, where there is one */
    char url[TABLE_TEXT_SIZE];
    bool may_replace;
    bool has_clock; /* else ours, as it is now */
    wall_t boot;
    struct uplink_acknowledged acknowledged;
};

struct command {
    const char *word;
    bool has_url;
    bool changes_identity;
    size_t input_max; /* 0 = standard input is not read */
    void (*run)(struct uplink *u, const struct order *o, struct text input);
};

static int fail(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);
static int fail(int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)fputs("fairuse-uplink: ", stderr); /* there is nowhere else to tell it */
    (void)vfprintf(stderr, fmt, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return code;
}

/* ---- The command line ------------------------------------------------------------------ */

static void run_send(struct uplink *u, const struct order *o, struct text input)
{
    uplink_send(u, &o->acknowledged, input);
}

static void run_renew(struct uplink *u, const struct order *o, struct text input)
{
    (void)o;
    (void)input;
    uplink_renew(u);
}

static void run_enrol(struct uplink *u, const struct order *o, struct text input)
{
    uplink_enrol(u, o->url, input, o->may_replace);
}

static const struct command commands[] = {
    {"send", .input_max = CAP_REPORT_BYTES, .run = run_send},
    {"renew", .changes_identity = true, .run = run_renew},
    {"enrol", true, .changes_identity = true, .input_max = TOKEN_INPUT_MAX, .run = run_enrol},
};

static int say(const char *text)
{
    if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
        return fail(EX_IOERR, "standard output cannot be written");
    return 0;
}

/* The words that are no options: a command, and a URL where it wants one. */
static int take_words(int n, char **words, struct order *ret)
{
    char quoted[TEXT_QUOTE_SIZE];
    if (n == 0)
        return fail(EX_USAGE, "what is to be done? See `fairuse-uplink --help`");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(words[0], commands[i].word) == 0)
            ret->command = &commands[i];
    if (!ret->command)
        return fail(EX_USAGE, "there is no command %s: see `fairuse-uplink --help`",
                    text_quote(text_of(words[0]), quoted));
    if (n != (ret->command->has_url ? 2 : 1) || (ret->may_replace && !ret->command->has_url) ||
        ((ret->has_clock || ret->acknowledged.said[0]) && ret->command->run != run_send))
        return fail(EX_USAGE,
                    "`%s` has a word too few or too many: see `fairuse-uplink --help`",
                    words[0]);
    if (ret->command->has_url && url_form_collector(text_of(words[1]), ret->url) != 0)
        return fail(EX_USAGE, "%s is no URL of a collector: https://HOST[:PORT][/PATH]",
                    text_quote(text_of(words[1]), quoted));
    return 0;
}

static int take_clock(const char *value, struct order *ret)
{
    char quoted[TEXT_QUOTE_SIZE];
    ret->has_clock = true;
    if (text_to_int(text_of(value), WALL_BEGIN.s, WALL_END.s, &ret->boot.s) < 0)
        return fail(EX_USAGE, "--clock: %s is no number of seconds",
                    text_quote(text_of(value), quoted));
    return 0;
}

/* It is a note that nothing guards: a report must not stay here for what stands there. */
static void take_acknowledged(const char *value, struct uplink_acknowledged *ret)
{
    struct uuid boot;
    int64_t counter;
    size_t boot_n = strcspn(value, " ");
    const char *number = value + boot_n + (value[boot_n] == ' ');
    size_t number_n = strcspn(number, " ");
    struct text server = text_of(number + number_n + (number[number_n] == ' '));
    if (uuid_parse((struct text){value, boot_n}, &boot) < 0 ||
        text_to_int((struct text){number, number_n}, 1, COUNTER_MAX, &counter) < 0 ||
        server.n == 0 || !text_is_label(server, CAP_ID))
        return;
    (void)snprintf(ret->said, sizeof ret->said, "%.*s", (int)(number + number_n - value),
                   value);
    memcpy(ret->server, server.p, server.n + 1);
}

static int read_order(int argc, char **argv, struct order *ret)
{
    static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
                                          {"replace", no_argument, NULL, 'r'},
                                          {"clock", required_argument, NULL, 'k'},
                                          {"acknowledged", required_argument, NULL, 'a'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'v'},
                                          {NULL, 0, NULL, 0}};
    int c;
    int code = 0;
    *ret = (struct order){.config = NULL};
    while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
        switch (c) {
        case 'c': ret->config = optarg; break;
        case 'r': ret->may_replace = true; break;
        case 'k': code = take_clock(optarg, ret); break;
        case 'a': take_acknowledged(optarg, &ret->acknowledged); break;
        case 'h': return say(help);
        case 'v': return say("fairuse-uplink " FAIRUSE_VERSION "\n");
        default: return EX_USAGE; /* getopt has said it */
        }
        if (code != 0)
            return code;
    }
    return take_words(argc - optind, argv + optind, ret);
}

/* ---- What is given up ------------------------------------------------------------------ */

static void descriptor_done(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* nothing was written by it */
}

/* Root becomes the owner of the state folder, whose files these are. */
static int become_owner(const char *folder, struct diag *d)
{
    struct stat st;
    if (stat(folder, &st) != 0)
        return diag_set(d, -errno, "%s: %m", folder);
    if (geteuid() != 0 || st.st_uid == 0)
        return 0;
    char text[PASSWD_MAX];
    struct passwd entry;
    struct passwd *owner = NULL;
    if (getpwuid_r(st.st_uid, &entry, text, sizeof text, &owner) != 0 || !owner)
        return diag_set(d, -ENOENT, "%s belongs to the user %lu, who has no name here", folder,
                        (unsigned long)st.st_uid);
    return sandbox_become(owner->pw_name, d);
}

/* Two that change the identity at once would leave parts of both. Held until the end. */
static int lock_folder(const char *folder, int *ret, struct diag *d)
{
    *ret = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret < 0)
        return diag_set(d, -errno, "%s: %m", folder);
    if (flock(*ret, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        return diag_set(d, -EBUSY, "the identity is just being changed by another");
    return diag_set(d, -errno, "%s: %m", folder);
}

static int give_up_rights(struct diag *d)
{
    int r = sandbox_drop_rights(d);
    if (r == 0)
        r = sandbox_confine(SANDBOX_UPLINK, d);
    return r == -ENOSYS ? 0 : r; /* without that wall it is as far as one can go */
}

/* ---- In and out ------------------------------------------------------------------------ */

/* All of standard input; what a secret leaves in it is wiped. */
static int read_input(struct buf *ret, struct diag *d)
{
    AUTO_FREE char *chunk = malloc(READ_CHUNK);
    ssize_t got;
    if (!chunk)
        return diag_set(d, -ENOMEM, "out of memory");
    do {
        got = read(STDIN_FILENO, chunk, READ_CHUNK);
        if (got > 0)
            buf_add(ret, chunk, (size_t)got);
    } while ((got > 0 && buf_error(ret) == 0) || (got < 0 && errno == EINTR));
    int r = got < 0 ? -errno : buf_error(ret);
    explicit_bzero(chunk, READ_CHUNK);
    if (r == -ERANGE)
        return diag_set(d, r, "standard input has more than %zu bytes", ret->cap);
    return r == 0 ? 0 : diag_set(d, r, "standard input: %s", strerrordesc_np(-r));
}

static int write_all(int fd, struct text t)
{
    while (t.n > 0) {
        ssize_t n = write(fd, t.p, t.n);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            t = (struct text){t.p + n, t.n - (size_t)n};
    }
    return 0;
}

/* What was told is given only where all was well; the result, always. */
static int finish(struct uplink *u)
{
    struct message m = {.kind = MESSAGE_RESULT};
    AUTO(buf) struct buf out = BUF_INIT(UPLINK_OUT_CAP + MESSAGE_BYTES_MAX);
    if (buf_error(&u->out) != 0)
        uplink_end(u, MESSAGE_BROKEN, &(const struct diag){"no room for what was told"});
    else if (u->result.outcome == MESSAGE_DONE)
        buf_add(&out, buf_str(&u->out), u->out.len);
    m.as.result = u->result;
    message_encode(&m, &out);
    if (buf_error(&out) != 0)
        return fail(EX_OSERR, "out of memory");
    if (write_all(STDOUT_FILENO, (struct text){buf_str(&out), out.len}) != 0)
        return fail(EX_IOERR, "standard output cannot be written");
    return 0;
}

/* ---- One exchange ---------------------------------------------------------------------- */

/* All that comes before the network. */
static int prepare(const struct options *options, const struct order *o, int *ret_lock,
                   struct buf *input, struct diag *d)
{
    int r = become_owner(options->state, d);
    if (r == 0 && o->command->changes_identity)
        r = lock_folder(options->state, ret_lock, d);
    if (r == 0)
        r = give_up_rights(d);
    if (r == 0 && input->cap > 0)
        r = read_input(input, d);
    if (r == 0 && exchange_begin() != 0)
        r = diag_set(d, -ENOMEM, "libcurl does not start");
    return r;
}

static int run(const struct options *options, const struct order *o)
{
    AUTO(uplink) struct uplink u;
    AUTO(descriptor) int lock = -1;
    AUTO(request_secret) struct buf input = BUF_INIT(o->command->input_max);
    struct diag d = {""};
    if (uplink_init(&u, options) != 0)
        return fail(EX_CONFIG, "the state folder's path is too long");
    struct clock_pair now = clock_both();
    u.boot = o->has_clock ? o->boot : (wall_t){now.wall.s - now.boot_s};
    request_make_room(&input);
    int r = prepare(options, o, &lock, &input, &d);
    if (r != 0) {
        uplink_end(&u, MESSAGE_BROKEN, &d);
    } else {
        o->command->run(&u, o, (struct text){buf_str(&input), input.len});
        exchange_end();
    }
    return finish(&u);
}

/* The defaults, and over them the file. */
static int read_options(const struct order *o, struct options *ret)
{
    struct diag d = {""};
    if (options_init(ret) != 0)
        return fail(EX_OSERR, "out of memory");
    int r = options_load(o->config ? o->config : OPTIONS_PATH_DEFAULT, ret, &d);
    if (r == 0 || (r == -ENOENT && !o->config))
        return 0;
    return fail(EX_CONFIG, "%s", d.text);
}

int uplink_main(int argc, char **argv)
{
    AUTO(options) struct options options = {.n_lab_networks = 0};
    struct order order;
    int code = read_order(argc, argv, &order);
    if (code != 0 || !order.command)
        return code;
    (void)signal(SIGPIPE, SIG_IGN); /* who does not listen any more shows in write() */
    /* The libraries would look there for proxies, for aliases of names, and for a file to write
     * the keys of TLS to. It cannot fail: no memory is taken. */
    (void)clearenv();
    code = read_options(&order, &options);
    return code == 0 ? run(&options, &order) : code;
}
