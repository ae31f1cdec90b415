/* clock.c - see clock.h. */
#include "base/clock.h"

#include <time.h>

static int64_t read_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t clock_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

int64_t clock_ms(void)
{
	return clock_ns() / 1000000;
}

int64_t clock_wall_ms(void)
{
	return read_ns(CLOCK_REALTIME) / 1000000;
}

int64_t clock_cpu_ns(void)
{
	return read_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static int64_t start_ms;

__attribute__((constructor)) static void note_start(void)
{
	start_ms = clock_ms();
}

int64_t clock_start_ms(void)
{
	return start_ms;
}

static struct tm split(int64_t wall_ms, int *ms_out)
{
	time_t s = (time_t)(wall_ms / 1000);
	int ms = (int)(wall_ms % 1000);
	struct tm tm;

	if (ms < 0) {
		ms += 1000;
		s--;
	}
	gmtime_r(&s, &tm);
	*ms_out = ms;
	return tm;
}

static void put_digits(char *at, int n, int digits)
{
	while (digits--) {
		at[digits] = (char)('0' + n % 10);
		n /= 10;
	}
}

void clock_format_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_LEN + 1])
{
	/* Parts come by the thousand a second: the date part is kept. */
	static _Thread_local int64_t kept_second = INT64_MIN;
	static _Thread_local char kept[CLOCK_RFC3339_LEN + 1] =
		"0000-00-00T00:00:00.000Z";
	int ms = (int)(((wall_ms % 1000) + 1000) % 1000);
	int64_t second = (wall_ms - ms) / 1000;

	if (second != kept_second) {
		struct tm tm = split(wall_ms, &ms);

		put_digits(kept, tm.tm_year + 1900, 4);
		put_digits(kept + 5, tm.tm_mon + 1, 2);
		put_digits(kept + 8, tm.tm_mday, 2);
		put_digits(kept + 11, tm.tm_hour, 2);
		put_digits(kept + 14, tm.tm_min, 2);
		put_digits(kept + 17, tm.tm_sec, 2);
		kept_second = second;
	}
	put_digits(kept + 20, ms, 3);
	__builtin_memcpy(out, kept, CLOCK_RFC3339_LEN + 1);
}

void clock_format_http(int64_t wall_ms, char out[CLOCK_HTTP_LEN + 1])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int ms;
	struct tm tm = split(wall_ms, &ms);

	__builtin_memcpy(out, "Sun, 00 Jan 0000 00:00:00 GMT",
			 CLOCK_HTTP_LEN + 1);
	__builtin_memcpy(out, days + 3 * tm.tm_wday, 3);
	put_digits(out + 5, tm.tm_mday, 2);
	__builtin_memcpy(out + 8, months + 3 * tm.tm_mon, 3);
	put_digits(out + 12, tm.tm_year + 1900, 4);
	put_digits(out + 17, tm.tm_hour, 2);
	put_digits(out + 20, tm.tm_min, 2);
	put_digits(out + 23, tm.tm_sec, 2);
}
