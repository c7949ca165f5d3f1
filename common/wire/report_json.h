/* Bytes <-> report (SPEC 3). A refusal names the field. Pure: nothing is printed or kept. */
#ifndef WIRE_REPORT_JSON_H
#define WIRE_REPORT_JSON_H

#include "domain/report.h"
#include "json/json.h"

/*
 * Reads one report body. Entries with an all-zero key, sound otherwise, are passed over; all
 * else that SPEC 3 does not allow refuses the whole. Times are checked by report_settle, not
 * here. 0; -EBADMSG with reterr filled; -ENOMEM. *ret only on 0, then for report_done().
 */
MUST_USE int report_from_json(struct text body, struct report *ret, struct json_error *reterr);

/* The same from a value inside a larger document; paths in reterr are of that document. */
MUST_USE int report_from_value(const struct json *v, struct report *ret,
                               struct json_error *reterr);

/* The canonical body: members in SPEC's order, empty optional ones left out. buf_error() tells.
 */
void report_to_json(const struct report *r, struct buf *out);

/*
 * A recorded report, one line of a file for `import reports` (SPEC 4).
 */
struct recorded {
    char server[CAP_ID + 1];
    wall_t sent_at, received_at;
    struct addr peer; /* family 0 = null */
    struct report report;
};

/* 0; -EBADMSG with reterr filled (path from the line's own root); -ENOMEM. */
MUST_USE int recorded_from_json(struct text line, struct recorded *ret,
                                struct json_error *reterr);
void recorded_done(struct recorded *r);

#endif
