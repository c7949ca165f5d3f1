/* Claims about the event loop: descriptors, waking, running. */
#include "loop_trail.h"

#include "os/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { MANY = 150 }; /* more than two batches */

LOOP_SUITE(loop);

static void stop_now(struct deferred *d)
{
    (void)d;
    loop_stop(loop);
}

/* One turn, which does not wait. */
static void run_one_turn(void)
{
    struct deferred stop = {.run = stop_now};
    loop_defer(loop, &stop);
    run();
}

/* A pair of sockets: one end is watched, the other is the peer's. */
struct end {
    struct watch watch;
    int peer;
    uint32_t events; /* what was told last */
    unsigned calls;
    struct end *other;
    uint32_t other_armed;
    int other_fd;
};

static struct end *end_of(struct watch *w)
{
    return LOOP_OWNER(w, struct end, watch);
}

static void count_call(struct watch *w, uint32_t events)
{
    end_of(w)->events = events;
    end_of(w)->calls++;
}

static void make_end(struct end *e, void (*ready)(struct watch *, uint32_t), uint32_t events)
{
    int pair[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    *e = (struct end){.watch = {.ready = ready}, .peer = pair[1]};
    cr_assert_eq(loop_watch(loop, &e->watch, pair[0], events), 0);
}

static void make_readable(const struct end *e)
{
    cr_assert_eq(write(e->peer, "x", 1), 1);
}

static void free_end(struct end *e)
{
    loop_unwatch(loop, &e->watch);
    close(e->watch.fd);
    if (e->peer >= 0)
        close(e->peer);
}

/* ---- Descriptors ------------------------------------------------------------------------ */

Test(loop, tells_what_is_readable_until_it_is_read)
{
    struct end e;
    char byte;
    make_end(&e, count_call, EPOLLIN);
    run_one_turn();
    cr_assert_eq(e.calls, 0);
    make_readable(&e);
    run_one_turn();
    run_one_turn();
    cr_assert_eq(e.calls, 2);
    cr_assert_eq(e.events, EPOLLIN);
    cr_assert_eq(read(e.watch.fd, &byte, 1), 1);
    run_one_turn();
    cr_assert_eq(e.calls, 2);
    free_end(&e);
}

Test(loop, tells_what_it_is_armed_for)
{
    struct end e;
    make_end(&e, count_call, EPOLLIN);
    make_readable(&e);
    cr_assert_eq(loop_arm(loop, &e.watch, EPOLLOUT), 0);
    run_one_turn();
    cr_assert_eq(e.events, EPOLLOUT);
    cr_assert_eq(loop_arm(loop, &e.watch, EPOLLOUT), 0); /* the same again */
    cr_assert_eq(loop_arm(loop, &e.watch, EPOLLIN | EPOLLOUT), 0);
    run_one_turn();
    cr_assert_eq(e.events, EPOLLIN | EPOLLOUT);
    cr_assert_eq(loop_arm(loop, &e.watch, 0), 0);
    run_one_turn();
    cr_assert_eq(e.calls, 2);
    free_end(&e);
}

Test(loop, tells_a_hang_up_to_whom_is_armed_for_nothing)
{
    struct end e;
    make_end(&e, count_call, 0);
    make_readable(&e);
    run_one_turn();
    cr_assert_eq(e.calls, 0);
    close(e.peer);
    e.peer = -1;
    run_one_turn();
    cr_assert_eq(e.calls, 1);
    cr_assert(e.events & EPOLLHUP);
    free_end(&e);
}

Test(loop, an_unwatched_descriptor_is_told_no_more_and_may_be_watched_again)
{
    struct end e;
    make_end(&e, count_call, EPOLLIN);
    make_readable(&e);
    loop_unwatch(loop, &e.watch);
    loop_unwatch(loop, &e.watch); /* harmless */
    cr_assert_not(e.watch.is_watched);
    run_one_turn();
    cr_assert_eq(e.calls, 0);
    cr_assert_eq(loop_arm(loop, &e.watch, EPOLLOUT), -ENOENT);
    cr_assert_eq(loop_watch(loop, &e.watch, e.watch.fd, EPOLLIN), 0);
    run_one_turn();
    cr_assert_eq(e.calls, 1);
    free_end(&e);
}

static void unwatch_other(struct watch *w, uint32_t events)
{
    count_call(w, events);
    loop_unwatch(loop, &end_of(w)->other->watch);
}

static void arm_other(struct watch *w, uint32_t events)
{
    count_call(w, events);
    cr_assert_eq(loop_arm(loop, &end_of(w)->other->watch, end_of(w)->other_armed), 0);
}

/* The other's watch goes to a descriptor on which there is nothing. */
static void replace_other(struct watch *w, uint32_t events)
{
    struct end *other = end_of(w)->other;
    count_call(w, events);
    if (other->watch.fd == end_of(w)->other_fd)
        return;
    loop_unwatch(loop, &other->watch);
    close(other->watch.fd);
    cr_assert_eq(loop_watch(loop, &other->watch, end_of(w)->other_fd, EPOLLIN), 0);
}

/* Two that are readable in the same turn, each of which does something to the other. */
static void make_rivals(struct end rivals[static 2], void (*ready)(struct watch *, uint32_t))
{
    for (size_t i = 0; i < 2; i++) {
        make_end(&rivals[i], ready, EPOLLIN);
        make_readable(&rivals[i]);
        rivals[i].other = &rivals[1 - i];
    }
}

Test(loop, what_is_unwatched_in_a_turn_is_not_told_in_it)
{
    struct end rivals[2];
    make_rivals(rivals, unwatch_other);
    run_one_turn();
    cr_assert_eq(rivals[0].calls + rivals[1].calls, 1);
    free_end(&rivals[0]);
    free_end(&rivals[1]);
}

Test(loop, what_is_watched_anew_in_a_turn_is_not_told_of_its_old_descriptor)
{
    struct end rivals[2];
    int quiet[2];
    cr_assert_eq(pipe2(quiet, O_CLOEXEC | O_NONBLOCK), 0);
    make_rivals(rivals, replace_other);
    rivals[0].other_fd = rivals[1].other_fd = quiet[0];
    run_one_turn();
    cr_assert_eq(rivals[0].calls + rivals[1].calls, 1);
    struct end *replaced = rivals[0].calls == 0 ? &rivals[0] : &rivals[1];
    cr_assert_eq(replaced->watch.fd, quiet[0]);
    free_end(&rivals[0]);
    free_end(&rivals[1]);
    close(quiet[1]);
}

Test(loop, what_is_armed_for_less_in_a_turn_is_not_told_of_the_rest)
{
    struct end rivals[2];
    make_rivals(rivals, arm_other);
    rivals[0].other_armed = rivals[1].other_armed = 0;
    run_one_turn();
    cr_assert_eq(rivals[0].calls + rivals[1].calls, 1);
    free_end(&rivals[0]);
    free_end(&rivals[1]);
}

static void unwatch_itself(struct watch *w, uint32_t events)
{
    count_call(w, events);
    loop_unwatch(loop, w);
}

Test(loop, nobody_waits_for_ever_behind_those_who_are_always_ready)
{
    static struct end ends[MANY];
    for (size_t i = 0; i < MANY; i++) {
        make_end(&ends[i], count_call, EPOLLIN);
        make_readable(&ends[i]);
    }
    /* 150 in batches of 64, the rest first in the next: three turns. One more for the wake. */
    for (size_t i = 0; i < 4; i++)
        run_one_turn();
    for (size_t i = 0; i < MANY; i++) {
        cr_assert_gt(ends[i].calls, 0, "%zu", i);
        free_end(&ends[i]);
    }
}

Test(loop, what_cannot_be_watched_is_an_error_and_not_watched)
{
    struct watch w = {.ready = count_call};
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    cr_assert_geq(file, 0);
    cr_assert_eq(loop_watch(loop, &w, file, EPOLLIN), -EPERM); /* epoll_ctl(2) */
    cr_assert_not(w.is_watched);
    close(file);
    cr_assert_eq(loop_watch(loop, &w, -1, EPOLLIN), -EBADF);
    cr_assert_not(w.is_watched);
    loop_unwatch(loop, &w);
}

Test(loop, takes_the_next_descriptor_under_a_number_used_before)
{
    struct end first;
    struct end second;
    make_end(&first, unwatch_itself, EPOLLIN);
    make_readable(&first);
    run_one_turn();
    int number = first.watch.fd;
    free_end(&first);
    make_end(&second, count_call, EPOLLIN);
    cr_assert_eq(second.watch.fd, number);
    make_readable(&second);
    run_one_turn();
    cr_assert_eq(first.calls, 1);
    cr_assert_eq(second.calls, 1);
    free_end(&second);
}

/* An end that is closed by its own callback and freed at the end of the turn. */
struct mortal {
    struct end end;
    struct deferred burial;
};

static void bury_end(struct deferred *d)
{
    leave('d');
    free(LOOP_OWNER(d, struct mortal, burial));
}

static void die(struct watch *w, uint32_t events)
{
    struct mortal *m = LOOP_OWNER(end_of(w), struct mortal, end);
    (void)events;
    leave('r');
    free_end(&m->end);
    m->burial = (struct deferred){.run = bury_end};
    loop_defer(loop, &m->burial);
}

Test(loop, what_is_deferred_runs_after_all_that_was_ready)
{
    for (size_t i = 0; i < 3; i++) {
        struct mortal *m = calloc(1, sizeof *m);
        cr_assert_not_null(m);
        make_end(&m->end, die, EPOLLIN);
        make_readable(&m->end);
    }
    run_one_turn();
    cr_assert_str_eq(trail, "rrrddd");
}

/* ---- Running ---------------------------------------------------------------------------- */

Test(loop, stopped_before_it_runs_it_returns_at_once_and_may_run_again)
{
    struct end e;
    make_end(&e, count_call, EPOLLIN);
    make_readable(&e);
    loop_stop(loop);
    run();
    cr_assert_eq(e.calls, 0);
    run_one_turn();
    cr_assert_eq(e.calls, 1);
    free_end(&e);
}

Test(loop, its_clock_is_the_monotonic_one)
{
    mono_t before = clock_mono();
    run_one_turn();
    mono_t after = clock_mono();
    cr_assert(before.ms <= loop_now(loop).ms && loop_now(loop).ms <= after.ms);
}

static void stop_on_wake(void *arg)
{
    unsigned *calls = arg;
    (*calls)++;
    loop_stop(loop);
}

static void *wake_often(void *arg)
{
    for (size_t i = 0; i < 1000; i++)
        loop_wake(arg);
    return NULL;
}

Test(loop, is_woken_from_another_thread)
{
    pthread_t thread;
    unsigned calls = 0;
    loop_on_wake(loop, stop_on_wake, &calls);
    cr_assert_eq(pthread_create(&thread, NULL, wake_often, loop), 0);
    run();
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_eq(calls, 1);
    loop_wake(loop);
    run();
    cr_assert_eq(calls, 2);
}

Test(loop, woken_while_nobody_asked_for_it_goes_on)
{
    loop_wake(loop);
    run_one_turn();
    unsigned calls = 0;
    loop_on_wake(loop, stop_on_wake, &calls);
    run_one_turn(); /* that one was used up */
    cr_assert_eq(calls, 0);
}

static volatile sig_atomic_t has_alarm;

static void on_alarm(int number)
{
    (void)number;
    has_alarm = 1;
}

static void stop_after_alarm(struct deadline *d);
static struct deadline_queue until_alarm = {.expired = stop_after_alarm, .after_ms = 20};

static void stop_after_alarm(struct deadline *d)
{
    if (has_alarm)
        loop_stop(loop);
    else
        deadline_set(loop, &until_alarm, d);
}

Test(loop, a_signal_does_not_end_it)
{
    struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART */
    struct itimerval soon = {.it_value = {.tv_usec = 5000}};
    struct deadline d = {.queue = NULL};
    cr_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
    loop_add_queue(loop, &until_alarm);
    deadline_set(loop, &until_alarm, &d);
    cr_assert_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
    run();
    cr_assert(has_alarm);
}

Test(loop, free_takes_nothing)
{
    loop_free(NULL);
}
