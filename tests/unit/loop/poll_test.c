/* poll_test.c - descriptors that become readable, writable, or hang up. */
#include "lab.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct end {
	struct lab *lab;
	struct loop_poll *poll;
	int fd;
	int peer;
	int calls;
	int want; /* stops the loop after that many calls, notes no more */
};

static void note_events(void *arg, int events, int error)
{
	struct end *e = arg;

	assert_int_equal(error, 0);
	if (e->want && e->calls >= e->want)
		return; /* the loop stops with its next turn */
	if (events & LOOP_READABLE)
		lab_note(e->lab, 'r');
	if (events & LOOP_WRITABLE)
		lab_note(e->lab, 'w');
	if (events & LOOP_HANGUP)
		lab_note(e->lab, 'h');
	if (++e->calls == e->want)
		loop_stop(e->lab->loop);
}

static void end_open(struct end *e, struct lab *lab, loop_poll_fn fn)
{
	int fd[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	*e = (struct end){.lab = lab, .fd = fd[0], .peer = fd[1], .want = 1};
	e->poll = loop_poll_open(lab->loop, e->fd, fn, e);
	assert_non_null(e->poll);
}

static void end_close(struct end *e)
{
	loop_poll_close(e->poll);
	close(e->fd);
	if (e->peer >= 0)
		close(e->peer);
}

static void stop_soon(struct loop_timer *t)
{
	struct lab *lab = CONTAINER_OF(t, struct lab, limit);

	loop_stop(lab->loop);
}

/* Runs for a moment, to see that nothing happens. */
static void run_for_a_moment(struct lab *lab)
{
	loop_update(lab->loop);
	loop_timer_start(lab->loop, &lab->limit, loop_now_ms(lab->loop) + 20,
			 stop_soon);
	loop_run(lab->loop);
}

static void an_event_comes_as_long_as_it_is_true(void **state)
{
	struct end e;

	end_open(&e, *state, note_events);
	e.want = 3;
	loop_poll_set(e.poll, LOOP_READABLE);
	run_for_a_moment(*state);
	lab_expect(*state, "");
	assert_int_equal(write(e.peer, "x", 1), 1);
	lab_run(*state);
	lab_expect(*state, "rrr"); /* nobody has read it */
	end_close(&e);
}

static void only_what_was_asked_for_is_told(void **state)
{
	struct end e;

	end_open(&e, *state, note_events);
	assert_int_equal(write(e.peer, "x", 1), 1);
	loop_poll_set(e.poll, LOOP_WRITABLE);
	lab_run(*state);
	lab_expect(*state, "w");
	e.want = 2;
	loop_poll_set(e.poll, LOOP_READABLE | LOOP_WRITABLE);
	lab_run(*state);
	lab_expect(*state, "rw");
	end_close(&e);
}

static void a_paused_descriptor_is_silent(void **state)
{
	struct end e;

	end_open(&e, *state, note_events);
	assert_int_equal(write(e.peer, "x", 1), 1);
	loop_poll_set(e.poll, LOOP_READABLE);
	loop_poll_set(e.poll, 0);
	run_for_a_moment(*state);
	lab_expect(*state, "");
	loop_poll_set(e.poll, LOOP_READABLE);
	lab_run(*state);
	lab_expect(*state, "r");
	end_close(&e);
}

static void a_peer_that_went_away_is_a_hangup(void **state)
{
	struct end e;

	end_open(&e, *state, note_events);
	loop_poll_set(e.poll, LOOP_HANGUP);
	close(e.peer);
	e.peer = -1;
	lab_run(*state);
	lab_expect(*state, "h");
	end_close(&e);
}

static void close_inside(void *arg, int events, int error)
{
	struct end *e = arg;

	note_events(arg, events, error);
	loop_poll_close(e->poll);
	close(e->fd);
	e->poll = NULL;
}

static void closing_inside_its_call_is_the_last_of_it(void **state)
{
	struct end e;

	end_open(&e, *state, close_inside);
	e.want = 0;
	assert_int_equal(write(e.peer, "x", 1), 1);
	loop_poll_set(e.poll, LOOP_READABLE);
	run_for_a_moment(*state);
	lab_expect(*state, "r");
	close(e.peer);
}

static void one_end_may_close_another_that_is_ready_too(void **state)
{
	struct lab *lab = *state;
	struct end ends[2];

	/* Both are readable in one turn; whichever comes first stops the
	 * loop's interest in the other. */
	for (int i = 0; i < 2; i++) {
		end_open(&ends[i], lab, note_events);
		assert_int_equal(write(ends[i].peer, "x", 1), 1);
		loop_poll_set(ends[i].poll, LOOP_READABLE);
	}
	loop_poll_close(ends[1].poll);
	ends[1].poll = NULL;
	lab_run(lab);
	lab_expect(lab, "r");
	end_close(&ends[0]);
	end_close(&ends[1]);
}

struct pair {
	struct end ends[2];
};

static void close_both(void *arg, int events, int error)
{
	struct pair *pair = arg;

	lab_note(pair->ends[0].lab, 'x');
	for (int i = 0; i < 2; i++) {
		loop_poll_close(pair->ends[i].poll);
		pair->ends[i].poll = NULL;
	}
}

static void what_is_closed_by_a_call_is_not_in_the_rest_of_the_turn(
	void **state)
{
	struct lab *lab = *state;
	struct pair pair;

	for (int i = 0; i < 2; i++) {
		struct end *e = &pair.ends[i];

		end_open(e, lab, note_events);
		loop_poll_close(e->poll);
		e->poll = loop_poll_open(lab->loop, e->fd, close_both, &pair);
		loop_poll_set(e->poll, LOOP_READABLE);
		assert_int_equal(write(e->peer, "x", 1), 1);
	}
	run_for_a_moment(lab);
	lab_expect(lab, "x");
	end_close(&pair.ends[0]);
	end_close(&pair.ends[1]);
}

static void pause_both(void *arg, int events, int error)
{
	struct pair *pair = arg;

	lab_note(pair->ends[0].lab, 'p');
	for (int i = 0; i < 2; i++)
		loop_poll_set(pair->ends[i].poll, 0);
}

static void what_is_paused_by_a_call_is_not_in_the_rest_of_the_turn(
	void **state)
{
	struct lab *lab = *state;
	struct pair pair;

	for (int i = 0; i < 2; i++) {
		struct end *e = &pair.ends[i];

		end_open(e, lab, note_events);
		loop_poll_close(e->poll);
		e->poll = loop_poll_open(lab->loop, e->fd, pause_both, &pair);
		loop_poll_set(e->poll, LOOP_READABLE);
		assert_int_equal(write(e->peer, "x", 1), 1);
	}
	run_for_a_moment(lab);
	lab_expect(lab, "p");
	end_close(&pair.ends[0]);
	end_close(&pair.ends[1]);
}

static void a_hangup_during_a_pause_is_told_behind_it(void **state)
{
	struct end e;

	end_open(&e, *state, note_events);
	loop_poll_set(e.poll, LOOP_READABLE | LOOP_HANGUP);
	loop_poll_set(e.poll, 0);
	close(e.peer);
	e.peer = -1;
	run_for_a_moment(*state);
	lab_expect(*state, "");
	loop_poll_set(e.poll, LOOP_HANGUP);
	lab_run(*state);
	lab_expect(*state, "h");
	end_close(&e);
}

static void note_error(void *arg, int events, int error)
{
	struct end *e = arg;

	assert_true(error < 0);
	assert_int_equal(events, 0);
	lab_note(e->lab, 'e');
}

static void an_error_is_told_once_and_pauses(void **state)
{
	struct lab *lab = *state;
	struct end e = {.lab = lab};
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	e.poll = loop_poll_open(lab->loop, fd[1], note_error, &e);
	loop_poll_set(e.poll, LOOP_READABLE);
	close(fd[0]); /* nobody reads the pipe */
	run_for_a_moment(lab);
	lab_expect(lab, "e");
	loop_poll_set(e.poll, LOOP_READABLE);
	run_for_a_moment(lab);
	lab_expect(lab, "e");
	loop_poll_close(e.poll);
	close(fd[1]);
}

static void a_regular_file_cannot_be_watched(void **state)
{
	struct lab *lab = *state;
	int fd = open("/proc/self/exe", O_RDONLY);

	assert_true(fd >= 0);
	assert_null(loop_poll_open(lab->loop, fd, note_events, NULL));
	assert_null(loop_poll_open(lab->loop, -1, note_events, NULL));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(an_event_comes_as_long_as_it_is_true),
		LAB_TEST(only_what_was_asked_for_is_told),
		LAB_TEST(a_paused_descriptor_is_silent),
		LAB_TEST(a_peer_that_went_away_is_a_hangup),
		LAB_TEST(closing_inside_its_call_is_the_last_of_it),
		LAB_TEST(one_end_may_close_another_that_is_ready_too),
		LAB_TEST(
			what_is_closed_by_a_call_is_not_in_the_rest_of_the_turn),
		LAB_TEST(
			what_is_paused_by_a_call_is_not_in_the_rest_of_the_turn),
		LAB_TEST(a_hangup_during_a_pause_is_told_behind_it),
		LAB_TEST(an_error_is_told_once_and_pauses),
		LAB_TEST(a_regular_file_cannot_be_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
