/* listener_test.c - connections come in, also when descriptors run out. */
#include "net/listener.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct lab {
	struct loop *loop;
	struct loop_timer end;
	struct net_listener *listener;
	int accepted; /* how many */
	int stop_at;  /* stop the loop after so many */
	bool close_at_first;
	int last_fd;
	struct net_addr peer;
};

static void on_accept(void *arg, int fd, const struct net_addr *peer)
{
	struct lab *lab = arg;

	close(lab->last_fd);
	lab->last_fd = fd;
	lab->peer = *peer;
	if (++lab->accepted == lab->stop_at)
		loop_stop(lab->loop);
	if (lab->close_at_first) {
		net_listener_close(lab->listener);
		lab->listener = NULL;
	}
}

static void on_end(struct loop_timer *t)
{
	loop_stop(CONTAINER_OF(t, struct lab, end)->loop);
}

static void run_for(struct lab *lab, int ms)
{
	loop_update(lab->loop);
	loop_timer_start(lab->loop, &lab->end, loop_now_ms(lab->loop) + ms,
			 on_end);
	loop_run(lab->loop);
	loop_timer_stop(lab->loop, &lab->end);
}

static int setup(void **state)
{
	struct lab *lab = calloc(1, sizeof *lab);

	lab->loop = loop_create();
	lab->last_fd = -1;
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	struct lab *lab = *state;

	net_listener_close(lab->listener);
	close(lab->last_fd);
	loop_destroy(lab->loop);
	free(lab);
	return 0;
}

static struct net_addr parse(const char *text)
{
	struct net_addr a;

	assert_int_equal(net_addr_parse(&a, str_of(text), NULL), 0);
	return a;
}

static void listen_at(struct lab *lab, const char *text)
{
	struct net_addr at = parse(text);
	struct weir_error err = {0};

	if (net_listener_open(lab->loop, &at, false, on_accept, lab,
			      &lab->listener, &err) < 0)
		fail_msg("%s", err.message);
}

static int dial(const struct net_addr *to)
{
	int fd = socket(to->sa.sa_family, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, &to->sa, to->len), 0);
	return fd;
}

