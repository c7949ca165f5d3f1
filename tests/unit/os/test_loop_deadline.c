/*
 * Claims about the event loop's deadlines and the work put off. The durations are short, and
 * nothing is claimed of them but order.
 */
#include "loop_trail.h"

#include "os/clock.h"

LOOP_SUITE(deadline);
LOOP_SUITE(deferred);

/* ---- Deadlines -------------------------------------------------------------------------- */

/* A deadline that leaves its mark, then does what it is told to. */
struct mark {
    struct deadline deadline;
    char letter;
    void (*then)(struct mark *m);
    struct mark *other;
};

static void leave_mark(struct deadline *d)
{
    struct mark *m = LOOP_OWNER(d, struct mark, deadline);
    cr_assert_null(d->queue, "it is cleared when it is told");
    leave(m->letter);
    if (m->then)
        m->then(m);
}

static void then_stop(struct mark *m)
{
    (void)m;
    loop_stop(loop);
}

static struct deadline_queue *add_queue(struct deadline_queue *q, int64_t after_ms)
{
    *q = (struct deadline_queue){.expired = leave_mark, .after_ms = after_ms};
    loop_add_queue(loop, q);
    return q;
}

Test(deadline, those_of_a_queue_expire_in_the_order_in_which_they_were_set)
{
    struct deadline_queue q;
    struct mark a = {.letter = 'a'};
    struct mark b = {.letter = 'b'};
    struct mark c = {.letter = 'c', .then = then_stop};
    add_queue(&q, 5);
    deadline_set(loop, &q, &a.deadline);
    deadline_set(loop, &q, &b.deadline);
    deadline_set(loop, &q, &c.deadline);
    run();
    cr_assert_str_eq(trail, "abc");
}

Test(deadline, the_nearest_of_all_queues_expires_first)
{
    struct deadline_queue far;
    struct deadline_queue near;
    struct mark a = {.letter = 'a', .then = then_stop};
    struct mark b = {.letter = 'b', .then = then_stop};
    add_queue(&far, 3600000);
    add_queue(&near, 5);
    deadline_set(loop, &far, &a.deadline);
    deadline_set(loop, &near, &b.deadline);
    run();
    cr_assert_str_eq(trail, "b");
    cr_assert_not_null(a.deadline.queue);
    deadline_clear(&a.deadline);
}

Test(deadline, set_again_it_moves_behind_the_others)
{
    struct deadline_queue q;
    struct mark a = {.letter = 'a', .then = then_stop};
    struct mark b = {.letter = 'b'};
    add_queue(&q, 5);
    deadline_set(loop, &q, &a.deadline);
    deadline_set(loop, &q, &b.deadline);
    deadline_set(loop, &q, &a.deadline);
    run();
    cr_assert_str_eq(trail, "ba");
}

Test(deadline, cleared_it_does_not_expire_wherever_it_stands)
{
    struct deadline_queue q;
    struct mark marks[5] = {{.letter = 'a'},
                            {.letter = 'b'},
                            {.letter = 'c'},
                            {.letter = 'd', .then = then_stop},
                            {.letter = 'e'}};
    add_queue(&q, 5);
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        deadline_set(loop, &q, &marks[i].deadline);
    deadline_clear(&marks[0].deadline); /* the head */
    deadline_clear(&marks[2].deadline); /* between others */
    deadline_clear(&marks[4].deadline); /* the tail */
    deadline_clear(&marks[4].deadline); /* harmless */
    run();
    cr_assert_str_eq(trail, "bd");
    cr_assert_null(q.head);
    cr_assert_null(q.tail);
}

static void then_clear_other(struct mark *m)
{
    deadline_clear(&m->other->deadline);
    loop_stop(loop);
}

Test(deadline, cleared_in_the_turn_in_which_it_expires_it_is_not_told)
{
    struct deadline_queue first;
    struct deadline_queue second;
    struct mark a = {.letter = 'a', .then = then_clear_other};
    struct mark b = {.letter = 'b', .then = then_clear_other, .other = &a};
    a.other = &b;
    add_queue(&first, 1);
    add_queue(&second, 1);
    deadline_set(loop, &first, &a.deadline);
    deadline_set(loop, &second, &b.deadline);
    while (clock_mono().ms <= loop_now(loop).ms + 1)
        ; /* both are over when the loop looks */
    run();
    cr_assert_eq(strlen(trail), 1);
}

