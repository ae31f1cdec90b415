/* run_signal.c - see run_signal.h. */
#include "cli/run_signal.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* What a handler can reach is global. */
static volatile sig_atomic_t first_signum;
static int wake_fds[2] = {-1, -1};
static struct loop_poll *wake;
static void (*on_first)(void *arg);
static void *on_first_arg;

static const int signals[] = {SIGINT, SIGTERM};

static void set_all(void (*handler)(int signum))
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct sigaction now;

		sigaction(signals[i], NULL, &now);
		if (now.sa_handler != SIG_IGN)
			signal(signals[i], handler);
	}
}

static void on_signal(int signum)
{
	int sys_errno = errno;

	first_signum = signum;
	set_all(SIG_DFL);
	/* An empty pipe takes one byte. */
	if (write(wake_fds[1], "", 1) < 0)
		_exit(128 + signum);
	errno = sys_errno;
}

static void on_wake(void *arg, int events, int error)
{
	loop_poll_set(wake, 0);
	on_first(on_first_arg);
}

int interrupt_open(struct loop *l, void (*fn)(void *arg), void *arg)
{
	first_signum = 0;
	if (pipe2(wake_fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_from_errno(errno);
	wake = loop_poll_open(l, wake_fds[0], on_wake, NULL);
	if (!wake) {
		interrupt_close();
		return WEIR_EIO;
	}
	on_first = fn;
	on_first_arg = arg;
	loop_poll_set(wake, LOOP_READABLE);
	set_all(on_signal);
	return 0;
}

void interrupt_close(void)
{
	if (!first_signum)
		set_all(SIG_DFL);
	loop_poll_close(wake);
	wake = NULL;
	for (int i = 0; i < 2; i++) {
		if (wake_fds[i] >= 0)
			close(wake_fds[i]);
		wake_fds[i] = -1;
	}
}

int interrupt_signum(void)
{
	return first_signum;
}
