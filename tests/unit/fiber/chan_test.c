/* chan_test.c - the bounded queue between fibers. */
#include "tests/support/fiber_run.h"

#include "base/clock.h"
#include "base/error.h"

static struct fiber *spawn(fiber_fn fn, void *arg)
{
	struct fiber *f = fiber_spawn(fiber_pool_here(), "child", fn, arg);

	assert_non_null(f);
	return f;
}

static int join(struct fiber *f)
{
	int result = -100;

	assert_int_equal(fiber_join(f, &result, CLOCK_NEVER), 0);
	return result;
}

static void *item(intptr_t n)
{
	return (void *)n;
}

#define COUNT 1000

static int send_all(void *arg)
{
	for (intptr_t i = 1; i <= COUNT; i++)
		assert_int_equal(fiber_chan_send(arg, item(i), CLOCK_NEVER), 0);
	fiber_chan_close(arg);
	return 0;
}

static void keeps_order(uint32_t cap)
{
	struct fiber_chan *c = fiber_chan_create(cap);
	struct fiber *f = spawn(send_all, c);
	void *p;

	for (intptr_t i = 1; i <= COUNT; i++) {
		assert_int_equal(fiber_chan_recv(c, &p, CLOCK_NEVER), 0);
		assert_ptr_equal(p, item(i));
	}
	assert_int_equal(fiber_chan_recv(c, &p, CLOCK_NEVER), WEIR_ECLOSED);
	join(f);
	fiber_chan_destroy(c);
}

static void keeps_order_body(void *arg)
{
	keeps_order(1);
	keeps_order(3);
	keeps_order(COUNT * 2);
}

static void what_goes_in_comes_out_in_order(void **state)
{
	fiber_run(keeps_order_body, NULL);
}

static void try_body(void *arg)
{
	struct fiber_chan *c = fiber_chan_create(2);
	void *p;

	assert_int_equal(fiber_chan_try_recv(c, &p), WEIR_EAGAIN);
	assert_int_equal(fiber_chan_try_send(c, item(1)), 0);
	assert_int_equal(fiber_chan_try_send(c, item(2)), 0);
	assert_int_equal(fiber_chan_try_send(c, item(3)), WEIR_EAGAIN);
	assert_int_equal(fiber_chan_try_recv(c, &p), 0);
	assert_ptr_equal(p, item(1));
	fiber_chan_close(c);
	assert_int_equal(fiber_chan_try_send(c, item(3)), WEIR_ECLOSED);
	assert_int_equal(fiber_chan_try_recv(c, &p), 0);
	assert_ptr_equal(p, item(2));
	assert_int_equal(fiber_chan_try_recv(c, &p), WEIR_ECLOSED);
	fiber_chan_destroy(c);
}

static void try_never_blocks_and_close_keeps_what_is_in(void **state)
{
	fiber_run(try_body, NULL);
}

static void deadline_body(void *arg)
{
	struct fiber_chan *c = fiber_chan_create(1);
	int64_t at = loop_now_ms(fiber_loop()) + 5;
	void *p;

	assert_int_equal(fiber_chan_recv(c, &p, at), WEIR_ETIMEDOUT);
	assert_int_equal(fiber_chan_try_send(c, item(1)), 0);
	at = loop_now_ms(fiber_loop()) + 5;
	assert_int_equal(fiber_chan_send(c, item(2), at), WEIR_ETIMEDOUT);
	assert_int_equal(fiber_chan_try_recv(c, &p), 0);
	assert_int_equal(fiber_chan_try_recv(c, &p), WEIR_EAGAIN);
	fiber_chan_destroy(c);
}

static void both_sides_give_up_at_their_deadline(void **state)
{
	fiber_run(deadline_body, NULL);
}

static int recv_one(void *arg)
{
	void *p = NULL;
	int rc = fiber_chan_recv(arg, &p, CLOCK_NEVER);

	return rc < 0 ? rc : (int)(intptr_t)p;
}

static int send_one(void *arg)
{
	return fiber_chan_send(arg, item(8), CLOCK_NEVER);
}

static void close_body(void *arg)
{
	struct fiber_chan *empty = fiber_chan_create(1);
	struct fiber_chan *full = fiber_chan_create(1);
	struct fiber *f[4];

	assert_int_equal(fiber_chan_try_send(full, item(1)), 0);
	f[0] = spawn(recv_one, empty);
	f[1] = spawn(recv_one, empty);
	f[2] = spawn(send_one, full);
	f[3] = spawn(send_one, full);
	fiber_yield();
	fiber_chan_close(empty);
	fiber_chan_close(full);
	for (int i = 0; i < 4; i++)
		assert_int_equal(join(f[i]), WEIR_ECLOSED);
	fiber_chan_destroy(empty);
	fiber_chan_destroy(full);
}

static void close_wakes_all_who_wait(void **state)
{
	fiber_run(close_body, NULL);
}

/* The first receiver is chosen for the item, but is cancelled before it runs:
 * the second has to get it. */
static void handover_body(void *arg)
{
	struct fiber_chan *c = fiber_chan_create(1);
	struct fiber *first = spawn(recv_one, c);
	struct fiber *second = spawn(recv_one, c);

	fiber_yield();
	assert_int_equal(fiber_chan_try_send(c, item(5)), 0);
	fiber_cancel(first);
	assert_int_equal(join(first), WEIR_ECANCELED);
	assert_int_equal(join(second), 5);

	/* The same for room that comes free. */
	assert_int_equal(fiber_chan_try_send(c, item(5)), 0);
	first = spawn(send_one, c);
	second = spawn(send_one, c);
	fiber_yield();

	void *p;

	assert_int_equal(fiber_chan_try_recv(c, &p), 0);
	fiber_cancel(first);
	assert_int_equal(join(first), WEIR_ECANCELED);
	assert_int_equal(join(second), 0);
	assert_int_equal(fiber_chan_try_recv(c, &p), 0);
	assert_ptr_equal(p, item(8));
	fiber_chan_destroy(c);
}

static void a_cancelled_fiber_passes_its_wake_on(void **state)
{
	fiber_run(handover_body, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out_in_order),
		cmocka_unit_test(try_never_blocks_and_close_keeps_what_is_in),
		cmocka_unit_test(both_sides_give_up_at_their_deadline),
		cmocka_unit_test(close_wakes_all_who_wait),
		cmocka_unit_test(a_cancelled_fiber_passes_its_wake_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
