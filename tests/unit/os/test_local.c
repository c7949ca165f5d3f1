/* Claims about local sockets of whole messages. */
#include "support/leak.h"

#include "os/local.h"
#include "support/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

TestSuite(local, .fini = leak_check, .timeout = 60);

static int listen_at(const char *path)
{
    struct diag d = {""};
    int fd = local_listen(path, &d);
    cr_assert(fd >= 0 || d.text[0] != '\0', "a refusal has its reason");
    return fd;
}

static void check_flags(int fd)
{
    cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    cr_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

/* ---- Pairs ------------------------------------------------------------------------------ */

Test(local, a_pair_carries_whole_messages_both_ways)
{
    int ends[2];
    char text[16];
    cr_assert_eq(local_pair(ends), 0);
    check_flags(ends[0]);
    check_flags(ends[1]);
    cr_assert_eq(local_send(ends[0], "one", 3), 0);
    cr_assert_eq(local_send(ends[0], "four", 4), 0);
    cr_assert_eq(local_send(ends[1], "back", 4), 0);
    cr_assert_eq(local_receive(ends[1], text, sizeof text), 3);
    cr_assert_arr_eq(text, "one", 3);
    cr_assert_eq(local_receive(ends[1], text, sizeof text), 4);
    cr_assert_arr_eq(text, "four", 4);
    cr_assert_eq(local_receive(ends[0], text, sizeof text), 4);
    cr_assert_eq(local_receive(ends[0], text, sizeof text), -EAGAIN);
    close(ends[0]);
    close(ends[1]);
}

Test(local, a_message_longer_than_the_room_is_lost_alone)
{
    int ends[2];
    char text[4];
    cr_assert_eq(local_pair(ends), 0);
    cr_assert_eq(local_send(ends[0], "12345", 5), 0);
    cr_assert_eq(local_send(ends[0], "6789", 4), 0);
    cr_assert_eq(local_receive(ends[1], text, sizeof text), -EMSGSIZE);
    cr_assert_eq(local_receive(ends[1], text, sizeof text), 4);
    cr_assert_arr_eq(text, "6789", 4);
    close(ends[0]);
    close(ends[1]);
}

Test(local, a_message_longer_than_the_buffer_is_refused)
{
    int ends[2];
    int size = 0;
    socklen_t n = sizeof size;
    cr_assert_eq(local_pair(ends), 0);
    cr_assert_eq(getsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, &n), 0);
    AUTO_FREE char *much = calloc(1, 2 * (size_t)size);
    cr_assert_not_null(much);
    cr_assert_eq(local_send(ends[0], much, 2 * (size_t)size), -EMSGSIZE);
    close(ends[0]);
    close(ends[1]);
}

Test(local, who_does_not_read_is_not_waited_for)
{
    int ends[2];
    char text[4096] = "x";
    int r = 0;
    int sent = 0;
    cr_assert_eq(local_pair(ends), 0);
    for (; r == 0 && sent < 100000; sent++)
        r = local_send(ends[0], text, sizeof text);
    cr_assert_eq(r, -EAGAIN);
    cr_assert_eq(local_receive(ends[1], text, sizeof text), sizeof text);
    cr_assert_eq(local_send(ends[0], text, sizeof text), 0);
    close(ends[0]);
    close(ends[1]);
}

Test(local, a_peer_that_has_gone_is_no_signal)
{
    int ends[2];
    char text[4];
    cr_assert_eq(local_pair(ends), 0);
    close(ends[1]);
    cr_assert_eq(local_send(ends[0], "x", 1), -EPIPE);
    cr_assert_eq(local_receive(ends[0], text, sizeof text), -EPIPE);
    close(ends[0]);
}

Test(local, what_a_peer_said_before_it_went_is_heard)
{
    int ends[2];
    char text[4];
    cr_assert_eq(local_pair(ends), 0);
    cr_assert_eq(local_send(ends[1], "a", 1), 0);
    cr_assert_eq(local_send(ends[1], "b", 1), 0);
    cr_assert_eq(local_send(ends[0], "never read", 10), 0);
    close(ends[1]); /* which the kernel tells as a connection that was reset */
    cr_assert_eq(local_receive(ends[0], text, sizeof text), 1);
    cr_assert_eq(text[0], 'a');
    cr_assert_eq(local_receive(ends[0], text, sizeof text), 1);
    cr_assert_eq(text[0], 'b');
    cr_assert_eq(local_receive(ends[0], text, sizeof text), -EPIPE);
    close(ends[0]);
}

/* ---- At a path -------------------------------------------------------------------------- */

