/*
 * usage: decode FILE
 *
 * Each packet of a capture as the agent's decoder sees it, one a line: its number from 1, its
 * second, what it is (tcp, other, truncated, malformed); of TCP then source, destination, their
 * ports, flags in hexadecimal, sequence number, way (in, out, -) and "lo" or "-".
 */
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include "probe/capture.h"

static const char *const kinds[] = {"tcp", "other", "truncated", "malformed"};
static const char *const ways[] = {"-", "in", "out"};

static void print(void *arg, const struct captured *c)
{
    uint64_t *number = arg;
    struct packet p;
    char from[ADDR_TEXT_SIZE], to[ADDR_TEXT_SIZE];
    enum packet_kind k = packet_decode(c->link, c->bytes, c->n, &p);

    (void)printf("%" PRIu64 " %" PRId64 " %s", ++*number, c->at_s, kinds[k]);
    if (k == PACKET_TCP)
        (void)printf(" %s %s %u %u %02x %" PRIu32 " %s %s", addr_format(&p.source, from),
                     addr_format(&p.destination, to), p.source_port, p.destination_port,
                     p.flags, p.sequence, ways[p.way], p.is_loopback ? "lo" : "-");
    (void)putchar('\n');
}

static int read_all(const char *path, struct diag *d)
{
    AUTO(capture) struct capture *c = NULL;
    uint64_t number = 0;
    int r = capture_open_file(path, &c, d);

    if (r < 0)
        return r;
    do
        r = capture_read(c, 1000, print, &number, d);
    while (r > 0);
    return r;
}

int main(int argc, char **argv)
{
    struct diag d;

    if (argc != 2)
        return EX_USAGE;
    int r = read_all(argv[1], &d);
    if (fflush(stdout) != 0)
        return EX_IOERR;
    if (r == 0)
        return EX_OK;
    (void)fprintf(stderr, "decode: %s: %s\n", argv[1], d.text);
    return EX_DATAERR;
}
