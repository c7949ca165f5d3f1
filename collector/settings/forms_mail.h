/* The forms that texts of the group `mail` have. Private to the room. */
#ifndef SETTINGS_FORMS_MAIL_H
#define SETTINGS_FORMS_MAIL_H

#include "table/table.h"

/* All as table_form. "smtp://host[:port]" or "smtps://host[:port]": nothing else of a URL. */
MUST_USE int form_mail_server(struct text t, char ret[static TABLE_TEXT_SIZE]);
/* A host's name, for EHLO: no address. */
MUST_USE int form_mail_hello(struct text t, char ret[static TABLE_TEXT_SIZE]);
/* local@domain, as SMTP can carry it without quotes; the domain becomes an A-label. */
MUST_USE int form_mail_address(struct text t, char ret[static TABLE_TEXT_SIZE]);

#endif
