/* capture.h - reads back what a test makes the program print.
 *
 * Through a pipe, so no more than the pipe holds may be printed meanwhile.
 */
#ifndef WEIR_TESTS_CAPTURE_H
#define WEIR_TESTS_CAPTURE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

struct capture {
	int fd; /* what is captured */
	int saved;
	int pipe[2];
};

static inline void capture_begin(struct capture *c, int fd)
{
	fflush(NULL);
	c->fd = fd;
	assert_int_equal(pipe(c->pipe), 0);
	fcntl(c->pipe[0], F_SETFL, O_NONBLOCK);
	c->saved = dup(fd);
	dup2(c->pipe[1], fd);
}

/* What has been written, NUL-terminated, into out. */
static inline size_t capture_end(struct capture *c, char *out, size_t cap)
{
	ssize_t n = read(c->pipe[0], out, cap - 1);

	dup2(c->saved, c->fd);
	close(c->saved);
	close(c->pipe[0]);
	close(c->pipe[1]);
	if (n < 0)
		n = 0;
	out[n] = '\0';
	return (size_t)n;
}

#endif
