/* timestamp.c - each item with its time, or the time since the one before.
 *
 *     source           -a--b-|
 *     timestamp        {"value":"a","timestamp":10} ...
 *     time_interval    {"value":"a","interval":10}, {"value":"b","interval":30}
 *
 * A time stamp is ms since 1970 in a server, virtual time in a test.
 */
#include "rx/op.h"

struct stamp {
	struct rx_sub sub;
	int64_t last_ms; /* time_interval */
};

static void emit(struct rx_sub *s, struct value v, const char *name, int64_t ms)
{
	struct value pairs[] = {value_cstr("value"), value_ref(v),
				value_cstr(name), value_int(ms)};
	struct value stamped = value_object(pairs, 2);

	rx_next(s->down, stamped);
	value_unref(stamped);
}

static void timestamp_next(struct rx_observer *o, struct value v)
{
	struct rx_sub *s = rx_sub_of(o);

	emit(s, v, "timestamp", rx_sched_stamp_ms(rx_sched_of(s)));
}

static void interval_start(struct rx_sub *s)
{
	CONTAINER_OF(s, struct stamp, sub)->last_ms = rx_now_ms(s);
	rx_subscribe_in(s);
}

static void interval_next(struct rx_observer *o, struct value v)
{
	struct stamp *t = CONTAINER_OF(o, struct stamp, sub.up);
	int64_t last_ms = t->last_ms;

	t->last_ms = rx_now_ms(&t->sub);
	emit(&t->sub, v, "interval", t->last_ms - last_ms);
}

static const struct rx_source_ops timestamp_ops = {
	.name = "timestamp",
	.source_bytes = sizeof(struct rx_source),
	.sub_bytes = sizeof(struct rx_sub),
	.in = {timestamp_next, rx_pass_error, rx_pass_done},
};

static const struct rx_source_ops interval_ops = {
	.name = "time_interval",
	.source_bytes = sizeof(struct rx_source),
	.sub_bytes = sizeof(struct stamp),
	.in = {interval_next, rx_pass_error, rx_pass_done},
	.start = interval_start,
};

struct rx_source *rx_timestamp(struct rx_source *in)
{
	return rx_source_new(&timestamp_ops, NULL, in);
}

struct rx_source *rx_time_interval(struct rx_source *in)
{
	return rx_source_new(&interval_ops, NULL, in);
}