Test(local, who_connects_at_the_path_is_known)
{
    AUTO(temp) struct temp t = {""};
    char path[TEMP_PATH_SIZE];
    char text[8];
    uid_t uid = (uid_t)-1;
    struct stat s;
    cr_assert_eq(temp_make(&t), 0);
    (void)umask(077); /* takes nothing from the socket's mode */
    int listener = listen_at(temp_file(&t, "s", path));
    cr_assert_geq(listener, 0);
    check_flags(listener);
    cr_assert_eq(stat(path, &s), 0);
    cr_assert_eq(s.st_mode, S_IFSOCK | 0660);
    cr_assert_eq(local_accept(listener, &uid), -EAGAIN);

    int ours = local_connect(path, &uid);
    cr_assert_geq(ours, 0);
    check_flags(ours);
    cr_assert_eq(uid, geteuid());
    uid = (uid_t)-1;
    int theirs = local_accept(listener, &uid);
    cr_assert_geq(theirs, 0);
    check_flags(theirs);
    cr_assert_eq(uid, geteuid());
    cr_assert_eq(local_send(ours, "hello", 5), 0);
    cr_assert_eq(local_receive(theirs, text, sizeof text), 5);
    close(ours);
    close(theirs);
    close(listener);
}

Test(local, nobody_there_is_told_from_nothing_there)
{
    AUTO(temp) struct temp t = {""};
    char path[TEMP_PATH_SIZE];
    uid_t uid;
    cr_assert_eq(temp_make(&t), 0);
    cr_assert_eq(local_connect(temp_file(&t, "s", path), &uid), -ENOENT);
    close(listen_at(path));
    cr_assert_eq(local_connect(path, &uid), -ECONNREFUSED);
}

Test(local, a_stale_socket_is_replaced)
{
    AUTO(temp) struct temp t = {""};
    char path[TEMP_PATH_SIZE];
    uid_t uid;
    cr_assert_eq(temp_make(&t), 0);
    close(listen_at(temp_file(&t, "s", path)));
    int listener = listen_at(path);
    cr_assert_geq(listener, 0);
    int ours = local_connect(path, &uid);
    cr_assert_geq(ours, 0);
    close(ours);
    close(listener);
}

Test(local, a_live_socket_is_left_alone)
{
    AUTO(temp) struct temp t = {""};
    char path[TEMP_PATH_SIZE];
    uid_t uid;
    cr_assert_eq(temp_make(&t), 0);
    int listener = listen_at(temp_file(&t, "s", path));
    cr_assert_eq(listen_at(path), -EADDRINUSE);
    cr_assert_geq(local_accept(listener, &uid), 0, "it was asked whether it lives");
    int ours = local_connect(path, &uid);
    cr_assert_geq(ours, 0, "and still can be connected to");
    close(ours);
    close(listener);
}

/* Of another kind, it is not ours to replace. */
Test(local, a_live_socket_of_datagrams_is_left_alone)
{
    AUTO(temp) struct temp t = {""};
    char path[TEMP_PATH_SIZE];
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    cr_assert_eq(temp_make(&t), 0);
    int n = snprintf(name.sun_path, sizeof name.sun_path, "%s", temp_file(&t, "s", path));
    cr_assert_lt((size_t)n, sizeof name.sun_path);
    int other = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(other, (struct sockaddr *)&name, sizeof name), 0);
    cr_assert_eq(listen_at(path), -EADDRINUSE);
    close(other);
}

Test(local, what_is_no_socket_is_left_alone)
{
    AUTO(temp) struct temp t = {""};
    char path[TEMP_PATH_SIZE];
    char link[TEMP_PATH_SIZE];
    cr_assert_eq(temp_make(&t), 0);
    close(open(temp_file(&t, "file", path), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    cr_assert_eq(listen_at(path), -EEXIST);
    cr_assert_eq(access(path, F_OK), 0);
    cr_assert_eq(symlink("nowhere", temp_file(&t, "link", link)), 0);
    cr_assert_eq(listen_at(link), -EEXIST);
}

Test(local, a_path_that_cannot_be_has_its_reason)
{
    AUTO(temp) struct temp t = {""};
    char path[TEMP_PATH_SIZE];
    char longest[109];
    uid_t uid;
    cr_assert_eq(temp_make(&t), 0);
    cr_assert_eq(listen_at(temp_file(&t, "no/s", path)), -ENOENT);
    cr_assert_eq(listen_at(""), -ENOENT);
    memset(longest, 'x', sizeof longest - 1);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0'; /* 108 bytes, which leaves no room for the end */
    cr_assert_eq(listen_at(longest), -ENAMETOOLONG);
    cr_assert_eq(local_connect(longest, &uid), -ENAMETOOLONG);
}
