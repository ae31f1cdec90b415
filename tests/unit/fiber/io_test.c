/* io_test.c - fibers that wait for descriptors. */
#include "tests/support/fiber_run.h"

#include "base/clock.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct pair {
	int fd[2];
	struct fiber_io *io[2];
};

static void pair_open(struct pair *p)
{
	assert_int_equal(socketpair(AF_UNIX,
				    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
				    0, p->fd),
			 0);
	for (int i = 0; i < 2; i++) {
		p->io[i] = fiber_io_open(p->fd[i]);
		assert_non_null(p->io[i]);
	}
}

static void pair_close(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		fiber_io_close(p->io[i]);
		close(p->fd[i]);
	}
}

#define BYTES (4 * 1024 * 1024)

static int write_all(void *arg)
{
	struct pair *p = arg;
	static char chunk[8192];
	size_t done = 0;

	while (done < BYTES) {
		ssize_t n = write(p->fd[1], chunk, sizeof chunk);

		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		assert_int_equal(errno, EAGAIN);
		assert_int_equal(fiber_wait_writable(p->io[1], CLOCK_NEVER), 0);
	}
	shutdown(p->fd[1], SHUT_WR);
	return 0;
}

static void copy_body(void *arg)
{
	struct pair p;
	static char chunk[5000];
	size_t done = 0;

	pair_open(&p);

	struct fiber *f =
		fiber_spawn(fiber_pool_here(), "writer", write_all, &p);

	for (;;) {
		ssize_t n = read(p.fd[0], chunk, sizeof chunk);

		if (n == 0)
			break;
		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		assert_int_equal(errno, EAGAIN);
		assert_int_equal(fiber_wait_readable(p.io[0], CLOCK_NEVER), 0);
	}
	assert_int_equal(done, BYTES);
	assert_int_equal(fiber_join(f, NULL, CLOCK_NEVER), 0);
	pair_close(&p);
}

static void reader_and_writer_wait_for_each_other(void **state)
{
	fiber_run(copy_body, NULL);
}

static void deadline_body(void *arg)
{
	struct pair p;
	int64_t at = loop_now_ms(fiber_loop()) + 5;
	char c;

	pair_open(&p);
	assert_int_equal(fiber_wait_readable(p.io[0], at), WEIR_ETIMEDOUT);
	/* What comes while nobody waits is seen by the next wait. */
	assert_int_equal(write(p.fd[1], "abc", 3), 3);
	assert_int_equal(fiber_sleep(5), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(fiber_wait_readable(p.io[0], CLOCK_NEVER), 0);
		assert_int_equal(read(p.fd[0], &c, 1), 1);
	}
	at = loop_now_ms(fiber_loop()) + 5;
	assert_int_equal(fiber_wait_readable(p.io[0], at), WEIR_ETIMEDOUT);
	pair_close(&p);
}

static void a_wait_ends_at_its_deadline(void **state)
{
	fiber_run(deadline_body, NULL);
}

static int wait_readable(void *arg)
{
	return fiber_wait_readable(arg, CLOCK_NEVER);
}

static void end_body(void *arg)
{
	struct pair p;
	int result;

	pair_open(&p);

	struct fiber *f = fiber_spawn(fiber_pool_here(), "reader",
				      wait_readable, p.io[0]);

	fiber_yield();
	fiber_cancel(f);
	assert_int_equal(fiber_join(f, &result, CLOCK_NEVER), 0);
	assert_int_equal(result, WEIR_ECANCELED);

	f = fiber_spawn(fiber_pool_here(), "reader", wait_readable, p.io[0]);
	fiber_yield();
	fiber_io_close(p.io[0]);
	p.io[0] = NULL;
	assert_int_equal(fiber_join(f, &result, CLOCK_NEVER), 0);
	assert_int_equal(result, WEIR_ECLOSED);

	/* Its deadline comes first, but the descriptor is closed before it
	 * runs. */
	f = fiber_spawn(fiber_pool_here(), "reader", wait_readable, p.io[1]);
	fiber_yield();
	fiber_cancel(f);
	fiber_io_close(p.io[1]);
	p.io[1] = NULL;
	assert_int_equal(fiber_join(f, &result, CLOCK_NEVER), 0);
	assert_int_equal(result, WEIR_ECANCELED);
	pair_close(&p);
}

static void cancel_and_close_end_the_wait(void **state)
{
	fiber_run(end_body, NULL);
}

static void hangup_body(void *arg)
{
	struct pair p;
	char c;

	pair_open(&p);
	/* Unread bytes make the close a reset, which poll reports as error. */
	assert_int_equal(write(p.fd[0], "x", 1), 1);
	fiber_io_close(p.io[1]);
	close(p.fd[1]);
	p.io[1] = NULL;
	assert_int_equal(fiber_wait_readable(p.io[0], CLOCK_NEVER), 0);
	assert_true(read(p.fd[0], &c, 1) < 0);
	assert_int_equal(errno, ECONNRESET);
	assert_int_equal(fiber_wait_readable(p.io[0], CLOCK_NEVER), 0);
	assert_int_equal(read(p.fd[0], &c, 1), 0);
	fiber_io_close(p.io[0]);
	close(p.fd[0]);
}

static void a_reset_is_told_by_the_next_read(void **state)
{
	fiber_run(hangup_body, NULL);
}

static void unwatchable_body(void *arg)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_null(fiber_io_open(fd));
	close(fd);
	assert_null(fiber_io_open(fd));
}

static void a_descriptor_that_cannot_be_watched_is_refused(void **state)
{
	fiber_run(unwatchable_body, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reader_and_writer_wait_for_each_other),
		cmocka_unit_test(a_wait_ends_at_its_deadline),
		cmocka_unit_test(cancel_and_close_end_the_wait),
		cmocka_unit_test(a_reset_is_told_by_the_next_read),
		cmocka_unit_test(
			a_descriptor_that_cannot_be_watched_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
