/* lab_probe.c - a stage that passes everything on and minds the contract. */
#include "lab.h"

#include "rx/op.h"

/* Halted by the end of the stream as well as by a cancel. */
static struct rx_sub *live(struct rx_observer *up, const char *what)
{
	struct rx_sub *s = rx_sub_of(up);

	if (s->halted)
		fail_msg("%s after the end or the cancel", what);
	return s;
}

static void on_next(struct rx_observer *up, struct value v)
{
	rx_next(live(up, "an item")->down, v);
}

static void on_error(struct rx_observer *up, const struct weir_error *err)
{
	rx_finish_error(live(up, "an error"), err);
}

static void on_done(struct rx_observer *up)
{
	rx_finish_done(live(up, "the end"));
}

static const struct rx_source_ops ops = {
	.name = "probe",
	.source_bytes = sizeof(struct rx_source),
	.sub_bytes = sizeof(struct rx_sub),
	.in = {on_next, on_error, on_done},
};

struct rx_source *lab_probe(struct rx_source *src)
{
	return rx_source_new(&ops, NULL, src);
}
