/* Who is told: managers, their resellers, and which nights there were. */
#include "base/grow.h"
#include "edition/edition_parts.h"
#include <errno.h>
#include <string.h>

void roster_done(struct roster *o)
{
    free(o->managers);
    free(o->members);
    free(o->runs);
    arena_done(&o->arena);
    *o = (struct roster){0};
}

static int add_manager(struct roster *o, const struct estate_manager *m)
{
    int r =
        grow(&o->managers, &o->cap_managers, o->n_managers + 1, sizeof(*o->managers), SIZE_MAX);

    if (r < 0)
        return r;
    struct roster_manager row = {
        .id = arena_text(&o->arena, text_of(m->id)),
        .name = arena_text(&o->arena, text_of(m->name)),
        .email = arena_text(&o->arena, text_of(m->email)),
        .language = m->language,
    };
    if (!row.id || !row.name || !row.email)
        return -ENOMEM;
    o->managers[o->n_managers++] = row;
    return 0;
}

static int load_managers(struct roster *o, struct store *s)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct estate_manager m;
    int r = store_scan_managers(s, &scan);

    while (r >= 0 && (r = store_next_manager(scan, &m)) > 0)
        r = add_manager(o, &m);
    return r;
}

static int load_runs(struct roster *o, struct store *s)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_run run;
    int r = store_scan_runs(s, &scan);

    while (r >= 0 && (r = store_next_run(scan, &run)) > 0) {
        r = grow(&o->runs, &o->cap_runs, o->n_runs + 1, sizeof(*o->runs), SIZE_MAX);
        if (r >= 0)
            o->runs[o->n_runs++] = (struct roster_run){run.run, run.as_of};
    }
    return r;
}

static int member_compare(const void *a, const void *b)
{
    const struct estate_reseller *const *x = a, *const *y = b;
    int r = strcmp((*x)->manager, (*y)->manager);
    return r != 0 ? r : strcmp((*x)->id, (*y)->id);
}

/* Both are in the order of managers' ids. */
static int assign_members(struct roster *o, const struct book *book)
{
    o->members = calloc(book->n_resellers + 1, sizeof(*o->members));
    if (!o->members)
        return -ENOMEM;
    for (size_t i = 0; i < book->n_resellers; i++)
        o->members[o->n_members++] = &book->facts[i];
    qsort(o->members, o->n_members, sizeof(*o->members), member_compare);
    for (size_t i = 0, k = 0; i < o->n_managers; i++) {
        struct roster_manager *m = &o->managers[i];
        while (k < o->n_members && strcmp(o->members[k]->manager, m->id) < 0)
            k++;
        m->first = k;
        while (k < o->n_members && strcmp(o->members[k]->manager, m->id) == 0)
            k++;
        m->n = k - m->first;
    }
    return 0;
}

int roster_load(struct roster *o, struct store *s, const struct book *book)
{
    *o = (struct roster){0};
    int r = load_managers(o, s);

    if (r >= 0)
        r = load_runs(o, s);
    if (r >= 0 && book)
        r = assign_members(o, book);
    return r;
}

static int manager_compare(const void *key, const void *member)
{
    const struct roster_manager *m = member;
    return strcmp(key, m->id);
}

const struct roster_manager *roster_find(const struct roster *o, const char *id)
{
    return o->n_managers > 0
               ? bsearch(id, o->managers, o->n_managers, sizeof(*o->managers), manager_compare)
               : NULL;
}

int roster_last_mail(const struct roster *o, struct store *s, const struct store_reader *reader,
                     struct bulletin *b)
{
    int64_t serial, run;
    int r = store_next_serial(s, reader, &serial, &run);

    if (r < 0 || run == 0)
        return r;
    /* Most readers' last mail is of one of the last nights. */
    for (size_t i = 0; i < o->n_runs && o->runs[i].run >= run; i++)
        if (o->runs[i].run == run) {
            b->has_last = true;
            b->last_serial = serial - 1;
            b->last_as_of = o->runs[i].as_of;
        }
    return 0;
}
