/*
 * A small report with one of everything, whose data is in capitals, digits and marks alone, so
 * that the words of a language stand out. A test changes what it tests.
 */
#ifndef SUPPORT_PLAIN_SCENE_H
#define SUPPORT_PLAIN_SCENE_H

#include "bulletin/model.h"

enum { PLAIN_SCENE_LINES = 6 };

struct plain_scene {
    struct zone zone;
    struct bulletin_seen seen;
    struct bulletin_line lines[PLAIN_SCENE_LINES], stray;
    struct bulletin_group group;
    struct bulletin_money money;
    struct bulletin_hold hold;
    struct bulletin_reseller resellers[2];
    struct bulletin_call call;
    struct bulletin_rate rate;
    struct bulletin_waiting waiting;
    struct bulletin_dead dead;
    struct bulletin_sum sum;
    struct bulletin_picture picture;
    struct bulletin r;
};

/* An account manager's; to be freed with free(). */
struct plain_scene *plain_scene(void);
/* The same as its first reseller reads it. */
struct plain_scene *plain_scene_of_reseller(void);

#endif
