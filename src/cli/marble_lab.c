/* marble_lab.c - see marble_lab.h. */
#include "cli/marble_lab.h"

#include "base/mem.h"

#define TIMERS_MAX 20000 /* that ring at one time: an endless pipeline */

static struct rx_source *find_stream(void *arg, struct str name)
{
	return marble_lab_stream(arg, name);
}

void marble_lab_init(struct marble_lab *lab, struct rx_observer *watcher)
{
	*lab = (struct marble_lab){.watcher = watcher};
	lab->ctx.sched = rx_sched_create_virtual();
	lab->env = (struct flow_env){.ctx = &lab->ctx,
				     .stream = find_stream,
				     .arg = lab};
}

uint64_t marble_lab_fini(struct marble_lab *lab)
{
	for (uint32_t i = 0; i < lab->n_inputs; i++) {
		struct marble_input *in = &lab->inputs[i];

		rx_sub_cancel(in->feed);
		if (in->subject)
			rx_subject_destroy(in->subject);
		rx_source_unref(in->events);
	}
	mem_free(lab->inputs);
	rx_sched_destroy(lab->ctx.sched);
	return lab->ctx.live;
}

void marble_lab_input(struct marble_lab *lab, struct str name, bool hot,
		      const struct rx_event *events, uint32_t n)
{
	uint32_t unseen = 0;
	struct marble_input *in;

	lab->inputs = mem_realloc(lab->inputs,
				  (lab->n_inputs + 1) * sizeof *lab->inputs);
	in = &lab->inputs[lab->n_inputs++];
	*in = (struct marble_input){.name = name, .hot = hot};
	while (hot && unseen < n && events[unseen].at_ms < 0)
		value_unref(events[unseen++].v);
	in->events = rx_from_events(&lab->ctx, events + unseen, n - unseen);
	if (hot)
		in->subject = rx_subject_create(&lab->ctx);
}

struct rx_source *marble_lab_stream(struct marble_lab *lab, struct str name)
{
	for (uint32_t i = 0; i < lab->n_inputs; i++) {
		struct marble_input *in = &lab->inputs[i];

		if (!str_eq(in->name, name))
			continue;
		return in->subject ? rx_subject_source(in->subject)
				   : rx_source_ref(in->events);
	}
	return NULL;
}

void marble_lab_stop(struct marble_lab *lab)
{
	struct rx_sub *sub = lab->sub;

	lab->sub = NULL;
	rx_sub_cancel(sub);
}

int marble_lab_run(struct marble_lab *lab, struct flow *flow,
		   struct rx_source *main, int64_t end_ms,
		   struct weir_error *err)
{
	struct rx_source *src;
	int rc = flow_build(flow, &lab->env, main, &src, err);

	if (rc < 0)
		return rc;
	rx_subscribe(src, lab->watcher, &lab->sub);
	rx_source_unref(src);
	for (uint32_t i = 0; i < lab->n_inputs; i++)
		if (lab->inputs[i].hot)
			rx_subscribe(lab->inputs[i].events,
				     rx_subject_observer(
					     lab->inputs[i].subject),
				     &lab->inputs[i].feed);
	if (!rx_sched_advance_some(lab->ctx.sched, end_ms, TIMERS_MAX))
		rc = error_set(err, WEIR_EINVAL,
			       "there is no end to what happens at %lld ms",
			       (long long)rx_sched_now_ms(lab->ctx.sched));
	marble_lab_stop(lab);
	return rc;
}
