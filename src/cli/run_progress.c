/* run_progress.c - see run_progress.h. */
#include "cli/run_progress.h"

#include "base/buf.h"
#include "base/clock.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TO_START_AND_ERASE "\r\033[K"

/* A line that wraps could not be taken back. */
static size_t columns(void)
{
	struct winsize w;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col < 2)
		return 79;
	return w.ws_col - 1u;
}

static void draw(struct progress *p)
{
	const struct run_counts *c = p->counts;
	int64_t now_ms = clock_ms();
	int64_t since_ms = now_ms - p->drawn_ms;
	uint64_t per_s = (c->lines - p->drawn_lines) * 1000 /
			 (uint64_t)(since_ms > 0 ? since_ms : 1);
	struct buf line = {0};

	buf_printf(&line, "%.1f s  %llu lines  %llu/s  %llu out",
		   (double)(now_ms - p->started_ms) / 1000,
		   (unsigned long long)c->lines, (unsigned long long)per_s,
		   (unsigned long long)c->items_out);
	if (c->skipped)
		buf_printf(&line, "  %llu skipped",
			   (unsigned long long)c->skipped);
	if (c->held_bytes)
		buf_printf(&line, "  %zu bytes held", c->held_bytes);
	fprintf(stderr, TO_START_AND_ERASE "%.*s",
		(int)MIN(buf_len(&line), columns()), buf_bytes(&line));
	buf_fini(&line);
	p->shown = true;
	p->drawn_ms = now_ms;
	p->drawn_lines = c->lines;
}

static void on_tick(struct loop_timer *t)
{
	struct progress *p = CONTAINER_OF(t, struct progress, tick);

	draw(p);
	loop_timer_start(p->loop, t, loop_now_ms(p->loop) + PROGRESS_MS,
			 on_tick);
}

void progress_start(struct progress *p, struct loop *l,
		    const struct run_counts *counts)
{
	if (!isatty(STDERR_FILENO))
		return;
	p->counts = counts;
	p->loop = l;
	p->started_ms = p->drawn_ms = clock_ms();
	loop_timer_start(l, &p->tick, loop_now_ms(l) + PROGRESS_MS, on_tick);
}

void progress_look(struct progress *p)
{
	if (p->counts && clock_ms() - p->drawn_ms >= PROGRESS_MS)
		draw(p);
}

void progress_hide(struct progress *p)
{
	if (p->shown)
		fprintf(stderr, TO_START_AND_ERASE);
	p->shown = false;
}

void progress_stop(struct progress *p)
{
	if (!p->counts)
		return;
	loop_timer_stop(p->loop, &p->tick);
	draw(p);
	fputc('\n', stderr);
	p->counts = NULL;
	p->shown = false;
}
