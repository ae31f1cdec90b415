/* log.c - see log.h. Each line is put together in one buffer and leaves with
 * one write, so that lines of threads do not mix. */
#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

bool trace_on;
_Thread_local uint32_t trace_fiber;
_Thread_local uint32_t trace_who;

static bool coloured;

static void write_line(int fd, const char *line, size_t len)
{
	/* A full or closed log is no reason to stop serving. */
	if (write(fd, line, len) < 0)
		return;
}

static size_t clip(int n, size_t at, size_t cap)
{
	if (n < 0)
		return at;
	return MIN(at + (size_t)n, cap - 1);
}

/* Messages quote what peers sent: no control character of theirs may begin a
 * line or speak to the terminal. kept is the one that may stand. */
static void defuse(char *from, const char *end, char kept)
{
	for (; from < end; from++)
		if (((unsigned char)*from < ' ' && *from != kept) ||
		    *from == 0x7F)
			*from = '?';
}

static void log_line(const char *level, const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES];
	size_t at = clip(snprintf(line, sizeof line, "weir: %s", level), 0,
			 sizeof line - 1);

	at = clip(vsnprintf(line + at, sizeof line - 1 - at, fmt, ap), at,
		  sizeof line - 1);
	defuse(line, line + at, '\n'); /* the report of a file has lines */
	line[at++] = '\n';
	write_line(STDERR_FILENO, line, at);
}

void log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line("error: ", fmt, ap);
	va_end(ap);
}

void log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line("warning: ", fmt, ap);
	va_end(ap);
}

void log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line("", fmt, ap);
	va_end(ap);
}

void trace_start(enum trace_colour colour)
{
	coloured = colour == TRACE_COLOUR_ALWAYS ||
		   (colour == TRACE_AUTO && isatty(STDOUT_FILENO));
	trace_on = true;
}

void trace_print(const char *fmt, ...)
{
	/* Cyan, yellow, green, magenta, blue, red: one after the other by
	 * client; the server itself is plain. */
	static const char colours[] = {36, 33, 32, 35, 34, 31};
	char line[LINE_MAX_BYTES];
	size_t cap = sizeof line - 8; /* room for the reset and newline */
	char fiber[12];
	char who[12];
	va_list ap;

	if (trace_fiber)
		snprintf(fiber, sizeof fiber, "%u", trace_fiber);
	else
		snprintf(fiber, sizeof fiber, "M");
	if (trace_who)
		snprintf(who, sizeof who, "%u", trace_who);
	else
		snprintf(who, sizeof who, "[S]");

	long long ms = clock_ms() - clock_start_ms();
	int n;

	if (!coloured)
		n = snprintf(line, cap, "%6lld %-4s %3s ", ms, fiber, who);
	else if (trace_who)
		n = snprintf(line, cap,
			     "\033[90m%6lld\033[0m %-4s \033[%dm%3s ", ms,
			     fiber, colours[(trace_who - 1) % sizeof colours],
			     who);
	else
		n = snprintf(line, cap, "\033[90m%6lld\033[0m %-4s \033[0m%3s ",
			     ms, fiber, who);

	size_t at = clip(n, 0, cap);
	size_t message = at;

	va_start(ap, fmt);
	at = clip(vsnprintf(line + at, cap - at, fmt, ap), at, cap);
	va_end(ap);
	defuse(line + message, line + at, '\0');
	at += (size_t)snprintf(line + at, 8, "%s\n", coloured ? "\033[0m" : "");
	write_line(STDOUT_FILENO, line, at);
}
