/* The group `collector` of the file: its defaults, reading it, what must fit together. */
#ifndef SETTINGS_COLLECTOR_H
#define SETTINGS_COLLECTOR_H

#include "settings/settings.h"

void settings_collector_init(struct settings_collector *c);
/* Reads the group, where there is one, over what `c` holds. 0; -EBADMSG with the place;
 * -ENOMEM.
 */
MUST_USE int settings_collector_read(const struct table_file *file,
                                     struct settings_collector *c);
void settings_collector_done(struct settings_collector *c);

#endif
