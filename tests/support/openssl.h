/* The openssl command, as the one who says whether what we made is right, and who makes what
 * others bring along. */
#ifndef SUPPORT_OPENSSL_H
#define SUPPORT_OPENSSL_H

#include "base/buf.h"
#include "base/text.h"
#include "support/temp.h"

/*
 * Runs `openssl LINE` in a folder; LINE is cut at its spaces. What it says is in the file
 * "said" afterwards. Its exit status; aborts, as all here, when that cannot be
 * done.
 */
int openssl_run(const struct temp *folder, const char *line);

/* The same with a line made by printf; aborts unless it ends well. */
void openssl_must(const struct temp *folder, const char *format, ...) PRINTF_LIKE(2, 3);

/* The contents of a file of the folder, into an empty buffer; borrowed from it. */
struct text openssl_file(const struct temp *folder, const char *name, struct buf *ret);

/* Writes a file of the folder. */
void openssl_put(const struct temp *folder, const char *name, struct text data);

#endif
