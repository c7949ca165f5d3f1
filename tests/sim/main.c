/* The simulator's command line (sim.h). */
#include <stdio.h>
#include <string.h>

#include "sim/order.h"
#include "support/seed.h"

static int usage(void)
{
    (void)fputs("usage: sim [--seed N] [--runs N] [--seconds S] [--brief] [--plant NAME]\n"
                "       sim --large [--agents N] [--days N] [--seed N]\n"
                "       sim --replay FILE | --selftest\n",
                stderr);
    return 64;
}

static bool take_number(const char *text, int64_t *ret)
{
    return text && text_to_int(text_of(text), 0, INT64_MAX, ret) == 0;
}

static bool take_option(const char *name, const char *value, struct order *o, int *used)
{
    int64_t seed = 0;
    *used = 2;
    if (strcmp(name, "--seed") == 0) {
        bool ok = take_number(value, &seed);
        o->seed = (uint64_t)seed;
        return ok;
    }
    if (strcmp(name, "--runs") == 0)
        return take_number(value, &o->runs);
    if (strcmp(name, "--seconds") == 0)
        return take_number(value, &o->seconds);
    if (strcmp(name, "--agents") == 0)
        return take_number(value, &o->agents);
    if (strcmp(name, "--days") == 0)
        return take_number(value, &o->days);
    if (strcmp(name, "--replay") == 0)
        return (o->replay = value) != NULL;
    if (strcmp(name, "--plant") == 0)
        return (o->plant = value) != NULL;
    *used = 1;
    bool *flag = strcmp(name, "--brief") == 0       ? &o->is_brief
                 : strcmp(name, "--timed") == 0     ? &o->is_timed
                 : strcmp(name, "--large") == 0     ? &o->is_large
                 : strcmp(name, "--selftest") == 0  ? &o->is_selftest
                 : strcmp(name, "--no-shrink") == 0 ? &o->no_shrinking
                                                    : NULL;
    if (flag)
        *flag = true;
    return flag != NULL;
}

static void stop(int number)
{
    (void)number;
    sim_is_stopped = 1;
}

int main(int argc, char **argv)
{
    struct order o = {.runs = INT64_MAX, .agents = 10000, .days = 90};
    bool has_seed = false, ok;
    int used = 1;
    for (int i = 1; i < argc; i += used) {
        has_seed |= strcmp(argv[i], "--seed") == 0;
        if (!take_option(argv[i], i + 1 < argc ? argv[i + 1] : NULL, &o, &used))
            return usage();
    }
    (void)signal(SIGTERM, stop);
    (void)signal(SIGINT, stop);
    if (getenv("TMPDIR") == NULL)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    if (!has_seed)
        o.seed = seed_now();
    if (o.runs == INT64_MAX && o.seconds == 0)
        o.runs = 1;
    if (o.is_selftest)
        ok = order_selftest(&o);
    else if (o.replay)
        ok = order_replay(&o);
    else
        ok = o.is_large ? order_large(&o) : order_many(&o);
    return ok ? 0 : 1;
}
