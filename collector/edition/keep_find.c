/* Which nights there were: what makes repeating the command harmless. */
#include "edition/keep.h"
#include "edition/keep_parts.h"
#include "json/jsonw.h"
#include <errno.h>
#include <string.h>

void keep_about(const char *scope, struct buf *out)
{
    struct jsonw w = jsonw_to(out, false);

    jsonw_object(&w, NULL);
    jsonw_text(&w, "scope", scope);
    jsonw_end_object(&w);
}

bool keep_is_whole(const struct store_run *run)
{
    return strcmp(run->about, "{\"scope\":\"" KEEP_WHOLE "\"}") == 0;
}

int keep_find(struct store *s, int64_t day, const char *scope, bool is_failed)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    AUTO(buf) struct buf about = BUF_INIT(4096);
    struct store_run run;
    int r = store_scan_runs(s, &scan);

    keep_about(scope, &about);
    if (buf_error(&about) < 0)
        return buf_error(&about);
    while (r >= 0 && (r = store_next_run(scan, &run)) > 0) {
        if (run.day > day && !run.is_failed && keep_is_whole(&run))
            return -ESTALE;
        if (run.day == day && strcmp(run.about, buf_str(&about)) == 0 &&
            (!run.is_failed || is_failed))
            return 1;
    }
    return r;
}
