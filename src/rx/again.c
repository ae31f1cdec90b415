/* again.c - going on later, and going round without recursion.
 *
 * rounds: the end of a stream begins the next one. A stream that ends within
 * its own subscription would so recurse, as often as it is repeated; instead
 * the frame that subscribed it goes round:
 *
 *     go --- round --- subscribe ... done --- go     (inside: notes "again")
 *      ^                                       |
 *      '------ again? <------------------------'
 */
#include "rx/op.h"

#include "base/clock.h"

static void pause_over(struct rx_timer *t)
{
	struct rx_pause *p = CONTAINER_OF(t, struct rx_pause, timer);
	struct rx_cause *cause = p->cause;
	struct rx_cause *old = rx_cause_enter(cause);

	p->cause = NULL;
	p->go_on(p->owner);
	rx_cause_leave(old);
	rx_cause_unref(cause);
}

void rx_pause_until(struct rx_pause *p, struct rx_sub *s, int64_t deadline_ms,
		    void (*go_on)(struct rx_sub *s))
{
	struct rx_cause *old = p->cause;

	p->owner = s;
	p->go_on = go_on;
	p->cause = rx_cause_ref(rx_cause_now);
	rx_cause_unref(old);
	rx_timer_start(rx_sched_of(s), &p->timer, deadline_ms, pause_over);
}

void rx_pause_begin(struct rx_pause *p, struct rx_sub *s,
		    void (*go_on)(struct rx_sub *s))
{
	p->until_released = s->on_hold;
	rx_pause_until(p, s, s->on_hold ? CLOCK_NEVER : rx_now_ms(s), go_on);
}

void rx_pause_held(struct rx_pause *p)
{
	if (!p->until_released || p->owner->on_hold)
		return;
	p->until_released = false;
	rx_timer_start(rx_sched_of(p->owner), &p->timer, rx_now_ms(p->owner),
		       pause_over);
}

void rx_pause_stop(struct rx_pause *p)
{
	if (!p->owner)
		return;
	rx_timer_stop(rx_sched_of(p->owner), &p->timer);
	rx_cause_unref(p->cause);
	p->cause = NULL;
}

int64_t rx_deadline_ms(const struct rx_sub *s, int64_t ms)
{
	int64_t now_ms = rx_now_ms(s);

	return ms >= CLOCK_NEVER - now_ms ? CLOCK_NEVER : now_ms + MAX(ms, 0);
}

void rx_rounds_go(struct rx_rounds *r, struct rx_sub *s,
		  void (*round)(struct rx_sub *s),
		  void (*again)(struct rx_sub *s))
{
	r->again = true;
	if (r->inside)
		return;
	r->inside = true;
	for (uint32_t rounds = 0; r->again && !s->halted; rounds++) {
		r->again = false;
		if (rounds == RX_SLICE)
			rx_pause_until(&r->pause, s, rx_now_ms(s), again);
		else
			round(s);
	}
	r->inside = false;
}

void rx_rounds_stop(struct rx_rounds *r)
{
	rx_pause_stop(&r->pause);
}
