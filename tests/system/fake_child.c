/*
 * Stands in for fairuse-probe or fairuse-look: says the messages of the file "ARGV0.says"
 * (agent_messages.py writes them), on the descriptor after --descriptor, each as a datagram, or
 * on standard output; then, on a descriptor, waits until the other end is closed.
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAYS_MAX = 1 << 20, HEAD = 4 };

static size_t read_says(uint8_t *bytes)
{
    char path[PATH_MAX], self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    size_t got = 0;
    if (n < 0)
        exit(70);
    self[n] = '\0';
    if (snprintf(path, sizeof path, "%s.says", self) >= (int)sizeof path)
        exit(70);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        exit(70);
    while (got < SAYS_MAX && (n = read(fd, bytes + got, SAYS_MAX - got)) > 0)
        got += (size_t)n;
    (void)close(fd); /* it was only read */
    return got;
}

static int say_all(int fd, const uint8_t *bytes, size_t n, int is_stream)
{
    while (n > 0) {
        size_t length =
            n >= HEAD
                ? HEAD + ((size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | (size_t)bytes[3])
                : n;
        if (is_stream || length > n)
            length = n; /* also what is no whole message */
        ssize_t said = write(fd, bytes, length);
        if (said <= 0)
            return 74;
        bytes += said;
        n -= (size_t)said;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static uint8_t bytes[SAYS_MAX];
    char rest[4096];
    int fd = -1;
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], "--descriptor") == 0)
            fd = argv[i + 1][0] - '0'; /* it is 3 */
    int r = say_all(fd >= 0 ? fd : STDOUT_FILENO, bytes, read_says(bytes), fd < 0);
    struct pollfd line = {.fd = fd, .events = POLLIN};
    while (r == 0 && fd >= 0 && poll(&line, 1, -1) > 0 && read(fd, rest, sizeof rest) > 0)
        continue; /* the keeper's targets */
    return r;
}
