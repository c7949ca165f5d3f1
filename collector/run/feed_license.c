/* Licences: three scans in one order (rows, moves, sightings) become cases. */
#include "base/grow.h"
#include "run/feed.h"
#include <errno.h>

struct license_feed {
    struct store *store;
    const struct book *book;
    struct store_scan *rows, *moves, *sightings;
    /* The row of each scan that was read and not used yet. */
    struct estate_license row;
    struct estate_move move;
    struct store_sighting sighting;
    bool has_row, has_move, has_sighting;
    struct crew crew;
    struct audit_row *case_rows;
    struct term *case_moves;
    struct audit_sighting *case_sightings; /* by number of machine, as they come */
    struct outline_machine *machines;
    size_t cap_rows, cap_moves, cap_sightings, n_machines, cap_machines;
    struct license_case c;
};

void license_feed_close(struct license_feed *f)
{
    if (!f)
        return;
    store_scan_end(f->rows);
    store_scan_end(f->moves);
    store_scan_end(f->sightings);
    crew_done(&f->crew);
    free(f->case_rows);
    free(f->case_moves);
    free(f->case_sightings);
    free(f->machines);
    free(f);
}

static int advance(int r, bool *has)
{
    *has = r > 0;
    return r < 0 ? r : 0;
}

static int next_row(struct license_feed *f)
{
    return advance(store_next_license(f->rows, &f->row), &f->has_row);
}

static int next_move(struct license_feed *f)
{
    return advance(store_next_move(f->moves, &f->move), &f->has_move);
}

static int next_sighting(struct license_feed *f)
{
    return advance(store_next_sighting(f->sightings, &f->sighting), &f->has_sighting);
}

int license_feed_open(struct store *s, const struct book *b, struct license_range range,
                      struct license_feed **ret)
{
    AUTO(license_feed) struct license_feed *f = calloc(1, sizeof(*f));

    if (!f)
        return -ENOMEM;
    f->store = s;
    f->book = b;
    int r = store_scan_licenses(s, range, &f->rows);
    if (r >= 0)
        r = store_scan_moves(s, range, &f->moves);
    if (r >= 0)
        r = store_scan_sightings(s, range, &f->sightings);
    if (r >= 0)
        r = next_row(f);
    if (r >= 0)
        r = next_move(f);
    if (r >= 0)
        r = next_sighting(f);
    if (r < 0)
        return r;
    *ret = STEAL(f);
    return 0;
}

static int take_rows(struct license_feed *f, license_t license)
{
    int r = 0;

    while (r >= 0 && f->has_row && f->row.license.code == license.code) {
        const struct audit_reseller *reseller = book_reseller(f->book, f->row.reseller);
        r = grow(&f->case_rows, &f->cap_rows, f->c.n_rows + 1, sizeof(*f->case_rows), SIZE_MAX);
        if (r < 0)
            return r;
        if (reseller)
            f->case_rows[f->c.n_rows++] = (struct audit_row){
                .reseller = reseller, .valid = f->row.valid, .binding = f->row.binding};
        r = next_row(f);
    }
    return r;
}

/* Moves of licences that nobody knows are passed over. */
static int take_moves(struct license_feed *f, license_t license)
{
    int r = 0;

    while (r >= 0 && f->has_move && f->move.license.code <= license.code) {
        if (f->move.license.code == license.code) {
            r = grow(&f->case_moves, &f->cap_moves, f->c.n_moves + 1, sizeof(*f->case_moves),
                     SIZE_MAX);
            if (r < 0)
                return r;
            f->case_moves[f->c.n_moves++] = f->move.valid;
        }
        r = next_move(f);
    }
    return r;
}

/* The next number, for a machine whose rows begin. */
static int add_machine(struct license_feed *f)
{
    int r = grow(&f->machines, &f->cap_machines, f->n_machines + 1, sizeof(*f->machines),
                 UINT32_MAX);

    if (r >= 0)
        f->machines[f->n_machines++] = (struct outline_machine){
            f->sighting.machine, store_machine_server(f->sighting.machine)};
    return r;
}

static int take_sightings(struct license_feed *f, license_t license)
{
    int r = 0;

    while (r >= 0 && f->has_sighting && f->sighting.license.code == license.code) {
        if (f->n_machines == 0 || f->machines[f->n_machines - 1].id != f->sighting.machine)
            r = add_machine(f);
        if (r >= 0)
            r = grow(&f->case_sightings, &f->cap_sightings, f->c.n_sightings + 1,
                     sizeof(*f->case_sightings), UINT32_MAX);
        if (r < 0)
            return r;
        f->case_sightings[f->c.n_sightings++] =
            (struct audit_sighting){(uint32_t)f->n_machines - 1, f->sighting.source,
                                    f->sighting.address, f->sighting.seen};
        r = next_sighting(f);
    }
    return r;
}

int license_feed_next(struct license_feed *f, struct license_outline *ret)
{
    if (!f->has_row && !f->has_sighting)
        return 0;
    license_t license = f->has_row ? f->row.license : f->sighting.license;
    if (f->has_sighting && f->sighting.license.code < license.code)
        license = f->sighting.license;
    f->n_machines = 0;
    f->c = (struct license_case){.license = license};
    int r = take_rows(f, license);
    if (r >= 0)
        r = take_moves(f, license);
    if (r >= 0)
        r = take_sightings(f, license);
    if (r < 0)
        return r;
    *ret = (struct license_outline){
        .facts = {license, f->case_rows, f->c.n_rows, f->case_sightings, f->c.n_sightings},
        .machines = f->machines,
        .n_machines = f->n_machines,
    };
    return 1;
}

/* The crew has the machines in the same order, each once. */
static int look_up(struct license_feed *f)
{
    uint32_t place;
    int r = 0;

    crew_reset(&f->crew);
    for (size_t m = 0; m < f->n_machines && r >= 0; m++)
        r = crew_add(&f->crew, f->store, f->book, f->machines[m].id, &place);
    if (r >= 0)
        r = crew_load_gaps(&f->crew, f->store);
    return r < 0 ? r : crew_sort(&f->crew);
}

/* Machines get numbers that do not depend on the store; the sightings follow. */
int license_feed_case(struct license_feed *f, const struct license_case **ret)
{
    int r = look_up(f);

    if (r < 0)
        return r;
    for (size_t i = 0; i < f->c.n_sightings; i++)
        f->case_sightings[i].machine = f->crew.v[f->case_sightings[i].machine].number;
    f->c.rows = f->case_rows;
    f->c.moves = f->case_moves;
    f->c.sightings = f->case_sightings;
    f->c.machines = f->crew.sorted;
    f->c.n_machines = f->crew.n;
    *ret = &f->c;
    return 0;
}
