/* The words of `explain`. */
#include "picture/timeline.h"

const struct timeline_words timeline_words_en = {
    .months = {"January", "February", "March", "April", "May", "June", "July", "August",
               "September", "October", "November", "December"},
    .short_months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
                     "Nov", "Dec"},
    .badges =
        {
            [STATE_CLEAR] = "NOTHING FOUND",
            [STATE_NOTICE] = "NOTICE, NOT CHARGED",
            [STATE_POTENTIAL] = "POTENTIAL, NOT CHARGED",
            [STATE_CONFIRMED] = "CONFIRMED",
        },
    .bars =
        {
            [TIMELINE_BRIDGED] = "present, joined over a short gap",
            [TIMELINE_SEEN] = "seen by the agent",
            [TIMELINE_COLLECTOR] = "seen by the collector itself",
            [TIMELINE_COUNTS] = "counts as a place, in own network",
            [TIMELINE_UNKNOWN] = "counts as a place, no network declared",
            [TIMELINE_OUTSIDE] = "counts, outside the own networks",
            [TIMELINE_SECOND] = "second stack, does not count",
            [TIMELINE_CARRIED] = "last count, carried on",
            [TIMELINE_OVER] = "too much",
            [TIMELINE_GOES_ON] = "too much, if it goes on",
        },
    .bands =
        {
            [TIMELINE_LOOK_BACK] = "look-back before the period",
            [TIMELINE_FUTURE] = "not known yet",
            [TIMELINE_MOVE] = "declared move: the level is 0",
        },
    .nothing_seen = "nothing was seen",
    .more_before = "\xE2\x80\xA6 and ",
    .more_after = " more",
    .thousands = "",
    .days = "d",
    .hours = "h",
    .minutes = "min",
};
