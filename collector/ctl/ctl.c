/* The invocation: which command, which options, which settings. */
#include "ctl/ctl_parts.h"
#include "ctl/commands.h"
#include "os/clock.h"
#include "os/file.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

enum { USAGE_COLUMNS = 46 }; /* of the help's left column */

static const struct ctl_command *const commands[] = {
    &command_import_estate, &command_import_reports,   &command_audit,
    &command_explain,       &command_ledger_list,      &command_ledger_export,
    &command_ledger_close,  &command_ledger_verify,    &command_ledger_proof,
    &command_ledger_waive,  &command_ledger_reinstate, &command_ledger_dispute,
    &command_ledger_uphold, &command_verify,           &command_store_init,
    &command_store_check,   &command_store_prune,      &command_token_create,
    &command_token_list,    &command_token_revoke,     &command_server_list,
    &command_server_revoke, &command_server_retire,    &command_server_trail,
    &command_report,        &command_report_status,    &command_report_show,
};

/* Accepted before the command and after it. */
static const struct ctl_option common_options[] = {
    {"config", "FILE", "settings (also -c FILE); without it the defaults hold"},
    {"store", "URL", "sqlite:PATH; goes before the configuration's"},
    {"help", NULL, "this help"},
    {"version", NULL, "the version"},
};

static void put_option(struct buf *b, const struct ctl_option *o)
{
    AUTO(buf) struct buf left = BUF_INIT(256);

    buf_printf(&left, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
    buf_printf(b, "  %-26s %s\n", buf_str(&left), o->help);
}

static void put_usage(struct buf *b, const struct ctl_command *c)
{
    buf_printf(b, "fairusectl %s%s%s%s%s", c->group ? c->group : "", c->group ? " " : "",
               c->name, c->arguments[0] ? " " : "", c->arguments);
}

static int help_all(void)
{
    AUTO(buf) struct buf b = BUF_INIT(65536);

    buf_add_str(
        &b, "fairusectl [-c FILE] [--store URL] COMMAND [OPTION]…\n\n"
            "Audits Plesk licences and SpamExperts quotas against the fair use policy.\n\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        AUTO(buf) struct buf usage = BUF_INIT(256);
        put_usage(&usage, commands[i]);
        const char *left = buf_str(&usage) + strlen("fairusectl ");
        size_t columns = text_columns(left);
        size_t pad = columns < USAGE_COLUMNS ? USAGE_COLUMNS - columns : 0;
        buf_printf(&b, "  %s%*s %s\n", left, (int)pad, "", commands[i]->help);
    }
    buf_add_str(&b, "\n");
    for (size_t i = 0; i < ARRAY_LEN(common_options); i++)
        put_option(&b, &common_options[i]);
    buf_add_str(&b, "\nEach command explains itself: fairusectl COMMAND --help\n");
    return ctl_print(&b);
}

static int help_command(const struct ctl_command *c)
{
    AUTO(buf) struct buf b = BUF_INIT(65536);

    put_usage(&b, c);
    buf_printf(&b, "\n\n%s\n\n", c->help);
    for (size_t i = 0; i < c->n_options; i++)
        put_option(&b, &c->options[i]);
    for (size_t i = 0; i < ARRAY_LEN(common_options); i++)
        put_option(&b, &common_options[i]);
    return ctl_print(&b);
}

static bool is_group(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (commands[i]->group && strcmp(commands[i]->group, word) == 0)
            return true;
    return false;
}

static const struct ctl_command *find_command(const char *group, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        const struct ctl_command *c = commands[i];
        if (strcmp(c->name, name) == 0 &&
            (group ? c->group && strcmp(c->group, group) == 0 : !c->group))
            return c;
    }
    return NULL;
}

/* ---- Words into options and arguments -------------------------------------------------- */

struct words {
    int argc, next;
    char **argv;
};

static const struct ctl_option *find_option(const struct ctl *c, const char *name, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(common_options); i++)
        if (strlen(common_options[i].name) == n && memcmp(common_options[i].name, name, n) == 0)
            return &common_options[i];
    for (size_t i = 0; c->command && i < c->command->n_options; i++)
        if (strlen(c->command->options[i].name) == n &&
            memcmp(c->command->options[i].name, name, n) == 0)
            return &c->command->options[i];
    return NULL;
}

static int give_option(struct ctl *c, const struct ctl_option *o, const char *value)
{
    for (size_t i = 0; i < c->n_given; i++)
        if (c->given[i].option == o)
            return ctl_fail(EX_USAGE, "--%s stands twice", o->name);
    c->given[c->n_given++] = (struct given){o, value ? value : ""};
    return 0;
}

static int take_option(struct ctl *c, struct words *w, const char *word)
{
    const char *name = strcmp(word, "-c") == 0   ? "config"
                       : strcmp(word, "-h") == 0 ? "help"
                                                 : word + 2;
    const char *equals = strchr(name, '=');
    size_t n = equals ? (size_t)(equals - name) : strlen(name);
    const struct ctl_option *o = find_option(c, name, n);
    char quoted[TEXT_QUOTE_SIZE];

    if (!o)
        return ctl_fail(EX_USAGE, "there is no option %s here: see `fairusectl%s%s%s%s --help`",
                        text_quote(text_of(word), quoted),
                        c->command && c->command->group ? " " : "",
                        c->command && c->command->group ? c->command->group : "",
                        c->command ? " " : "", c->command ? c->command->name : "");
    if (!o->value)
        return equals ? ctl_fail(EX_USAGE, "--%s takes no value", o->name)
                      : give_option(c, o, NULL);
    if (equals)
        return give_option(c, o, equals + 1);
    if (w->next == w->argc)
        return ctl_fail(EX_USAGE, "--%s wants a value: %s", o->name, o->value);
    return give_option(c, o, w->argv[w->next++]);
}

