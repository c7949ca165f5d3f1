/* A table of keys as a whole: groups are read over what holds, printed, and read back. */
#include "table/table.h"

#include "base/times.h"
#include "os/config.h"
#include "support/leak.h"

#include <errno.h>
#include <string.h>

SUITE(table);

struct sample {
    int64_t first;
    bool second;
};

static const struct table_key keys[] = {
    {.name = "first",
     .type = KEY_INT,
     .offset = offsetof(struct sample, first),
     .max = 9,
     .unit = "a number of apples"},
    {.name = "second",
     .type = KEY_BOOL,
     .offset = offsetof(struct sample, second),
     .unit = "true or false"},
};
static const char *const others[] = {"elsewhere", NULL};
static const struct table_group group = {keys, ARRAY_LEN(keys), others};

static int read_text(const char *text, struct sample *s, struct diag *d)
{
    AUTO(config) struct config *config = NULL;
    int r = config_parse(text_of(text), "t.conf", &config, d);
    const struct table_file file = {config, d};
    return r == 0 ? table_group_read(&file, config_root(config), &group, s) : r;
}

Test(table, keys_are_found_by_their_whole_name)
{
    cr_assert_eq(table_find(keys, ARRAY_LEN(keys), "second"), &keys[1]);
    cr_assert_null(table_find(keys, ARRAY_LEN(keys), "secon"));
    cr_assert_null(table_find(keys, 1, "second"));
    cr_assert_null(table_find(keys, 0, "first"));
}

Test(table, what_stands_there_is_read_over_what_holds)
{
    struct sample s = {.first = 3, .second = true};
    struct diag d = {""};
    cr_assert_eq(read_text("first = 4; elsewhere = \"anything\";", &s, &d), 0, "%s", d.text);
    cr_assert_eq(s.first, 4);
    cr_assert(s.second, "nothing was said of it");
}

Test(table, unknown_key_is_refused_with_those_that_there_are)
{
    struct sample s = {.first = 3};
    struct diag d = {""};
    cr_assert_eq(read_text("\nfrist = 4;", &s, &d), -EBADMSG);
    cr_assert_str_eq(d.text, "t.conf:2: frist: is no setting here; there are: first, second, "
                             "elsewhere");
    cr_assert_eq(s.first, 3);
}

Test(table, each_key_is_printed_in_its_line_with_its_unit)
{
    AUTO(buf) struct buf out = BUF_INIT(4096);
    const struct sample s = {.first = 7, .second = true};
    table_print(keys, ARRAY_LEN(keys), &s, &out, 1);
    cr_assert_str_eq(buf_str(&out), "    first = 7; # a number of apples\n"
                                    "    second = true; # true or false\n");
    struct sample again = {.first = 0};
    struct diag d = {""};
    cr_assert_eq(read_text(buf_str(&out), &again, &d), 0, "%s", d.text);
    cr_assert_eq(again.first, 7);
    cr_assert(again.second);
}
