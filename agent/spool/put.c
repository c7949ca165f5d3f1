/* Observations of the current run, joined to what waits. */
#include "spool/spool_parts.h"

#include <errno.h>

enum { CAP_LEAST = 1000 };

static int put_sightings(struct spool *s, const struct spool_facts *facts)
{
    struct row row = {.run = s->run, .place = PLACE_WAITING};
    int r = 0;
    for (size_t i = 0; i < facts->n_sightings && r == 0; i++) {
        r = row_of_sighting(s, &facts->sightings[i], &row);
        if (r == 0)
            r = row_join(s, &row, SPOOL_MERGE_GAP, LOST_IF_NEW);
    }
    return r;
}

static int put_mailboxes(struct spool *s, const struct spool_facts *facts)
{
    struct row row = {.run = s->run, .place = PLACE_WAITING};
    int r = 0;
    for (size_t i = 0; i < facts->n_mailboxes && r == 0; i++) {
        r = row_of_mailboxes(s, &facts->mailboxes[i], &row);
        if (r == 0)
            r = row_join(s, &row, SPOOL_MERGE_GAP, LOST_IF_NEW);
    }
    return r;
}

static int put_gaps(struct spool *s, const struct spool_facts *facts)
{
    struct row row = {.run = s->run, .place = PLACE_WAITING};
    int r = 0;
    for (size_t i = 0; i < facts->n_gaps && r == 0; i++) {
        r = row_of_gap(s, &facts->gaps[i], &row);
        if (r == 0)
            r = row_join(s, &row, SPOOL_MERGE_GAP, LOST_IF_NEW);
    }
    return r;
}

int spool_put(struct spool *s, const struct spool_facts *facts)
{
    int r = run_begun(s);
    if (r == 0)
        r = sql_begin(s);
    if (r < 0)
        return r;
    r = put_sightings(s, facts);
    if (r == 0)
        r = put_mailboxes(s, facts);
    if (r == 0)
        r = put_gaps(s, facts);
    if (r == 0)
        r = drop_over_cap(s);
    if (r == 0)
        r = reserve_keep(s);
    return sql_end(s, r);
}

void spool_set_cap(struct spool *s, int64_t rows)
{
    s->cap = rows < CAP_LEAST ? CAP_LEAST : rows;
}

void spool_set_history_cap(struct spool *s, int64_t rows)
{
    s->history_cap = rows < CAP_LEAST ? CAP_LEAST : rows;
}

void spool_set_sent_cap(struct spool *s, int64_t rows)
{
    s->sent_cap = rows < CAP_LEAST ? CAP_LEAST : rows;
}
