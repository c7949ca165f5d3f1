/* status: gathering. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/grow.h"
#include "cli/status.h"
#include "keeper/keeper.h"
#include "os/file.h"

enum { DAY_S = 86400 };

void status_done(struct status *s)
{
    free(s->places);
    free(s->licenses);
    free(s->standing);
    *s = (struct status){.now = {0}};
}

static void copy(char *out, size_t size, struct text t)
{
    (void)snprintf(out, size, "%.*s", (int)t.n, t.p);
}

static int add_place(void *arg, const struct report_sighting *seen)
{
    struct status *s = arg;
    for (size_t i = 0; i < s->n_places; i++) {
        struct status_place *p = &s->places[i];
        if (p->source == seen->source && addr_compare(&p->address, &seen->address) == 0) {
            p->last = wall_max(p->last, seen->seen.last);
            return 0;
        }
    }
    if (seen->seen.last.s < s->now.s - DAY_S)
        return 0;
    int r = grow(&s->places, &s->places_cap, s->n_places + 1, sizeof *s->places, CAP_PRESENCES);
    if (r == 0)
        s->places[s->n_places++] =
            (struct status_place){seen->address, seen->source, seen->seen.last};
    return r == -ERANGE ? 0 : r; /* thousands of addresses: enough is shown */
}

static int compare_places(const void *a, const void *b)
{
    const struct status_place *x = a, *y = b;
    int c = addr_compare(&x->address, &y->address);
    return c != 0 ? c : (int)x->source - (int)y->source;
}

static int read_licenses(struct status *s, struct text note)
{
    struct text line, part[5];
    int r = 0;
    while (r == 0 && state_line(&note, &line)) {
        if (state_fields(line, part, 5) != 5)
            return -EBADMSG;
        r = grow(&s->licenses, &s->licenses_cap, s->n_licenses + 1, sizeof *s->licenses,
                 CAP_REPORT_LICENSES);
        if (r < 0)
            return r;
        struct status_license *l = &s->licenses[s->n_licenses++];
        copy(l->number, sizeof l->number, part[0]);
        copy(l->version, sizeof l->version, part[1]);
        copy(l->expires, sizeof l->expires, part[2]);
        copy(l->edition, sizeof l->edition, part[3]);
        copy(l->product, sizeof l->product, part[4]);
    }
    return r;
}

static int read_standing(struct status *s, struct text note)
{
    struct text line, part[5];
    while (state_line(&note, &line)) {
        struct status_standing st = {.since = {0}};
        if (state_fields(line, part, 5) != 5 ||
            text_to_int(part[3], 0, INT64_MAX, &st.since.s) < 0 ||
            text_to_int(part[4], 0, INT64_MAX, &st.confirms_at.s) < 0)
            return -EBADMSG;
        st.state = text_is(part[1], "confirmed")   ? MESSAGE_STATE_CONFIRMED
                   : text_is(part[1], "potential") ? MESSAGE_STATE_POTENTIAL
                                                   : MESSAGE_STATE_OK;
        copy(st.license, sizeof st.license, part[0]);
        copy(st.kinds, sizeof st.kinds, part[2]);
        int r = grow(&s->standing, &s->standing_cap, s->n_standing + 1, sizeof *s->standing,
                     CAP_REPORT_LICENSES);
        if (r < 0)
            return r;
        s->standing[s->n_standing++] = st;
    }
    return 0;
}

static int read_state(struct status *s, struct text note)
{
    return state_read(note, &s->state);
}

static int read_note(struct spool *spool, const char *name, struct status *s,
                     int (*read)(struct status *, struct text))
{
    AUTO_FREE char *note = NULL;
    int r = spool_note_get(spool, name, &note);
    return r < 0 || !note ? r : read(s, text_of(note));
}

static int read_spool(struct spool *spool, struct status *s, struct diag *d)
{
    struct spool_reader reader = {.sighting = add_place, .arg = s};
    int r = read_note(spool, KEEPER_NOTE_STATE, s, read_state);
    if (r == 0)
        r = read_note(spool, KEEPER_NOTE_LICENSES, s, read_licenses);
    if (r == 0)
        r = read_note(spool, KEEPER_NOTE_STANDING, s, read_standing);
    if (r == 0)
        r = spool_count(spool, &s->counts);
    if (r == 0)
        r = spool_history(spool, (struct span){{s->now.s - DAY_S}, WALL_END}, &reader);
    if (r == 0)
        r = spool_waiting(spool, &reader);
    if (r == -EBADMSG)
        return diag_set(d, r, "the spool's notes are of another version: restart the agent");
    return r < 0 ? diag_set(d, r, "%s", spool_diag(spool)) : 0;
}

/* The first line is the URL, the second the name that the collector gave. */
static void read_collector(const struct options *o, struct status *s)
{
    char path[OPTIONS_PATH_SIZE + 64];
    AUTO(buf) struct buf b = BUF_INIT(4096);
    struct diag d;
    struct text line;
    if (options_state_path(o, "collector", path) < 0 || file_read(path, &b, &d) < 0)
        return;
    struct text rest = {buf_str(&b), b.len};
    if (state_line(&rest, &line))
        copy(s->collector, sizeof s->collector, line);
    if (state_line(&rest, &line))
        copy(s->server, sizeof s->server, line);
}

/* Who runs has the lock. Where that may not be asked, its process must do. */
static bool is_held(const struct options *o, int64_t pid)
{
    char path[OPTIONS_PATH_SIZE + 64];
    if (options_state_path(o, KEEPER_SPOOL ".lock", path) < 0)
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES && pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
    bool is_locked = flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    (void)close(fd);
    return is_locked;
}

int status_read(const struct options *o, wall_t now, struct status *ret, struct diag *d)
{
    char path[OPTIONS_PATH_SIZE + 64];
    struct status s = {.now = now};
    struct spool *spool = NULL;
    struct spool_found found;
    int r = options_state_path(o, KEEPER_SPOOL, path);
    if (r < 0)
        return diag_set(d, r, "%s: too long a path", o->state);
    read_collector(o, &s);
    r = spool_open(path, SPOOL_LOOK, &spool, &found, d);
    s.has_run = r == 0;
    if (r == 0) {
        r = read_spool(spool, &s, d);
        spool_close(spool);
        s.is_running = is_held(o, s.state.pid);
    } else if (r == -ENOENT) {
        r = 0;
    }
    if (r < 0) {
        status_done(&s);
        return r;
    }
    if (s.n_places > 1)
        qsort(s.places, s.n_places, sizeof *s.places, compare_places);
    *ret = s;
    return 0;
}
