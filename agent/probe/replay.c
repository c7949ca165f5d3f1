/* A capture file, by the same decoder and the same rules as the live probe. */
#include "probe/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/diag.h"
#include "json/jsonw.h"
#include "packet/filter.h"
#include "probe/capture.h"
#include "probe/stretch.h"
#include "sandbox/sandbox.h"

enum { BATCH = 4096, LINE_BYTES_MAX = 512 };

struct replay {
    struct sight *sight;
    struct capture *capture;
    struct stretches found;
    int error; /* of keeping what was found */
};

static void replay_done(struct replay *r)
{
    sight_free(r->sight);
    capture_free(r->capture);
    stretches_done(&r->found);
}

static int fail(int code, const struct diag *d)
{
    (void)fprintf(stderr, "fairuse-probe: %s\n", d->text); /* there is nowhere else */
    return code;
}

/* The exit code that stands for a failure. */
static int exit_code(int error)
{
    switch (error) {
    case -ENOENT:
    case -ENOTDIR:
    case -EACCES: return EX_NOINPUT;
    case -EBADMSG:
    case -ERANGE: return EX_DATAERR;
    case -EIO:
    case -EISDIR: return EX_IOERR;
    default: return EX_OSERR;
    }
}

/* The file as standard input: so it is open when the right to open files is given up. */
static int open_input(const char *path, struct diag *d)
{
    if (strcmp(path, "-") == 0)
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return diag_set(d, -errno, "cannot be opened: %s", strerror(errno));
    if (fd == STDIN_FILENO)
        return 0;
    int r = dup2(fd, STDIN_FILENO) < 0 ? -errno : 0;
    (void)close(fd); /* only read, and not by this number */
    return r < 0 ? diag_set(d, r, "cannot be read: %s", strerror(-r)) : 0;
}

/* From here on only what is open can be used. A kernel without seccomp is no reason to stop:
 * who may start this may as well read the file with anything else. */
static int confine(struct diag *d)
{
    int r = sandbox_drop_rights(d);

    if (r < 0)
        return r;
    r = sandbox_confine(SANDBOX_PROBE, d);
    return r == -ENOSYS ? 0 : r;
}

static int set_rules(const struct replay_order *o, struct sight *s)
{
    int r = sight_set_targets(s, o->targets, o->n_targets);

    if (r == 0)
        r = sight_set_ports(s, o->ports, o->n_ports);
    if (r == 0)
        r = sight_set_networks(s, o->local, o->n_local);
    sight_set_own(s, o->n_local > 0 ? SIGHT_OWN_NETWORKS : SIGHT_OWN_ALL);
    return r;
}

/* The kernel's filter, here run by libpcap: most packets need no more than that. */
static int set_filter(const struct replay_order *o, struct capture *c, struct diag *d)
{
    AUTO(buf) struct buf text = BUF_INIT(FILTER_TEXT_MAX);
    const struct filter_wish wish = {.targets = o->targets,
                                     .n_targets = o->n_targets,
                                     .ports = o->ports,
                                     .n_ports = o->n_ports,
                                     .has_keyserver = o->n_targets > 0,
                                     .has_panel = true,
                                     .has_tags = true};

    filter_write(&wish, &text);
    if (buf_error(&text) < 0)
        return diag_set(d, buf_error(&text), "the filter cannot be made: %s",
                        strerror(-buf_error(&text)));
    return capture_filter(c, buf_str(&text), d);
}

static void take(void *arg, const struct captured *c)
{
    struct replay *r = arg;
    struct packet packet;
    struct sight_seen seen;

    if (r->error != 0 || packet_decode(c->link, c->bytes, c->n, &packet) != PACKET_TCP ||
        !sight_packet(r->sight, &packet, c->at_s, &seen))
        return;
    r->error = stretches_add(&r->found, &seen, c->at_s);
}

static int read_all(struct replay *r, struct diag *d)
{
    int n;

    do
        n = capture_read(r->capture, BATCH, take, r, d);
    while (n > 0 && r->error == 0);
    if (r->error == -ERANGE)
        return diag_set(d, -ERANGE,
                        "more than %d stretches of addresses: cut it into shorter ones "
                        "(editcap -i SECONDS)",
                        STRETCH_MAX);
    if (r->error < 0)
        return diag_set(d, r->error, "out of memory");
    return n;
}

static int write_one(const struct stretch *s, struct buf *line)
{
    char address[ADDR_TEXT_SIZE];
    struct jsonw w = jsonw_to(line, false);

    buf_reset(line);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "address", addr_format(&s->seen.address, address));
    jsonw_text(&w, "source", source_name(s->seen.source));
    jsonw_int(&w, "first", s->first_s);
    jsonw_int(&w, "last", s->last_s);
    jsonw_int(&w, "packets", s->packets);
    jsonw_end_object(&w);
    buf_add_char(line, '\n');
    if (buf_error(line) < 0)
        return buf_error(line);
    return fwrite(line->data, 1, line->len, stdout) == line->len ? 0 : -EIO;
}

static int write_all(struct stretches *found)
{
    AUTO(buf) struct buf line = BUF_INIT(LINE_BYTES_MAX);
    int r = 0;

    stretches_join(found);
    for (size_t i = 0; i < found->n && r == 0; i++)
        r = write_one(&found->v[i], &line);
    if (fflush(stdout) != 0 && r == 0)
        r = -EIO;
    return r;
}

static int prepare(const struct replay_order *o, struct replay *r, struct diag *d)
{
    int code = open_input(o->file, d);

    if (code == 0)
        code = confine(d);
    if (code == 0)
        code = capture_open_file("-", &r->capture, d);
    if (code < 0)
        return code;
    code = sight_new(&r->sight);
    if (code == 0)
        code = set_rules(o, r->sight);
    if (code < 0)
        return diag_set(d, code, "the rules cannot be set: %s", strerror(-code));
    return set_filter(o, r->capture, d);
}

int replay_run(const struct replay_order *order)
{
    struct diag d;
    AUTO(replay) struct replay r = {.error = 0};
    int code = prepare(order, &r, &d);

    if (code == 0) {
        code = read_all(&r, &d);
        int written = write_all(&r.found);
        if (written < 0) {
            (void)diag_set(&d, written, "cannot be written: %s", strerror(-written));
            diag_within(&d, "standard output");
            return fail(EX_IOERR, &d);
        }
    }
    if (code == 0)
        return 0;
    diag_within(&d, "%s", strcmp(order->file, "-") == 0 ? "standard input" : order->file);
    return fail(exit_code(code), &d);
}
