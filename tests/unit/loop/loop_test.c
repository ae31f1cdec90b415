/* loop_test.c - timers, deferred tasks, posts: what runs when. */
#include "lab.h"

#include <pthread.h>
#include <unistd.h>

/* A timer or task that notes its name, and then does something. */
struct actor {
	struct lab *lab;
	struct loop_timer timer;
	struct loop_task task;
	struct actor *other;
	int64_t at_ms;
	int left;
	int seen;
	char name;
};

static struct actor actor(struct lab *lab, char name)
{
	return (struct actor){.lab = lab, .name = name};
}

static void on_timer(struct loop_timer *t)
{
	struct actor *a = CONTAINER_OF(t, struct actor, timer);

	assert_false(loop_timer_active(t));
	a->at_ms = clock_ms();
	lab_note(a->lab, a->name);
}

static void on_last_timer(struct loop_timer *t)
{
	on_timer(t);
	loop_stop(CONTAINER_OF(t, struct actor, timer)->lab->loop);
}

static void after(struct actor *a, int64_t ms, loop_timer_fn fn)
{
	loop_timer_start(a->lab->loop, &a->timer,
			 loop_now_ms(a->lab->loop) + ms, fn);
}

/* --- timers ------------------------------------------------------------ */

static void timers_fire_by_deadline_and_then_by_age(void **state)
{
	struct lab *lab = *state;
	struct actor a[] = {actor(lab, 'a'), actor(lab, 'b'), actor(lab, 'c'),
			    actor(lab, 'd'), actor(lab, '.')};

	after(&a[0], 20, on_timer);
	after(&a[1], 10, on_timer);
	after(&a[2], 20, on_timer);
	after(&a[3], -5, on_timer);
	after(&a[4], 30, on_last_timer);
	lab_run(lab);
	lab_expect(lab, "dbac.");
}

static void a_timer_is_never_early_and_hardly_late(void **state)
{
	struct lab *lab = *state;
	struct actor a = actor(lab, 'a');
	int64_t began = clock_ms();

	loop_update(lab->loop);
	after(&a, 50, on_last_timer);
	lab_run(lab);
	assert_in_range(a.at_ms - began, 49, 500);
}

static void a_timer_started_anew_fires_once_at_its_new_time(void **state)
{
	struct lab *lab = *state;
	struct actor a = actor(lab, 'a');
	struct actor b = actor(lab, 'b');
	struct actor end = actor(lab, '.');

	after(&a, 10, on_timer);
	after(&a, 30, on_timer);
	after(&b, 40, on_timer);
	after(&b, 20, on_timer); /* earlier than before */
	after(&end, 60, on_last_timer);
	lab_run(lab);
	lab_expect(lab, "ba.");
}

static void a_stopped_timer_is_silent(void **state)
{
	struct lab *lab = *state;
	struct actor a = actor(lab, 'a');
	struct actor b = actor(lab, 'b');
	struct actor end = actor(lab, '.');

	after(&a, 5, on_timer);
	after(&b, 5, on_timer);
	loop_timer_stop(lab->loop, &a.timer);
	loop_timer_stop(lab->loop, &a.timer); /* does nothing */
	loop_timer_start(lab->loop, &b.timer, CLOCK_NEVER, on_timer);
	assert_false(loop_timer_active(&a.timer));
	assert_false(loop_timer_active(&b.timer));
	after(&end, 20, on_last_timer);
	lab_run(lab);
	lab_expect(lab, ".");
}

static void stop_the_other(struct loop_timer *t)
{
	struct actor *a = CONTAINER_OF(t, struct actor, timer);

	on_timer(t);
	loop_timer_stop(a->lab->loop, &a->other->timer);
}

static void a_timer_may_stop_another_that_is_due(void **state)
{
	struct lab *lab = *state;
	struct actor a = actor(lab, 'a');
	struct actor b = actor(lab, 'b');
	struct actor end = actor(lab, '.');

	a.other = &b;
	after(&a, 5, stop_the_other);
	after(&b, 5, on_timer);
	after(&end, 5, on_last_timer);
	lab_run(lab);
	lab_expect(lab, "a.");
}

