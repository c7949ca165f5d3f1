/*
 * The parts of a look that ask others, one at a time, for system tests: `countmail mail
 * CONFIG`, `folders FOLDER`, `mx CONFIG NOW DEADLINE_MS SUFFIX…` (domains on standard input),
 * `hosts CONFIG DEADLINE_MS SERVER… URL…`. Its last line is "result CODE MILLISECONDS REASON".
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "os/clock.h"
#include "os/file.h"
#include "plesk/count.h"
#include "plesk/mx.h"

static void print_counts(const struct counts *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct mail_counts *m = &c->v[i].counts;
        (void)printf("%s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %d\n",
                     c->v[i].domain, m->mailboxes, m->aliases, m->forwards, m->lists,
                     m->alias_domains, m->catch_all);
    }
    (void)printf("refused %" PRId64 "\n", c->refused);
}

static int count_mail(const struct options *o, struct diag *d)
{
    AUTO(counts) struct counts c = {0};
    int r = psa_count(o, &c, d);
    if (r == 0)
        print_counts(&c);
    return r;
}

static int count_folders(const char *folder, struct diag *d)
{
    AUTO(counts) struct counts c = {0};
    int r = maildir_count(folder, &c, d);
    if (r == 0)
        print_counts(&c);
    return r;
}

/* Cuts the lines of standard input in place. */
static size_t read_domains(struct buf *b, const char **ret, size_t max)
{
    char part[4096];
    size_t n = 0, got;
    while ((got = fread(part, 1, sizeof part, stdin)) > 0)
        buf_add(b, part, got);
    for (char *line = b->data; line && *line != '\0' && n < max;) {
        char *end = strchr(line, '\n');
        ret[n++] = line;
        if (end)
            *end = '\0';
        line = end ? end + 1 : NULL;
    }
    return n;
}

static int64_t number(const char *s)
{
    int64_t v = 0;
    return text_to_int(text_of(s), 0, INT64_MAX, &v) == 0 ? v : 0;
}

static int ask_mx(const struct options *o, int argc, char **argv, struct diag *d)
{
    static const char *const words[] = {"unknown", "other", "filtered"};
    enum { MOST = 100000 };
    static const char *domains[MOST];
    static struct mx_question v[MOST];
    static struct mx_suffixes suffixes;
    AUTO(buf) struct buf b = BUF_INIT((size_t)1 << 24);
    for (int i = 2; i < argc && suffixes.n < ARRAY_LEN(suffixes.v); i++)
        (void)snprintf(suffixes.v[suffixes.n++], DNAME_SIZE, "%s", argv[i]);
    const struct mx_order order = {.options = o,
                                   .suffixes = &suffixes,
                                   .now = {number(argv[0])},
                                   .deadline_ms = number(argv[1])};
    size_t n = read_domains(&b, domains, MOST);
    for (size_t i = 0; i < n; i++)
        v[i].domain = domains[i];
    int r = mx_ask(&order, v, n, d);
    for (size_t i = 0; i < n; i++)
        (void)printf("%s %s\n", v[i].domain, words[v[i].verdict]);
    return r;
}

static void print_host(void *arg, bool is_collector, const struct addr *a, uint16_t port)
{
    char text[ADDR_TEXT_SIZE];
    (void)arg;
    (void)printf("%s %s %d\n", is_collector ? "collector" : "keyserver", addr_format(a, text),
                 port);
}

static int find_hosts(const struct options *o, int argc, char **argv, struct diag *d)
{
    static char servers[TABLE_TEXTS_MAX][TABLE_TEXT_SIZE], urls[8][TABLE_TEXT_SIZE];
    struct mx_suffixes none = {.n = 0};
    int64_t failed = -1;
    struct mx_hosts hosts = {.key_servers = (const char(*)[TABLE_TEXT_SIZE])servers,
                             .collectors = (const char(*)[TABLE_TEXT_SIZE])urls,
                             .found = print_host};
    for (int i = 1; i < argc; i++) {
        bool is_url = strncmp(argv[i], "https:", 6) == 0;
        char *to = is_url ? urls[hosts.n_collectors++] : servers[hosts.n_key_servers++];
        (void)snprintf(to, TABLE_TEXT_SIZE, "%s", argv[i]);
    }
    const struct mx_order order = {
        .options = o, .suffixes = &none, .deadline_ms = number(argv[0])};
    int r = mx_find_hosts(&order, &hosts, &failed, d);
    (void)printf("failed %" PRId64 "\n", failed);
    return r;
}

static int run(int argc, char **argv, struct diag *d)
{
    static struct options o;
    if (strcmp(argv[1], "folders") == 0)
        return count_folders(argv[2], d);
    int r = options_load(argv[2], &o, d);
    if (r < 0)
        return r;
    if (strcmp(argv[1], "mail") == 0)
        r = count_mail(&o, d);
    else if (strcmp(argv[1], "mx") == 0 && argc >= 5)
        r = ask_mx(&o, argc - 3, argv + 3, d);
    else if (strcmp(argv[1], "hosts") == 0 && argc >= 4)
        r = find_hosts(&o, argc - 3, argv + 3, d);
    options_done(&o);
    return r;
}

/* VmHWM; what getrusage() says is that of whoever started us, where that is more. */
static int64_t most_kib(void)
{
    AUTO(buf) struct buf b = BUF_INIT(65536);
    struct diag d;
    const char *at =
        file_read("/proc/self/status", &b, &d) == 0 ? strstr(buf_str(&b), "VmHWM:") : NULL;
    if (!at)
        return 0;
    at += strcspn(at, "0123456789");
    int64_t v = 0;
    struct text digits = {at, strspn(at, "0123456789")};
    return text_to_int(digits, 0, INT64_MAX, &v) == 0 ? v : 0;
}

int main(int argc, char **argv)
{
    struct diag d = {""};
    if (argc < 3)
        return EX_USAGE;
    mono_t begin = clock_mono();
    int r = run(argc, argv, &d);
    (void)printf("result %d %" PRId64 " %" PRId64 " %s\n", r, clock_mono().ms - begin.ms,
                 most_kib(), d.text);
    return r == 0 ? 0 : 1;
}
