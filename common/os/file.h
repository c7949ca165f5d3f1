/* Whole files: read within a cap, written at once or not at all. */
#ifndef OS_FILE_H
#define OS_FILE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/text.h"
#include <sys/types.h>

/* 0; -ENOENT; -ERANGE over the buffer's cap; -EIO and others of open/read, with the text in d.
 */
MUST_USE int file_read(const char *path, struct buf *out, struct diag *d);

/* A new file beside it, written, synced, renamed over it; the folder synced. Mode e.g. 0600. */
MUST_USE int file_write(const char *path, struct text data, mode_t mode, struct diag *d);

/* The lines of a file, one at a time, however long the file: at most `cap` bytes a line. */
struct line_reader;
MUST_USE int line_reader_open(const char *path, size_t cap, struct line_reader **ret,
                              struct diag *d);
/* 1 with the next line (without its newline; borrowed until the next call), 0 at the end,
 * -ERANGE for a line over the cap (which is skipped: call again), -EIO. */
MUST_USE int line_reader_next(struct line_reader *r, struct text *ret);
size_t line_reader_number(const struct line_reader *r); /* of the line last given, from 1 */
int64_t line_reader_done_bytes(const struct line_reader *r);
int64_t line_reader_total_bytes(const struct line_reader *r); /* 0 when not known (a pipe) */
void line_reader_free(struct line_reader *r);

#endif
