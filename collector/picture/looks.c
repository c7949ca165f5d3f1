/* What wide and narrow sheets look like, in figures. */
#include "picture/sheet.h"

/* From this width on there is room for a column of labels. */
enum { WIDE = 900 };

/* For screens and paper: letters of 11 to 13 pixels. */
static const struct sheet_look wide = {
    .margin = 24,
    .labels = 296,
    .title = {34, 22, {20, true}},
    .badge = {24, 16, {12, true}},
    .line = {19, 12, {13, false}},
    .footer = {22, 14, {11, false}},
    .group = {26, 18, {12, true}},
    .label = {24, 16, {12, false}},
    .curve = {24, 18, {12, true}},
    .mark = {16, 13, {11, false}},
    .small = {11, false},
    .axis_height = 34,
    .month = {12, true},
    .day = {11, false},
    .month_rise = 24,
    .day_width = 24,
    .lane_height = 24,
    .bar_height = 16,
    .legend_row = 22,
    .legend_columns = 3,
};

/* For mails, which telephones show at half the width: letters of 13 pixels and more. */
static const struct sheet_look narrow = {
    .is_stacked = true,
    .is_framed = true,
    .margin = 16,
    .title = {34, 22, {19, true}},
    .badge = {28, 19, {14, true}},
    .line = {22, 15, {15, false}},
    .footer = {24, 17, {13, false}},
    .group = {32, 22, {15, true}},
    .label = {24, 18, {15, false}},
    .curve = {32, 22, {15, true}},
    .mark = {21, 16, {14, true}},
    .small = {13, false},
    .axis_height = 42,
    .month = {14, true},
    .day = {13, false},
    .month_rise = 27,
    .day_width = 40,
    .lane_height = 20,
    .bar_height = 16,
    .legend_row = 24,
    .legend_columns = 2,
};

const struct sheet_look *sheet_look_for(int width)
{
    return width < WIDE ? &narrow : &wide;
}
