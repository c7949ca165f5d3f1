/* Packets, through libpcap. */
#include "probe/capture.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <pcap/pcap.h>

#include "os/clock.h"

struct capture {
    pcap_t *pcap;
    FILE *file; /* of a capture file: the handle's, which closes it; NULL = live */
    int link;   /* a LINKTYPE_ */
    int64_t last_read_s;
    uint32_t received, lost; /* libpcap's counters, which wrap, as they were last */
    struct capture_count count;
};

/* libpcap numbers one link type of ours by the system's way, not the files'. */
static int link_of(pcap_t *pcap)
{
    int dlt = pcap_datalink(pcap);

    return dlt == DLT_RAW ? PACKET_LINK_RAW : dlt;
}

void capture_free(struct capture *c)
{
    if (c == NULL)
        return;
    if (c->pcap != NULL)
        pcap_close(c->pcap);
    else if (c->file != NULL && c->file != stdin)
        (void)fclose(c->file); /* only read */
    free(c);
}

/* What libpcap said of an activation, and what to do. */
static int refuse_activation(pcap_t *pcap, int code, struct diag *d)
{
    const char *said = pcap_geterr(pcap);

    switch (code) {
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
        return diag_set(d, -EPERM,
                        "packets cannot be captured: not permitted; start the probe as root or "
                        "with CAP_NET_RAW");
    case PCAP_ERROR_NO_SUCH_DEVICE:
    case PCAP_ERROR_IFACE_NOT_UP:
        return diag_set(d, -ENODEV, "packets cannot be captured on \"any\": %s",
                        said[0] != '\0' ? said : pcap_statustostr(code));
    default:
        return diag_set(d, -EIO, "packets cannot be captured: %s",
                        said[0] != '\0' ? said : pcap_statustostr(code));
    }
}

static int fail_handle(pcap_t *pcap, const char *what, struct diag *d)
{
    return diag_set(d, -EIO, "%s: %s", what, pcap_geterr(pcap));
}

/* Setting these fails only on a handle that is active already. */
static int configure(pcap_t *pcap, struct diag *d)
{
    if (pcap_set_snaplen(pcap, CAPTURE_SNAP_BYTES) != 0 || pcap_set_promisc(pcap, 0) != 0 ||
        pcap_set_immediate_mode(pcap, 1) != 0 ||
        pcap_set_buffer_size(pcap, CAPTURE_RING_BYTES) != 0)
        return fail_handle(pcap, "the capture cannot be configured", d);
    return 0;
}

int capture_open(struct capture **ret, struct diag *d)
{
    char said[PCAP_ERRBUF_SIZE];
    AUTO(capture) struct capture *c = calloc(1, sizeof *c);

    if (c == NULL)
        return diag_set(d, -ENOMEM, "out of memory");
    c->pcap = pcap_create("any", said);
    if (c->pcap == NULL)
        return diag_set(d, -EIO, "packets cannot be captured: %s", said);
    int r = configure(c->pcap, d);
    if (r < 0)
        return r;
    int code = pcap_activate(c->pcap);
    if (code < 0) /* above 0 are warnings: of options that "any" does not have */
        return refuse_activation(c->pcap, code, d);
    if (pcap_set_datalink(c->pcap, DLT_LINUX_SLL2) != 0)
        return fail_handle(c->pcap, "packets do not come with their interface", d);
    if (pcap_setnonblock(c->pcap, 1, said) != 0)
        return diag_set(d, -EIO, "the capture would block: %s", said);
    c->link = PACKET_LINK_SLL2;
    c->last_read_s = clock_boot();
    r = capture_filter(c, "len = 0", d);
    if (r < 0)
        return r;
    *ret = STEAL(c);
    return 0;
}

static int check_link(const struct capture *c, struct diag *d)
{
    const char *name = pcap_datalink_val_to_name(pcap_datalink(c->pcap));

    if (packet_knows_link(c->link))
        return 0;
    return diag_set(d, -EBADMSG,
                    "link type %d (%s) is not understood: capture on an Ethernet interface, on "
                    "\"any\", or raw IP",
                    c->link, name != NULL ? name : "which has no name");
}

