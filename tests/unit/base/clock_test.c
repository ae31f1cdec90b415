/* clock_test.c - how the time runs, and how it is written. */
#include "base/clock.h"

#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static void known_moments_are_written_as_the_rfcs_have_them(void **state)
{
	static const struct {
		int64_t ms;
		const char *rfc3339;
		const char *http;
	} rows[] = {
		{0, "1970-01-01T00:00:00.000Z",
		 "Thu, 01 Jan 1970 00:00:00 GMT"},
		/* The example of RFC 9110, section 5.6.7. */
		{784111777000, "1994-11-06T08:49:37.000Z",
		 "Sun, 06 Nov 1994 08:49:37 GMT"},
		{951782400007, "2000-02-29T00:00:00.007Z",
		 "Tue, 29 Feb 2000 00:00:00 GMT"},
		{1795478399999, "2026-11-23T23:59:59.999Z",
		 "Mon, 23 Nov 2026 23:59:59 GMT"},
		{-1, "1969-12-31T23:59:59.999Z",
		 "Wed, 31 Dec 1969 23:59:59 GMT"},
		{-1000, "1969-12-31T23:59:59.000Z",
		 "Wed, 31 Dec 1969 23:59:59 GMT"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char a[CLOCK_RFC3339_LEN + 1];
		char b[CLOCK_HTTP_LEN + 1];

		clock_format_rfc3339(rows[i].ms, a);
		clock_format_http(rows[i].ms, b);
		assert_string_equal(a, rows[i].rfc3339);
		assert_string_equal(b, rows[i].http);
	}
}

/* What is kept of the last second must never show in another. */
static void any_order_of_moments_is_written_right(void **state)
{
	int64_t ms = 1795478399000;

	srand(5);
	for (int i = 0; i < 20000; i++) {
		char got[CLOCK_RFC3339_LEN + 1];
		char want[64];
		time_t s;
		struct tm tm;

		ms += rand() % 3000 - 1500;
		if (i % 100 == 0)
			ms = (int64_t)rand() * 1000 + rand() % 1000;
		s = (time_t)(ms / 1000);
		gmtime_r(&s, &tm);
		strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(want + strlen(want), 8, ".%03dZ", (int)(ms % 1000));
		clock_format_rfc3339(ms, got);
		assert_string_equal(got, want);
	}
}

static void monotonic_time_goes_on(void **state)
{
	int64_t before = clock_ns();
	struct timespec nap = {.tv_nsec = 5000000};

	nanosleep(&nap, NULL);
	assert_true(clock_ns() - before >= 5000000);
	assert_true(clock_ms() >= clock_start_ms());
	assert_true(clock_ms() - clock_start_ms() < 600000);
}

static void sleeping_costs_no_cpu_time(void **state)
{
	int64_t before = clock_cpu_ns();
	struct timespec nap = {.tv_nsec = 50000000};

	nanosleep(&nap, NULL);
	assert_true(clock_cpu_ns() - before < 40000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			known_moments_are_written_as_the_rfcs_have_them),
		cmocka_unit_test(any_order_of_moments_is_written_right),
		cmocka_unit_test(monotonic_time_goes_on),
		cmocka_unit_test(sleeping_costs_no_cpu_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
