/* The group `mail` of the file: its defaults, reading it, what must fit together. */
#ifndef SETTINGS_MAIL_GROUP_H
#define SETTINGS_MAIL_GROUP_H

#include "settings/settings.h"

void settings_mail_init(struct settings_mail *m);
/* Reads the group, where there is one, over what `m` holds. 0; -EBADMSG with the place;
 * -ENOMEM. */
MUST_USE int settings_mail_read(const struct table_file *file, struct settings_mail *m);

#endif