static void at_once_again(struct loop_timer *t)
{
	struct actor *a = CONTAINER_OF(t, struct actor, timer);

	a->left++;
	after(a, 0, at_once_again);
}

static void on_byte(void *arg, int events, int error)
{
	struct actor *a = arg;

	lab_note(a->lab, a->name);
	loop_stop(a->lab->loop);
}

static void a_timer_of_0_ms_does_not_starve_the_others(void **state)
{
	struct lab *lab = *state;
	struct actor busy = actor(lab, 'b');
	struct actor reader = actor(lab, 'r');
	int fd[2];

	assert_int_equal(pipe(fd), 0);

	struct loop_poll *p =
		loop_poll_open(lab->loop, fd[0], on_byte, &reader);

	loop_poll_set(p, LOOP_READABLE);
	assert_int_equal(write(fd[1], "x", 1), 1);
	after(&busy, 0, at_once_again);
	lab_run(lab);
	assert_in_range(busy.left, 0, 10);
	loop_timer_stop(lab->loop, &busy.timer);
	loop_poll_close(p);
	close(fd[0]);
	close(fd[1]);
}

/* --- deferred tasks ------------------------------------------------------ */

static void on_task(struct loop_task *t)
{
	struct actor *a = CONTAINER_OF(t, struct actor, task);

	lab_note(a->lab, a->name);
	if (a->left-- > 0)
		loop_defer(a->lab->loop, t);
	else if (a->other)
		loop_defer(a->lab->loop, &a->other->task);
}

static void on_last_task(struct loop_task *t)
{
	on_task(t);
	loop_stop(CONTAINER_OF(t, struct actor, task)->lab->loop);
}

static void tasks_run_once_in_order_before_the_loop_sleeps(void **state)
{
	struct lab *lab = *state;
	struct actor a = actor(lab, 'a');
	struct actor b = actor(lab, 'b');
	struct actor end = actor(lab, '.');

	a.task.fn = b.task.fn = on_task;
	loop_defer(lab->loop, &b.task);
	loop_defer(lab->loop, &a.task);
	loop_defer(lab->loop, &b.task); /* is queued already, stays first */
	after(&end, 10, on_last_timer);
	lab_run(lab);
	lab_expect(lab, "ba.");
}

static void a_task_may_defer_itself_and_others(void **state)
{
	struct lab *lab = *state;
	struct actor a = actor(lab, 'a');
	struct actor b = actor(lab, 'b');

	a.task.fn = on_task;
	a.left = 2;
	a.other = &b;
	b.task.fn = on_last_task;
	loop_defer(lab->loop, &a.task);
	lab_run(lab);
	lab_expect(lab, "aaab");
}

static void a_cancelled_task_does_not_run(void **state)
{
	struct lab *lab = *state;
	struct actor a = actor(lab, 'a');
	struct actor b = actor(lab, 'b');

	a.task.fn = on_task;
	b.task.fn = on_last_task;
	loop_defer(lab->loop, &a.task);
	loop_defer(lab->loop, &b.task);
	loop_defer_cancel(&a.task);
	loop_defer_cancel(&a.task);
	lab_run(lab);
	lab_expect(lab, "b");
	/* It can be deferred again. */
	loop_defer(lab->loop, &a.task);
	loop_defer(lab->loop, &b.task);
	lab_run(lab);
	lab_expect(lab, "ab");
}

static void for_ever(struct loop_task *t)
{
	loop_defer(CONTAINER_OF(t, struct actor, task)->lab->loop, t);
}

static void a_task_that_defers_itself_for_ever_starves_no_timer(void **state)
{
	struct lab *lab = *state;
	struct actor busy = actor(lab, 'b');
	struct actor end = actor(lab, '.');

	busy.task.fn = for_ever;
	loop_defer(lab->loop, &busy.task);
	after(&end, 10, on_last_timer);
	lab_run(lab);
	lab_expect(lab, ".");
	loop_defer_cancel(&busy.task);
}

/* --- posts -----------------------------------------------------------------
 */

enum { POSTS = 1000, THREADS = 4 };

struct poster {
	struct lab *lab;
	pthread_t thread;
	int next; /* number of the next post that is to arrive */
	int *running;
};

struct letter {
	struct poster *from;
	int nr;
};

