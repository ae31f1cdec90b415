/* meter_test.c */
#include "rx/meter.h"

#include "support/lab.h"

static struct rx_meter meter;

static void counts_what_comes_out(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-2-3-|");

	rx_meter_init(&meter);
	in = rx_meter(rx_filter(in, lab_above(1)), &meter);
	lab_expect(lab, in, "---2-3-|");
	assert_int_equal(meter.out, 2);
	assert_int_equal(meter.subscribed, 1);
	assert_int_equal(meter.errors + meter.item_errors + meter.dropped, 0);
	assert_int_equal(rx_meter_live(&meter), 0);
}

static void counts_items_that_fail(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-x-3-|");

	rx_meter_init(&meter);
	lab_skip_errors(lab);
	in = rx_meter(rx_map(in, lab_times_ten()), &meter);
	lab_expect_events(lab, in, "10:10 30:!bad 50:30 70:|", 100);
	assert_int_equal(meter.item_errors, 1);
	assert_int_equal(meter.out, 2);
}

static void counts_a_stream_that_fails(void **state)
{
	struct lab *lab = *state;

	rx_meter_init(&meter);
	lab_expect(lab, rx_meter(lab_hot(lab, "-1-#"), &meter), "-1-#");
	assert_int_equal(meter.errors, 1);
}

static void counts_items_without_room(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "(123)------|");

	rx_meter_init(&meter);
	lab_skip_errors(lab);
	in = rx_meter(rx_delay(in, 20, 2), &meter);
	lab_expect_events(lab, in,
			  "0:!delay holds 2 items, its max_buffer "
			  "20:1 20:2 130:|",
			  300);
	assert_int_equal(meter.dropped, 1);
	assert_int_equal(meter.item_errors, 0);
}

/* slice is made of several sources; a stage before it has its own meter. */
static void belongs_to_one_stage(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in = lab_hot(lab, "-1-x-3-|");
	struct rx_meter after;

	rx_meter_init(&meter);
	rx_meter_init(&after);
	lab_skip_errors(lab);
	in = rx_meter(rx_map(in, lab_times_ten()), &meter);
	in = rx_meter(rx_skip(rx_take(in, 3), 1), &after);
	lab_expect_events(lab, in, "30:!bad 50:30 70:|", 100);
	assert_int_equal(meter.item_errors, 1);
	assert_int_equal(after.item_errors, 0);
	assert_int_equal(meter.out, 2);
	assert_int_equal(after.out, 1);
}

static uint64_t most;

static void look(struct lab *lab, struct value v)
{
	most = rx_meter_held(&meter);
}

static void tells_what_a_stage_holds_now(void **state)
{
	struct lab *lab = *state;
	struct rx_source *in[] = {lab_hot(lab, "-1-2-3-|"),
				  lab_hot(lab, "------a-|")};

	rx_meter_init(&meter);
	lab_on_next(lab, look);
	lab_expect_events(lab, rx_meter(rx_zip(lab_ctx(lab), in, 2, 0), &meter),
			  "60:[1,a] 80:|", 200);
	assert_int_equal(most, 2);
	assert_int_equal(rx_meter_held(&meter), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(counts_what_comes_out),
		lab_test(counts_items_that_fail),
		lab_test(counts_a_stream_that_fails),
		lab_test(counts_items_without_room),
		lab_test(belongs_to_one_stage),
		lab_test(tells_what_a_stage_holds_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