int capture_open_file(const char *path, struct capture **ret, struct diag *d)
{
    char said[PCAP_ERRBUF_SIZE];
    AUTO(capture) struct capture *c = calloc(1, sizeof *c);

    if (c == NULL)
        return diag_set(d, -ENOMEM, "out of memory");
    c->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (c->file == NULL)
        return diag_set(d, -errno, "cannot be opened: %s", strerror(errno));
    errno = 0;
    c->pcap = pcap_fopen_offline(c->file, said);
    if (c->pcap == NULL) {
        if (ferror(c->file))
            return diag_set(d, -EIO, "cannot be read: %s", said);
        return diag_set(d, -EBADMSG, "is not a pcap or pcapng capture: %s", said);
    }
    c->link = link_of(c->pcap);
    int r = check_link(c, d);
    if (r < 0)
        return r;
    *ret = STEAL(c);
    return 0;
}

int capture_fd(const struct capture *c)
{
    return pcap_get_selectable_fd(c->pcap);
}

int capture_filter(struct capture *c, const char *text, struct diag *d)
{
    struct bpf_program program;

    if (pcap_compile(c->pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return fail_handle(c->pcap, "the filter cannot be compiled", d);
    int code = pcap_setfilter(c->pcap, &program);
    pcap_freecode(&program);
    return code == 0 ? 0 : fail_handle(c->pcap, "the filter cannot be set", d);
}

struct reader {
    const struct capture *capture;
    capture_fn *each;
    void *arg;
    int64_t wall_s, boot_s, since_s; /* live: both clocks now, and our last call */
    int64_t taken;
};

/* The second of a file's packet. The older format has 32 bits for it, which libpcap takes for
 * signed; before 1970 there is nothing. */
static int64_t file_moment(int64_t s)
{
    if (s < 0 && s >= INT32_MIN)
        s += INT64_C(1) << 32;
    return s < 0 ? 0 : s > WALL_MAX.s ? WALL_MAX.s : s;
}

/* The wall clock may be set between the packet and now; the other one bounds what that does. */
static int64_t live_moment(const struct reader *r, int64_t s)
{
    int64_t age = r->wall_s - s, most = r->boot_s - r->since_s;

    return r->boot_s - (age < 0 ? 0 : age > most ? most : age);
}

static void take(u_char *arg, const struct pcap_pkthdr *h, const u_char *bytes)
{
    struct reader *r = (struct reader *)(void *)arg;
    int64_t s = (int64_t)h->ts.tv_sec;
    const struct captured captured = {
        .at_s = r->capture->file != NULL ? file_moment(s) : live_moment(r, s),
        .link = r->capture->link,
        .bytes = bytes,
        .n = h->caplen,
    };

    r->taken++;
    r->each(r->arg, &captured);
}

/* Why reading ended. */
static int fail_read(const struct capture *c, struct diag *d)
{
    const char *said = pcap_geterr(c->pcap);

    if (c->file == NULL)
        return diag_set(d, -EIO, "capturing ended: %s", said);
    if (ferror(c->file))
        return diag_set(d, -EIO, "cannot be read: %s", said);
    return diag_set(d, -EBADMSG, "is damaged or cut short: %s", said);
}

int capture_read(struct capture *c, int most, capture_fn *each, void *arg, struct diag *d)
{
    struct reader r = {.capture = c, .each = each, .arg = arg};

    if (c->file == NULL) {
        r.wall_s = clock_now().s;
        r.boot_s = clock_boot();
        r.since_s = c->last_read_s;
        c->last_read_s = r.boot_s;
    }
    int n = pcap_dispatch(c->pcap, most, take, (u_char *)&r);
    if (c->file != NULL) /* live, the kernel counts */
        c->count.received += r.taken;
    return n < 0 ? fail_read(c, d) : n;
}

int capture_statistics(struct capture *c, struct capture_count *ret)
{
    struct pcap_stat now;

    if (c->file == NULL) {
        if (pcap_stats(c->pcap, &now) != 0)
            return -EIO;
        c->count.received += (uint32_t)now.ps_recv - c->received;
        c->count.lost += (uint32_t)now.ps_drop - c->lost;
        c->received = now.ps_recv;
        c->lost = now.ps_drop;
    }
    *ret = c->count;
    return 0;
}
