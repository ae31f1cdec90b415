/* flow.c - what a value function costs: natively, and in libjq.
 *
 * One line a program: nanoseconds for each call on one item.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "flow/program.h"
#include "json/parse.h"

#include <stdio.h>

static const struct rx_vars vars = {.acc = {.tag = VALUE_INT, .i = 7},
				    .index = 3};

static double measure(struct rx_fn *fn, struct value item)
{
	struct weir_error err;
	int64_t began = clock_cpu_ns();
	int64_t spent;
	uint64_t n = 0;

	do {
		for (int i = 0; i < 1000; i++) {
			struct value out;

			if (rx_fn_call(fn, item, &vars, &out, &err) == 0)
				value_unref(out);
		}
		n += 1000;
		spent = clock_cpu_ns() - began;
	} while (spent < 200000000);
	return (double)spent / (double)n;
}

int main(void)
{
	static const char *const programs[] = {
		".a",
		".a.b",
		".n > 3",
		".n % 2 == 0",
		"$acc + .n",
		"$acc > 3",
		"$acc + 1",
		".s == \"y\" and .n < 9",
		"{id, f: (.c * 1.8 + 32)}",
		"[.n, .s]",
		".n + \"x\"",
		".n | floor",
	};
	struct weir_error err;
	struct value item;

	hash_init();
	json_parse(STR("{\"id\":\"j4\",\"n\":5,\"s\":\"y\",\"c\":21.5,"
		       "\"a\":{\"b\":[1,2]}}"),
		   &item, &err);
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		struct program *p;
		struct rx_fn *fn;
		int64_t began = clock_ns();
		int64_t compiled;

		if (program_compile(str_of(programs[i]), VAR_ACC, &p, &err) <
		    0) {
			fprintf(stderr, "%s: %s\n", programs[i], err.message);
			return 1;
		}
		compiled = clock_ns() - began;
		fn = program_fn(p, NULL);
		printf("%-28s %-6s %8.1f ns/call   compiled in %7.3f ms\n",
		       programs[i], program_is_native(p) ? "native" : "libjq",
		       measure(fn, item), (double)compiled / 1e6);
		rx_fn_unref(fn);
		program_unref(p);
	}
	value_unref(item);
	return 0;
}