/* The command, or the first word of two. */
static int take_command(struct ctl *c, const char *word)
{
    char quoted[TEXT_QUOTE_SIZE];

    if (!c->group && is_group(word)) {
        c->group = word;
        c->command = find_command(NULL, word); /* `report` is a command by itself, too */
        return 0;
    }
    c->command = find_command(c->group, word);
    if (c->command)
        return 0;
    return ctl_fail(EX_USAGE, "there is no command %s%s%s: see `fairusectl --help`",
                    c->group ? c->group : "", c->group ? " " : "",
                    text_quote(text_of(word), quoted));
}

static int take_words(struct ctl *c, struct words *w)
{
    bool only_arguments = false;
    char quoted[TEXT_QUOTE_SIZE];

    while (w->next < w->argc) {
        const char *word = w->argv[w->next++];
        int code = 0;
        if (!only_arguments && strcmp(word, "--") == 0)
            only_arguments = true;
        else if (!only_arguments && word[0] == '-' && word[1] != '\0')
            code = strncmp(word, "--", 2) == 0 || strcmp(word, "-c") == 0 ||
                           strcmp(word, "-h") == 0
                       ? take_option(c, w, word)
                       : ctl_fail(EX_USAGE, "there is no option %s: see `fairusectl --help`",
                                  text_quote(text_of(word), quoted));
        else if (!c->command || (c->group && !c->command->group))
            code = take_command(c, word);
        else if (c->n_arguments == CTL_ARGUMENTS_MAX)
            code = ctl_fail(EX_USAGE, "more than %d arguments", CTL_ARGUMENTS_MAX);
        else
            c->arguments[c->n_arguments++] = word;
        if (code != 0)
            return code;
    }
    return 0;
}

static int check_arguments(const struct ctl *c)
{
    const struct ctl_command *k = c->command;
    AUTO(buf) struct buf usage = BUF_INIT(256);
    char quoted[TEXT_QUOTE_SIZE];

    put_usage(&usage, k);
    if (c->n_arguments < k->min_arguments)
        return ctl_fail(EX_USAGE, "something is missing: %s", buf_str(&usage));
    if (c->n_arguments > k->max_arguments)
        return ctl_fail(EX_USAGE, "%s is one too many: %s",
                        text_quote(text_of(c->arguments[k->max_arguments]), quoted),
                        buf_str(&usage));
    return 0;
}

/* ---- What commands ask for ------------------------------------------------------------ */

const char *ctl_value(const struct ctl *c, const char *option)
{
    for (size_t i = 0; i < c->n_given; i++)
        if (strcmp(c->given[i].option->name, option) == 0)
            return c->given[i].value;
    return NULL;
}

bool ctl_flag(const struct ctl *c, const char *option)
{
    return ctl_value(c, option) != NULL;
}

int ctl_argument_count(const struct ctl *c)
{
    return c->n_arguments;
}

const char *ctl_argument(const struct ctl *c, int i)
{
    return i < c->n_arguments ? c->arguments[i] : NULL;
}

const struct settings *ctl_settings(const struct ctl *c)
{
    return &c->settings;
}

wall_t ctl_now(const struct ctl *c)
{
    return c->now;
}

static int read_settings(struct ctl *c)
{
    const char *path = ctl_value(c, "config");
    AUTO(buf) struct buf text = BUF_INIT((size_t)CAP_CONFIG_BYTES);
    struct diag d;

    int r = path ? file_read(path, &text, &d) : settings_init(&c->settings, &d);
    if (path && r >= 0)
        r = settings_read((struct text){text.data, text.len}, path, &c->settings, &d);
    return r < 0 ? ctl_fail(r == -ENOMEM ? EX_OSERR : EX_CONFIG, "%s", d.text) : 0;
}

static int run_command(struct ctl *c)
{
    int code = check_arguments(c);

    if (code == 0)
        code = read_settings(c);
    if (code != 0)
        return code;
    code = c->command->run(c);
    ctl_progress_end();
    settings_done(&c->settings);
    return code;
}

static int print_version(void)
{
    AUTO(buf) struct buf b = BUF_INIT(256);

    buf_add_str(&b, "fairusectl " FAIRUSE_VERSION "\n");
    return ctl_print(&b);
}

int ctl_main(int argc, char **argv)
{
    static const struct rlimit no_core = {0, 0};
    struct words w = {.argc = argc, .argv = argv, .next = 1};
    AUTO_FREE struct ctl *c = calloc(1, sizeof(*c));

    if (!c)
        return ctl_fail(EX_OSERR, "out of memory");
    /* A vendor's listing holds secrets while it is parsed: no core file may keep them. */
    (void)setrlimit(RLIMIT_CORE, &no_core);
    /* A reader that goes away is an error to tell, not a death in the middle. */
    (void)signal(SIGPIPE, SIG_IGN);
    c->now = clock_now();
    int code = take_words(c, &w);
    if (code != 0)
        return code;
    if (ctl_flag(c, "version"))
        return print_version();
    if (ctl_flag(c, "help"))
        return c->command ? help_command(c->command) : help_all();
    if (!c->command)
        return ctl_fail(EX_USAGE,
                        c->group ? "%s what? See `fairusectl --help`"
                                 : "%swhat is to be done? See `fairusectl --help`",
                        c->group ? c->group : "");
    return run_command(c);
}