static void an_accepted_descriptor_is_ready_to_use(void **state)
{
	struct lab *lab = *state;
	char mine[NET_ADDR_TEXT_MAX], theirs[NET_ADDR_TEXT_MAX];
	struct net_addr self = {.len = sizeof self.un};
	int on = 0;
	socklen_t len = sizeof on;
	int fd;

	listen_at(lab, "127.0.0.1:0");
	assert_true(net_addr_port(net_listener_addr(lab->listener)) > 0);
	fd = dial(net_listener_addr(lab->listener));
	lab->stop_at = 1;
	run_for(lab, 2000);
	assert_int_equal(lab->accepted, 1);
	assert_true(fcntl(lab->last_fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(lab->last_fd, F_GETFD) & FD_CLOEXEC);
	getsockopt(lab->last_fd, IPPROTO_TCP, TCP_NODELAY, &on, &len);
	assert_true(on);
	getsockname(fd, &self.sa, &self.len);
	assert_string_equal(net_addr_format(&self, mine),
			    net_addr_format(&lab->peer, theirs));
	close(fd);
}

static void a_bare_port_takes_ipv4_and_ipv6(void **state)
{
	struct lab *lab = *state;
	char to[64], text[NET_ADDR_TEXT_MAX];
	struct net_addr a;
	int fd;

	listen_at(lab, ":0");
	snprintf(to, sizeof to, "127.0.0.1:%u",
		 net_addr_port(net_listener_addr(lab->listener)));
	a = parse(to);
	fd = dial(&a);
	lab->stop_at = 1;
	run_for(lab, 2000);
	assert_int_equal(lab->accepted, 1);
	assert_string_equal(net_addr_format_host(&lab->peer, text),
			    "127.0.0.1");
	close(fd);
}

static void more_than_one_turn_can_take_are_all_accepted(void **state)
{
	enum { N = 200 };
	struct lab *lab = *state;
	int fd[N];

	listen_at(lab, "127.0.0.1:0");
	for (int i = 0; i < N; i++)
		fd[i] = dial(net_listener_addr(lab->listener));
	lab->stop_at = N;
	run_for(lab, 5000);
	assert_int_equal(lab->accepted, N);
	for (int i = 0; i < N; i++)
		close(fd[i]);
}

static void the_callback_may_close_the_listener(void **state)
{
	struct lab *lab = *state;
	int fd[2];

	listen_at(lab, "127.0.0.1:0");
	for (int i = 0; i < 2; i++)
		fd[i] = dial(net_listener_addr(lab->listener));
	lab->close_at_first = true;
	run_for(lab, 20);
	assert_int_equal(lab->accepted, 1);
	for (int i = 0; i < 2; i++)
		close(fd[i]);
}

static void without_descriptors_it_waits_instead_of_spinning(void **state)
{
	struct lab *lab = *state;
	struct rlimit old, none;
	int64_t cpu;
	int fd, probe;

	listen_at(lab, "127.0.0.1:0");
	fd = dial(net_listener_addr(lab->listener));
	probe = dup(fd); /* the lowest that is free */
	close(probe);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = (struct rlimit){.rlim_cur = (rlim_t)probe,
			       .rlim_max = old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	cpu = clock_cpu_ns();
	run_for(lab, 250);
	cpu = clock_cpu_ns() - cpu;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(lab->accepted, 0);
	assert_true(cpu < 100000000);

	lab->stop_at = 1;
	run_for(lab, 2000);
	assert_int_equal(lab->accepted, 1);
	close(fd);
}

static void a_taken_port_is_named_in_the_error(void **state)
{
	struct lab *lab = *state;
	struct net_listener *second;
	struct weir_error err;
	struct net_addr at;
	char text[NET_ADDR_TEXT_MAX], expected[200];

	listen_at(lab, "127.0.0.1:0");
	at = *net_listener_addr(lab->listener);
	assert_int_equal(net_listener_open(lab->loop, &at, false, on_accept,
					   lab, &second, &err),
			 WEIR_EEXISTS);
	assert_null(second);
	snprintf(expected, sizeof expected,
		 "cannot listen on %s: address already in use",
		 net_addr_format(&at, text));
	assert_string_equal(err.message, expected);
}

static void threads_may_share_a_port(void **state)
{
	struct lab *lab = *state;
	struct net_listener *first, *second;
	struct net_addr at = parse("127.0.0.1:0");

	assert_int_equal(net_listener_open(lab->loop, &at, true, on_accept, lab,
					   &first, NULL),
			 0);
	at = *net_listener_addr(first);
	assert_int_equal(net_listener_open(lab->loop, &at, true, on_accept, lab,
					   &second, NULL),
			 0);
	net_listener_close(first);
	net_listener_close(second);
}

static void a_unix_socket_replaces_a_stale_one_only(void **state)
{
	struct lab *lab = *state;
	struct net_listener *second;
	struct weir_error err;
	struct stat st;
	char dir[] = "/tmp/weir-listener-XXXXXX";
	char path[64], text[80];
	int fd;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/s", dir);
	snprintf(text, sizeof text, "unix:%s", path);

	struct net_addr at = parse(text);

	/* Left behind by a process that is gone. */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, &at.sa, at.len), 0);
	close(fd);

	listen_at(lab, text);
	fd = dial(&at);
	lab->stop_at = 1;
	run_for(lab, 2000);
	assert_int_equal(lab->accepted, 1);
	close(fd);

	/* One that is in use stays. */
	assert_int_equal(net_listener_open(lab->loop, &at, false, on_accept,
					   lab, &second, &err),
			 WEIR_EEXISTS);
	assert_int_equal(stat(path, &st), 0);
	net_listener_close(lab->listener);
	lab->listener = NULL;
	assert_int_equal(stat(path, &st), -1);

	/* And so does any other file. */
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(net_listener_open(lab->loop, &at, false, on_accept,
					   lab, &second, &err),
			 WEIR_EEXISTS);
	assert_int_equal(stat(path, &st), 0);
	close(fd);
	unlink(path);
	rmdir(dir);
}

#define LAB_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(an_accepted_descriptor_is_ready_to_use),
		LAB_TEST(a_bare_port_takes_ipv4_and_ipv6),
		LAB_TEST(more_than_one_turn_can_take_are_all_accepted),
		LAB_TEST(the_callback_may_close_the_listener),
		LAB_TEST(without_descriptors_it_waits_instead_of_spinning),
		LAB_TEST(a_taken_port_is_named_in_the_error),
		LAB_TEST(threads_may_share_a_port),
		LAB_TEST(a_unix_socket_replaces_a_stale_one_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
