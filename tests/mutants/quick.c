/*
 * Runs Criterion's tests without Criterion: a fork a test and no more, and the first failure is
 * the end. Mutants are tried by the thousand, and a process started anew for each test would be
 * most of their cost.
 *
 * usage: rules CPU_SECONDS SUITE|SUITE/TEST...
 *
 * Prints "[PASS] suite::test: (0.01s)" or "[FAIL] suite::test" for each, in the order asked
 * for; exits 1 after a failure. A test that needs more processor time than that has failed.
 */
#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <criterion/options.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Where Criterion's macros put pointers to all tests and suites. */
extern struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[], *__stop_cr_sts[];

struct criterion_options criterion_options;

/* The test that this process runs, and its suite (NULL = none declared). */
static const struct criterion_test *test_now;
static const struct criterion_suite *suite_now;
static bool has_failed;

/* ---- What the macros call ---------------------------------------------------------------- */

int cr_asprintf(char **strp, const char *fmt, ...)
{
    (void)fmt;
    *strp = NULL;
    return 0;
}

void cr_asprintf_free(char *str)
{
    (void)str;
}

char *cr_translate_assert_msg(int index, ...)
{
    static char nothing[] = "";
    (void)index;
    return nothing;
}

void cri_asserts_passed_incr(void)
{
}

void cr_log(enum criterion_severity severity, const char *msg, ...)
{
    (void)severity;
    (void)msg;
}

void criterion_send_assert(struct criterion_assert_stats *stats)
{
    has_failed = has_failed || !stats->passed;
}

void criterion_abort_test(void)
{
    _exit(1);
}

void criterion_continue_test(void)
{
}

static void call(void (*fixture)(void))
{
    if (fixture)
        fixture();
}

void criterion_internal_test_setup(void)
{
    call(suite_now && suite_now->data ? suite_now->data->init : NULL);
    call(test_now->data->init);
}

void criterion_internal_test_main(void (*fn)(void))
{
    fn();
}

void criterion_internal_test_teardown(void)
{
    call(test_now->data->fini);
    call(suite_now && suite_now->data ? suite_now->data->fini : NULL);
}

/* ---- Running ----------------------------------------------------------------------------- */

static const struct criterion_suite *suite_of(const struct criterion_test *t)
{
    for (struct criterion_suite **s = __start_cr_sts; s < __stop_cr_sts; s++)
        if (*s && strcmp((*s)->name, t->category) == 0 && (*s)->data)
            return *s;
    return NULL;
}

static void run_here(const struct criterion_test *t, rlim_t cpu_s)
{
    struct rlimit limit = {cpu_s, cpu_s + 1};
    int nowhere = open("/dev/null", O_WRONLY);

    test_now = t;
    suite_now = suite_of(t);
    if (nowhere < 0 || dup2(nowhere, 1) < 0 || dup2(nowhere, 2) < 0 ||
        setrlimit(RLIMIT_CPU, &limit) != 0)
        _exit(2);
    t->test();
    _exit(has_failed);
}

static bool is_as_expected(const struct criterion_test *t, int status)
{
    if (t->data->signal != 0)
        return WIFSIGNALED(status) && WTERMSIG(status) == t->data->signal;
    return WIFEXITED(status) && WEXITSTATUS(status) == t->data->exit_code;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool run_apart(const struct criterion_test *t, rlim_t cpu_s)
{
    double began = now();
    int status = -1;
    pid_t child = fork();

    if (child == 0)
        run_here(t, cpu_s);
    bool ok = child > 0 && waitpid(child, &status, 0) == child && is_as_expected(t, status);
    if (ok)
        printf("[PASS] %s::%s: (%.2fs)\n", t->category, t->name, now() - began);
    else
        printf("[FAIL] %s::%s\n", t->category, t->name);
    fflush(stdout);
    return ok;
}

static bool is_asked_for(const struct criterion_test *t, const char *word)
{
    size_t n = strlen(t->category);

    return strncmp(word, t->category, n) == 0 &&
           (word[n] == '\0' || (word[n] == '/' && strcmp(word + n + 1, t->name) == 0));
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 64;
    rlim_t cpu_s = strtoul(argv[1], NULL, 10);
    for (int i = 2; i < argc; i++)
        for (struct criterion_test **t = __start_cr_tst; t < __stop_cr_tst; t++)
            if (*t && is_asked_for(*t, argv[i]) && !run_apart(*t, cpu_s))
                return 1;
    return 0;
}