static void on_letter(void *arg)
{
	struct letter *l = arg;

	assert_int_equal(l->nr, l->from->next);
	if (++l->from->next == POSTS && --*l->from->running == 0)
		loop_stop(l->from->lab->loop);
	mem_free(l);
}

static void *post_all(void *arg)
{
	struct poster *p = arg;

	for (int i = 0; i < POSTS; i++) {
		struct letter *l = mem_alloc(sizeof *l);

		*l = (struct letter){.from = p, .nr = i};
		loop_post(p->lab->loop, on_letter, l);
	}
	return NULL;
}

static void posts_of_threads_arrive_all_and_in_order(void **state)
{
	struct lab *lab = *state;
	struct poster posters[THREADS];
	int running = THREADS;

	for (int i = 0; i < THREADS; i++) {
		posters[i] = (struct poster){.lab = lab, .running = &running};
		pthread_create(&posters[i].thread, NULL, post_all, &posters[i]);
	}
	lab_run(lab);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(posters[i].thread, NULL);
		assert_int_equal(posters[i].next, POSTS);
	}
}

static void note_arg(void *arg)
{
	struct actor *a = arg;

	lab_note(a->lab, a->name);
	if (a->other)
		loop_post(a->lab->loop, note_arg, a->other);
	else
		loop_stop(a->lab->loop);
}

static void a_posted_call_may_post_another(void **state)
{
	struct lab *lab = *state;
	struct actor a = actor(lab, 'a');
	struct actor b = actor(lab, 'b');

	a.other = &b;
	loop_post(lab->loop, note_arg, &a);
	lab_run(lab);
	lab_expect(lab, "ab");
}

static void on_slow_post(void *arg)
{
	struct actor *a = arg;

	usleep(200);
	a->left--;
}

static void on_look(struct loop_timer *t)
{
	struct actor *a = CONTAINER_OF(t, struct actor, timer);

	a->seen = a->left;
	on_last_timer(t);
}

/* Two hundred of a fifth of a millisecond would keep it for 40 ms. */
static void many_posts_keep_the_loop_from_nothing(void **state)
{
	struct lab *lab = *state;
	struct actor a = actor(lab, 'a');

	a.left = 200;
	for (int i = a.left; i > 0; i--)
		loop_post(lab->loop, on_slow_post, &a);
	after(&a, 5, on_look);
	lab_run(lab);
	lab_expect(lab, "a");
	assert_in_range(a.seen, 1, 190);
	assert_int_equal(a.left, 0); /* none is lost by the stop */
}

static void what_was_posted_too_late_is_only_forgotten(void **state)
{
	struct lab *lab = *state;
	struct actor a = actor(lab, 'a');

	loop_post(lab->loop, note_arg, &a);
	/* lab_close destroys the loop: no leak, no call. */
}

static void a_stopped_loop_can_be_run_again(void **state)
{
	struct lab *lab = *state;

	for (int i = 0; i < 3; i++) {
		struct actor end = actor(lab, '.');

		after(&end, 1, on_last_timer);
		lab_run(lab);
	}
	lab_expect(lab, "...");
	loop_stop(lab->loop); /* before it runs: it ends at once */
	lab_run(lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(timers_fire_by_deadline_and_then_by_age),
		LAB_TEST(a_timer_is_never_early_and_hardly_late),
		LAB_TEST(a_timer_started_anew_fires_once_at_its_new_time),
		LAB_TEST(a_stopped_timer_is_silent),
		LAB_TEST(a_timer_may_stop_another_that_is_due),
		LAB_TEST(a_timer_of_0_ms_does_not_starve_the_others),
		LAB_TEST(tasks_run_once_in_order_before_the_loop_sleeps),
		LAB_TEST(a_task_may_defer_itself_and_others),
		LAB_TEST(a_cancelled_task_does_not_run),
		LAB_TEST(a_task_that_defers_itself_for_ever_starves_no_timer),
		LAB_TEST(posts_of_threads_arrive_all_and_in_order),
		LAB_TEST(a_posted_call_may_post_another),
		LAB_TEST(many_posts_keep_the_loop_from_nothing),
		LAB_TEST(what_was_posted_too_late_is_only_forgotten),
		LAB_TEST(a_stopped_loop_can_be_run_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
