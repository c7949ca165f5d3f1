/* A mail's timeline while it is made; shared by the parts that make it. */
#ifndef EDITION_PICTURE_PARTS_H
#define EDITION_PICTURE_PARTS_H

#include "base/arena.h"
#include "bulletin/voice.h"
#include "edition/picture.h"

enum { PICTURE_WIDTH = 640, PICTURE_SCALE = 2, PICTURE_LANES_MAX = 8 };

struct picture_sketch {
    const struct bulletin_line *line;
    const char *reseller; /* all others' entries are passed over */
    const struct story *story;
    struct voice voice;
    struct arena *arena; /* owns all texts and arrays */
    int error;           /* the first text that could not be kept; sticks */
    wall_t end;          /* what is known reaches up to here */
    struct span window;
    struct timeline_words words;
    struct timeline_lane *lanes;
    size_t n_lanes;
};

/* Whether an entry is drawn: the reseller's own, and judged. */
bool picture_is_own(const struct picture_sketch *k, const struct story_entry *e);
/* The entry's rule of the line's kind; NULL = none. */
const struct story_rule *picture_rule(const struct picture_sketch *k,
                                      const struct story_entry *e);

/* A copy of what `b` holds, which is emptied; "" when out of memory, which k->error keeps. */
const char *picture_keep(struct picture_sketch *k, struct buf *b);
/* A word with what is put in. */
const char *picture_say(struct picture_sketch *k, enum word w, const char *first,
                        const char *second);
/* A plural's form, with its number. */
const char *picture_say_n(struct picture_sketch *k, enum word w, int64_t n);
/* Sets k->words. */
void picture_fill_words(struct picture_sketch *k);

/* Sets k->lanes: the machines at their places, or a domain's servers, by first sighting; of
 * more than PICTURE_LANES_MAX those that matter most come first. */
MUST_USE int picture_add_lanes(struct picture_sketch *k);

#endif
