/*
 * Runs a fuzz target on every file of its corpus, each in memory of its own length so that a
 * read past the end is seen. An empty folder is a fault: a test that tests nothing.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { SEED_BYTES = 16 << 20, PATH_BYTES = 4096 };

static int fail(const char *what, const char *path)
{
    (void)fprintf(stderr, "replay: %s: %s\n", path, what);
    return EXIT_FAILURE;
}

static int replay_file(const char *path, uint8_t *buffer)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return fail("cannot be opened", path);
    size_t n = fread(buffer, 1, SEED_BYTES, f);
    int is_bad = ferror(f) || n == SEED_BYTES;
    (void)fclose(f); /* only read */
    if (is_bad)
        return fail("cannot be read, or is too large for a seed", path);
    uint8_t *exact = malloc(n > 0 ? n : 1);
    if (exact == NULL)
        return fail("out of memory", path);
    memcpy(exact, buffer, n);
    (void)LLVMFuzzerTestOneInput(exact, n); /* a fault aborts */
    free(exact);
    return EXIT_SUCCESS;
}

static int replay_folder(const char *folder, uint8_t *buffer)
{
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return fail("cannot be opened", folder);
    int result = EXIT_SUCCESS;
    unsigned count = 0;
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        char path[PATH_BYTES];
        if (e->d_name[0] == '.')
            continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >= PATH_BYTES)
            result = fail("the path is too long", folder);
        else if (replay_file(path, buffer) != EXIT_SUCCESS)
            result = EXIT_FAILURE;
        count++;
    }
    (void)closedir(dir); /* only read */
    (void)printf("%u seeds\n", count);
    return count > 0 ? result : fail("is empty", folder);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: replay CORPUS\n");
        return 64; /* EX_USAGE */
    }
    uint8_t *buffer = malloc(SEED_BYTES);
    if (buffer == NULL)
        return fail("out of memory", argv[1]);
    int result = replay_folder(argv[1], buffer);
    free(buffer);
    return result;
}