Test(deadline, after_a_shorter_setting_none_expires_before_the_one_ahead_of_it)
{
    struct deadline_queue q;
    struct mark a = {.letter = 'a'};
    struct mark b = {.letter = 'b', .then = then_stop};
    add_queue(&q, 40);
    deadline_set(loop, &q, &a.deadline);
    q.after_ms = 1;
    deadline_set(loop, &q, &b.deadline);
    run();
    cr_assert_str_eq(trail, "ab");
}

Test(deadline, after_a_shorter_setting_it_holds_once_the_one_ahead_has_gone)
{
    struct deadline_queue q;
    struct mark a = {.letter = 'a', .then = then_stop};
    struct mark b = {.letter = 'b', .then = then_stop};
    add_queue(&q, 3600000);
    deadline_set(loop, &q, &a.deadline);
    q.after_ms = 1;
    deadline_set(loop, &q, &b.deadline);
    deadline_clear(&a.deadline);
    run();
    cr_assert_str_eq(trail, "b");
}

static struct deadline_queue endless;

static void leave_turn(struct deferred *d)
{
    (void)d;
    leave('t');
}

static void then_set_again(struct mark *m)
{
    static struct deferred turn = {.run = leave_turn};
    static unsigned times;
    loop_defer(loop, &turn);
    if (++times == 3)
        loop_stop(loop);
    else
        deadline_set(loop, &endless, &m->deadline);
}

Test(deadline, set_again_without_any_length_as_it_expires_it_holds_up_no_turn)
{
    struct mark a = {.letter = 'a', .then = then_set_again};
    add_queue(&endless, 0);
    deadline_set(loop, &endless, &a.deadline);
    run();
    cr_assert_str_eq(trail, "atatat");
}

Test(deadline, a_removed_queue_is_not_looked_at)
{
    struct deadline_queue one;
    struct deadline_queue two;
    struct mark a = {.letter = 'a', .then = then_stop};
    add_queue(&one, 1);
    add_queue(&two, 1);
    loop_remove_queue(loop, &one);
    loop_remove_queue(loop, &one); /* harmless */
    memset(&one, 0xff, sizeof one);
    deadline_set(loop, &two, &a.deadline);
    run();
    cr_assert_str_eq(trail, "a");
    loop_remove_queue(loop, &two);
}

static struct deadline_queue *doomed;

static void then_remove_doomed(struct mark *m)
{
    (void)m;
    loop_remove_queue(loop, doomed);
    memset(doomed, 0xff, sizeof *doomed);
    loop_stop(loop);
}

Test(deadline, a_queue_may_be_removed_by_an_earlier_one)
{
    struct deadline_queue second;
    struct deadline_queue first;
    struct mark a = {.letter = 'a', .then = then_remove_doomed};
    doomed = add_queue(&second, 1);
    add_queue(&first, 1); /* the last added is looked at first */
    deadline_set(loop, &first, &a.deadline);
    run();
    cr_assert_str_eq(trail, "a");
}

/* ---- Work put off ----------------------------------------------------------------------- */

struct job {
    struct deferred deferred;
    char letter;
    struct job *next;
};

static void run_job(struct deferred *d)
{
    struct job *j = LOOP_OWNER(d, struct job, deferred);
    leave(j->letter);
    if (j->next)
        loop_defer(loop, &j->next->deferred);
    else
        loop_stop(loop);
    free(j);
}

static struct job *make_job(char letter, struct job *next)
{
    struct job *j = calloc(1, sizeof *j);
    cr_assert_not_null(j);
    *j = (struct job){.deferred = {.run = run_job}, .letter = letter, .next = next};
    return j;
}

Test(deferred, runs_in_order_at_the_end_of_the_turn_and_may_free_what_holds_it)
{
    struct job *a = make_job('a', NULL);
    struct job *b = make_job('b', NULL);
    loop_defer(loop, &a->deferred);
    loop_defer(loop, &b->deferred);
    loop_defer(loop, &a->deferred); /* harmless */
    cr_assert_str_eq(trail, "");
    run();
    cr_assert_str_eq(trail, "ab");
}

Test(deferred, what_is_deferred_meanwhile_runs_in_the_next_turn_without_a_wait)
{
    struct job *b = make_job('b', NULL);
    struct job *a = make_job('a', b);
    loop_defer(loop, &a->deferred);
    run(); /* nothing else could end a wait */
    cr_assert_str_eq(trail, "ab");
}

Test(deferred, the_end_of_the_loop_runs_all_of_it)
{
    struct job *b = make_job('b', NULL);
    struct job *a = make_job('a', b);
    loop_defer(loop, &a->deferred);
    loop_free(loop);
    loop = NULL;
    cr_assert_str_eq(trail, "ab");
}
