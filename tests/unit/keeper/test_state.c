/* What status shows: written by the keeper, read by the command. */
#include "keeper/state.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "support/leak.h"

SUITE(state);

Test(state, reads_back_what_was_written)
{
    struct state s = {.as_of = {1795300000},
                      .pid = 42,
                      .has_probe = true,
                      .sources = 30,
                      .probe_why = "no right to capture",
                      .pulse = {.packets = 7, .tracking = MESSAGE_TRACKING_NONE},
                      .looked = {1795299999},
                      .troubles = 5,
                      .outcome = MESSAGE_UNREACHABLE,
                      .status = 503,
                      .send_why = "tab\there"};
    struct state back;
    AUTO(buf) struct buf b = BUF_INIT(65536);
    state_write(&s, &b);
    cr_assert_eq(buf_error(&b), 0);
    cr_assert_eq(state_read((struct text){buf_str(&b), b.len}, &back), 0);
    cr_assert_eq(back.as_of.s, 1795300000);
    cr_assert_eq(back.pid, 42);
    cr_assert(back.has_probe);
    cr_assert_eq(back.sources, 30);
    cr_assert_str_eq(back.probe_why, "no right to capture");
    cr_assert_eq(back.pulse.packets, 7);
    cr_assert_eq(back.pulse.tracking, MESSAGE_TRACKING_NONE);
    cr_assert_eq(back.looked.s, 1795299999);
    cr_assert_eq(back.troubles, 5);
    cr_assert_eq(back.outcome, MESSAGE_UNREACHABLE);
    cr_assert_eq(back.status, 503);
    cr_assert_str_eq(back.send_why, "tab\there");
}

Test(state, lines_of_a_newer_keeper_are_passed_over)
{
    struct state s;
    cr_assert_eq(state_read(text_of("mood\tgood\npid\t7\n"), &s), 0);
    cr_assert_eq(s.pid, 7);
}

Test(state, nonsense_is_refused)
{
    static const char *const notes[] = {"pid\n",        "pid\tseven\n",  "outcome\t99\n",
                                        "outcome\t0\n", "tracking\t3\n", "sources\t256\n"};
    struct state s;
    for (size_t i = 0; i < ARRAY_LEN(notes); i++)
        cr_assert_eq(state_read(text_of(notes[i]), &s), -EBADMSG, "%s", notes[i]);
}

Test(state, the_last_field_takes_the_rest)
{
    struct text part[3];
    cr_assert_eq(state_fields(text_of("a\tb\tc\td"), part, 3), 3);
    cr_assert(text_is(part[0], "a"));
    cr_assert(text_is(part[2], "c\td"));
    cr_assert_eq(state_fields(text_of("a"), part, 3), 1);
    cr_assert_eq(state_fields(text_of("a\t"), part, 3), 2);
    cr_assert_eq(part[1].n, 0);
}
