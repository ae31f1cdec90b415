/* signal_test.c - Unix signals as calls on the loop. */
#include "lab.h"

#include "base/error.h"

#include <signal.h>
#include <unistd.h>

static void on_signal(void *arg, int signum)
{
	struct lab *lab = arg;

	lab_note(lab, signum == SIGUSR1 ? '1' : '2');
	loop_stop(lab->loop);
}

static void a_signal_is_a_call_with_its_number(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(loop_signal(lab->loop, SIGUSR1, on_signal, lab), 0);
	assert_int_equal(loop_signal(lab->loop, SIGUSR2, on_signal, lab), 0);
	kill(getpid(), SIGUSR1);
	lab_run(lab);
	lab_expect(lab, "1");
	kill(getpid(), SIGUSR2);
	lab_run(lab);
	lab_expect(lab, "2");
}

static void on_other(void *arg, int signum)
{
	struct lab *lab = arg;

	lab_note(lab, 'o');
	loop_stop(lab->loop);
}

static void the_last_function_for_a_signal_is_called(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(loop_signal(lab->loop, SIGUSR1, on_signal, lab), 0);
	assert_int_equal(loop_signal(lab->loop, SIGUSR1, on_other, lab), 0);
	kill(getpid(), SIGUSR1);
	lab_run(lab);
	lab_expect(lab, "o");
}

static void a_signal_without_function_is_the_systems_again(void **state)
{
	struct lab *lab = *state;

	signal(SIGUSR1, SIG_IGN); /* else it ended the program below */
	assert_int_equal(loop_signal(lab->loop, SIGUSR1, on_signal, lab), 0);
	assert_int_equal(loop_signal(lab->loop, SIGUSR1, NULL, NULL), 0);
	assert_int_equal(loop_signal(lab->loop, SIGUSR2, on_signal, lab), 0);
	signal(SIGUSR1, SIG_IGN);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR2);
	lab_run(lab);
	lab_expect(lab, "2");
}

static void the_ninth_signal_is_refused_until_one_is_given_back(void **state)
{
	struct lab *lab = *state;
	int first = SIGRTMIN;

	for (int i = 0; i < 8; i++)
		assert_int_equal(
			loop_signal(lab->loop, first + i, on_signal, lab), 0);
	assert_int_equal(loop_signal(lab->loop, SIGUSR1, on_signal, lab),
			 WEIR_EBUSY);
	assert_int_equal(loop_signal(lab->loop, first, NULL, NULL), 0);
	assert_int_equal(loop_signal(lab->loop, SIGUSR1, on_signal, lab), 0);
	kill(getpid(), SIGUSR1);
	lab_run(lab);
	lab_expect(lab, "1");
}

static void a_number_that_is_no_signal_is_refused(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(loop_signal(lab->loop, 1000, on_signal, lab),
			 WEIR_EIO);
	assert_int_equal(loop_signal(lab->loop, SIGUSR1, on_signal, lab), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(a_signal_is_a_call_with_its_number),
		LAB_TEST(the_last_function_for_a_signal_is_called),
		LAB_TEST(a_signal_without_function_is_the_systems_again),
		LAB_TEST(the_ninth_signal_is_refused_until_one_is_given_back),
		LAB_TEST(a_number_that_is_no_signal_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
