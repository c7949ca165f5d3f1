/* Notes: small texts by name. */
#include "support/leak.h"
#include "support/spooling.h"

#include <errno.h>
#include <string.h>

SUITE(notes);

static bool note_is(struct spooling *f, const char *name, const char *expected)
{
    AUTO_FREE char *said = NULL;
    cr_assert_eq(spool_note_get(f->s, name, &said), 0);
    return said && expected ? strcmp(said, expected) == 0 : said == expected;
}

Test(notes, the_last_value_stays_over_a_restart)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_expect(note_is(&f, "a", NULL));
    cr_assert_eq(spool_note_put(f.s, "a", "one"), 0);
    cr_assert_eq(spool_note_put(f.s, "b", ""), 0);
    cr_assert_eq(spool_note_put(f.s, "a", "two"), 0);
    spooling_open(&f);
    cr_expect(note_is(&f, "a", "two"));
    cr_expect(note_is(&f, "b", ""));
}

Test(notes, null_removes)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spool_note_put(f.s, "a", "one"), 0);
    cr_assert_eq(spool_note_put(f.s, "a", NULL), 0);
    cr_assert_eq(spool_note_put(f.s, "a", NULL), 0);
    cr_expect(note_is(&f, "a", NULL));
}

Test(notes, a_note_has_its_limit)
{
    AUTO(spooling) struct spooling f;
    static char text[SPOOL_NOTE_MAX + 2];
    spooling_start(&f);
    memset(text, 'x', SPOOL_NOTE_MAX + 1);
    cr_expect_eq(spool_note_put(f.s, "a", text), -ERANGE);
    text[SPOOL_NOTE_MAX] = '\0';
    cr_expect_eq(spool_note_put(f.s, "a", text), 0);
    cr_expect(note_is(&f, "a", text));
}
