/* The words behind a command. */
#include "cli/args.h"

#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "cli/cli_parts.h"

static const struct arg *find_long(const struct args *a, const char *word, size_t n)
{
    for (size_t i = 0; i < a->n_options; i++)
        if (strlen(a->options[i].name) == n && memcmp(a->options[i].name, word, n) == 0)
            return &a->options[i];
    return NULL;
}

static const struct arg *find_letter(const struct args *a, char letter)
{
    for (size_t i = 0; i < a->n_options; i++)
        if (a->options[i].letter == letter)
            return &a->options[i];
    return NULL;
}

static int refuse(const char *command, const char *what, const char *word)
{
    char quoted[TEXT_QUOTE_SIZE];
    return cli_fail(EX_USAGE, "%s: %s %s; see `fairuse-agent --help`", command, what,
                    text_quote(text_of(word), quoted));
}

/* "--name", "--name=value" or "-x"; the value may be the next word. */
static int read_option(char **argv, int *i, int argc, const struct args *a)
{
    const char *word = argv[*i];
    const char *equals = strchr(word, '=');
    const struct arg *arg;
    if (word[1] == '-')
        arg = find_long(a, word + 2, equals ? (size_t)(equals - word - 2) : strlen(word + 2));
    else
        arg = word[1] && !word[2] ? find_letter(a, word[1]) : NULL;
    if (!arg)
        return refuse(argv[0], "there is no option", word);
    if (arg->is_set) {
        *arg->is_set = true;
        return equals ? refuse(argv[0], "it takes no value:", word) : 0;
    }
    if (equals)
        *arg->value = equals + 1;
    else if (*i + 1 < argc)
        *arg->value = argv[++*i];
    else
        return refuse(argv[0], "a value is missing behind", word);
    return 0;
}

int args_read(int argc, char **argv, const struct args *a)
{
    size_t n = 0;
    bool has_options = true;
    for (int i = 1; i < argc; i++) {
        int r = 0;
        if (has_options && strcmp(argv[i], "--") == 0)
            has_options = false;
        else if (has_options && argv[i][0] == '-' && argv[i][1])
            r = read_option(argv, &i, argc, a);
        else if (n < a->n_operands)
            a->operands[n++] = argv[i];
        else
            r = refuse(argv[0], "one too many:", argv[i]);
        if (r != 0)
            return r;
    }
    return 0;
}
