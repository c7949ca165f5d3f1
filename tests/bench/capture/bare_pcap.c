/*
 * usage: bare_pcap FILE KEY_SERVER…
 *
 * The least that any program on libpcap does with a capture: the agent's own filter, and a
 * count of what goes through. Prints it as "packets N".
 */
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include <pcap/pcap.h>

#include "packet/filter.h"

static void count(u_char *arg, const struct pcap_pkthdr *h, const u_char *bytes)
{
    (void)h;
    (void)bytes;
    ++*(uint64_t *)(void *)arg;
}

static int make_filter(char **addresses, int n, struct buf *out)
{
    static const uint16_t ports[] = {8443, 8880};
    static struct sight_target targets[SIGHT_TARGETS_MAX];
    const struct filter_wish wish = {.targets = targets,
                                     .n_targets = (size_t)n,
                                     .ports = ports,
                                     .n_ports = ARRAY_LEN(ports),
                                     .has_keyserver = true,
                                     .has_panel = true,
                                     .has_tags = true};
    for (int i = 0; i < n && i < SIGHT_TARGETS_MAX; i++) {
        targets[i].port = 443;
        if (addr_parse(text_of(addresses[i]), &targets[i].address) < 0)
            return -1;
    }
    filter_write(&wish, out);
    return buf_error(out);
}

static int run(pcap_t *pcap, const char *text, uint64_t *ret)
{
    struct bpf_program program;

    if (pcap_compile(pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return -1;
    int r = pcap_setfilter(pcap, &program);
    pcap_freecode(&program);
    return r == 0 ? pcap_loop(pcap, -1, count, (u_char *)ret) : r;
}

int main(int argc, char **argv)
{
    AUTO(buf) struct buf filter = BUF_INIT(FILTER_TEXT_MAX);
    char said[PCAP_ERRBUF_SIZE];
    uint64_t n = 0;

    if (argc < 2 || make_filter(argv + 2, argc - 2, &filter) < 0)
        return EX_USAGE;
    pcap_t *pcap = pcap_open_offline(argv[1], said);
    if (pcap == NULL)
        return EX_NOINPUT;
    int r = run(pcap, buf_str(&filter), &n);
    pcap_close(pcap);
    (void)printf("packets %" PRIu64 "\n", n);
    return r == 0 ? EX_OK : EX_DATAERR;
}
