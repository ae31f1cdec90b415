/* sched.c - one heap of timers on loop time or on virtual time.
 *
 *     loop        one loop_timer rings for the first of the heap
 *     virtual     rx_sched_advance walks the heap and sets the clock to each
 *                 deadline in turn
 *
 * On the loop, a turn runs only the timers that were there when it began: one
 * that starts itself anew for "now" waits for the next turn, so it cannot
 * starve the descriptors. On virtual time there is nobody to starve.
 *
 * What was deferred runs from the loop's deferred task, where nobody is inside
 * an operator; on virtual time between two timers.
 */
#include "rx/sched.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/util.h"
#include "rx/cause.h"

struct rx_sched {
	struct loop *loop; /* NULL: virtual time */
	struct heap timers;
	struct rx_later *later;	     /* the first of those deferred, or NULL */
	struct rx_later **later_end; /* where the next one is noted */
	int64_t now_ms;		     /* virtual time */
	bool running; /* inside run_due: it arms the alarm itself */
	struct loop_timer alarm;
	struct loop_task reaper;
};

static struct rx_sched *sched_create(struct loop *l)
{
	struct rx_sched *s = mem_zalloc(sizeof *s);

	s->loop = l;
	s->later_end = &s->later;
	return s;
}

struct rx_sched *rx_sched_create_loop(struct loop *l)
{
	return sched_create(l);
}

struct rx_sched *rx_sched_create_virtual(void)
{
	return sched_create(NULL);
}

/* Freeing one may defer another: goes on until none is left. */
static void run_later(struct rx_sched *s)
{
	while (s->later) {
		struct rx_later *l = s->later;

		s->later = l->next;
		if (!s->later)
			s->later_end = &s->later;
		l->fn(l);
	}
}

void rx_sched_destroy(struct rx_sched *s)
{
	if (!s)
		return;
	run_later(s);
	if (s->loop) {
		loop_timer_stop(s->loop, &s->alarm);
		loop_defer_cancel(&s->reaper);
	}
	heap_fini(&s->timers);
	mem_free(s);
}

int64_t rx_sched_now_ms(const struct rx_sched *s)
{
	return s->loop ? loop_now_ms(s->loop) : s->now_ms;
}

int64_t rx_sched_stamp_ms(const struct rx_sched *s)
{
	return s->loop ? clock_wall_ms() : s->now_ms;
}

/* Takes the first timer out and runs it. */
static void run_first(struct rx_sched *s)
{
	struct heap_link *link = heap_first(&s->timers)->link;
	struct rx_timer *t = CONTAINER_OF(link, struct rx_timer, link);
	struct rx_cause *old = rx_cause_enter(NULL);

	heap_remove(&s->timers, link);
	t->fn(t);
	rx_cause_leave(old);
}

static void on_alarm(struct loop_timer *alarm);

static void arm(struct rx_sched *s)
{
	const struct heap_entry *first = heap_first(&s->timers);

	if (first)
		loop_timer_start(s->loop, &s->alarm, first->key, on_alarm);
	else
		loop_timer_stop(s->loop, &s->alarm);
}

static void on_alarm(struct loop_timer *alarm)
{
	struct rx_sched *s = CONTAINER_OF(alarm, struct rx_sched, alarm);
	uint64_t started_before = s->timers.next_seq;
	int64_t now_ms = loop_now_ms(s->loop);

	s->running = true;
	for (;;) {
		const struct heap_entry *first = heap_first(&s->timers);

		if (!first || first->key > now_ms ||
		    first->seq >= started_before)
			break;
		run_first(s);
	}
	s->running = false;
	arm(s);
}

void rx_timer_start(struct rx_sched *s, struct rx_timer *t, int64_t deadline_ms,
		    rx_timer_fn fn)
{
	heap_remove(&s->timers, &t->link);
	if (deadline_ms == CLOCK_NEVER)
		return;
	t->fn = fn;
	heap_push(&s->timers, &t->link, deadline_ms);
	if (s->loop && !s->running && heap_first(&s->timers)->link == &t->link)
		arm(s);
}

void rx_timer_stop(struct rx_sched *s, struct rx_timer *t)
{
	/* An alarm that now rings for nobody finds nothing due. */
	heap_remove(&s->timers, &t->link);
}

bool rx_sched_advance_some(struct rx_sched *s, int64_t until_ms,
			   uint64_t max_timers)
{
	const struct heap_entry *first;
	uint64_t left = max_timers;

	run_later(s);
	while ((first = heap_first(&s->timers)) && first->key <= until_ms) {
		if (first->key > s->now_ms) {
			s->now_ms = first->key;
			left = max_timers;
		}
		if (!left--)
			return false;
		run_first(s);
		run_later(s);
	}
	s->now_ms = MAX(s->now_ms, until_ms);
	return true;
}

void rx_sched_advance(struct rx_sched *s, int64_t until_ms)
{
	rx_sched_advance_some(s, until_ms, UINT64_MAX);
}

int64_t rx_sched_next_ms(const struct rx_sched *s)
{
	const struct heap_entry *first = heap_first(&s->timers);

	return first ? first->key : CLOCK_NEVER;
}

static void on_turn_end(struct loop_task *t)
{
	run_later(CONTAINER_OF(t, struct rx_sched, reaper));
}

void rx_sched_later(struct rx_sched *s, struct rx_later *l)
{
	l->next = NULL;
	*s->later_end = l;
	s->later_end = &l->next;
	if (s->loop) {
		s->reaper.fn = on_turn_end;
		loop_defer(s->loop, &s->reaper);
	}
}
