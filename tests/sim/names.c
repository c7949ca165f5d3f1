/* Numbers as what they stand for: licences, addresses, domains, servers, resellers. */
#include "sim/sim.h"

#include <stdio.h>
#include <string.h>

license_t sim_license(int64_t n)
{
    char text[LICENSE_TEXT_SIZE];
    (void)snprintf(text, sizeof text, "PLSK.%08lld", (long long)(n + 1) % 100000000);
    return world_license(text);
}

/* 198.18.0.0/15 and 2001:db8::/32 are nobody's; both are lab networks here. */
struct addr sim_address(int64_t n)
{
    struct addr a = {.family = ADDR_IPV4};
    if (n < SIM_V6) {
        a.bytes[0] = 198;
        a.bytes[1] = (uint8_t)(18 + ((n >> 16) & 1));
        a.bytes[2] = (uint8_t)(n >> 8);
        a.bytes[3] = (uint8_t)n;
        return a;
    }
    a = (struct addr){.family = ADDR_IPV6, .bytes = {0x20, 0x01, 0x0d, 0xb8}};
    a.bytes[5] = (uint8_t)(n >> 20);
    a.bytes[6] = (uint8_t)(n >> 12);
    a.bytes[7] = (uint8_t)(n >> 4);
    a.bytes[15] = (uint8_t)(n & 15);
    return a;
}

struct network sim_network(int64_t n, int64_t bits)
{
    struct network net = {.base = sim_address(n), .bits = (uint8_t)bits};
    for (size_t i = (size_t)bits; i < 8 * addr_len(&net.base); i++)
        net.base.bytes[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
    return net;
}

const char *sim_domain(int64_t n, char out[static DNAME_SIZE])
{
    (void)snprintf(out, DNAME_SIZE, "d%lld.example", (long long)n);
    return out;
}

static int64_t number_after(const char *name, char letter)
{
    int64_t n;
    struct text digits = {name + 1, strcspn(name + 1, ".")};
    if (name[0] != letter || text_to_int(digits, 0, INT32_MAX, &n) < 0)
        return -1;
    return n;
}

int64_t sim_domain_number(const char *name)
{
    return number_after(name, 'd');
}

const char *sim_server(int32_t n, char out[static CAP_ID + 1])
{
    (void)snprintf(out, CAP_ID + 1, "s%d", n);
    return out;
}

int32_t sim_server_number(const char *name)
{
    return (int32_t)number_after(name, 's');
}

const char *sim_reseller(int32_t n)
{
    static char names[1000][8];
    assert(n >= 0 && n < 1000);
    if (names[n][0] == '\0')
        (void)snprintf(names[n], sizeof names[n], "r%d", n);
    return names[n];
}
