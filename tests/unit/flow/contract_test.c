/* contract_test.c - every row of the table keeps the contract of ReactiveX.
 *
 *     row --- its example, or its lines in contract_samples.h ---> pipelines
 *     pipeline x inputs x what the subscriber does   ---> runs in the lab
 *
 * No outcome is compared here; that is done beside each operator and by the
 * conformance vectors. Looked for, after each run: an item or an end after the
 * end or the cancel; a subscription, timer or cause that is left; a byte that
 * is; what a hold makes stand still, or lose; and whatever the sanitizers see.
 *
 * The runs differ in
 *     inputs      hot, cold, or all at once within subscribe; that end, fail,
 *                 do neither, or are empty
 *     subscriber  cancels at a moment, inside its k-th next, or never; pushes
 *                 into the input inside next; subscribes twice; holds inside
 *                 its k-th next and lets go later
 *     faults      each value function fails, always or for some items; each
 *                 block is one that fails, ends early, never ends ...
 *     around it   it stands in a block, and before what subscribes it again
 * and in what becomes of item errors.
 *
 * An operator with neither an example nor a sample fails: so none is forgotten.
 */
#include "flow/flow.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/util.h"
#include "flow/ast.h"
#include "flow/program.h"
#include "flow/table.h"
#include "support/lab.h"
#include "unit/flow/contract_samples.h"

#include <stdio.h>
#include <string.h>

/* --- one run -------------------------------------------------------------
 */

enum kind { HOT, COLD, AT_ONCE };
enum times { ONCE, PROBED, SIDE_BY_SIDE, IN_TURN };

#define FOREVER_MS  400
#define ITEMS_MAX   200 /* then cancelled: it may be endless */
#define STREAMS_MAX 4
#define ENDLESS_MAX 16 /* then a row has no more inputs AT_ONCE */

struct run {
	const char *text;
	enum kind kind;
	const char *main;
	const char *others[STREAMS_MAX]; /* @b, @c ... in order of mention */
	int64_t until_ms;
	uint32_t cancel_after;
	uint32_t pushes;   /* inside next, one each */
	uint32_t hold_at;  /* held inside the next of this item, from 1 */
	int64_t hold_ms;   /* then released */
	bool others_first; /* then these are into @b, not into the main input */
	enum times times;
	bool skip_errors;
	bool json; /* diagrams are those of an example */
	const char *fault;
};

static struct run now; /* what fails, when something does */
static bool running;
static uint32_t endless; /* runs of this row that never got past a moment */

static struct {
	struct flow *flow;
	struct rx_source *streams[STREAMS_MAX]; /* ours */
	struct lab *lab;
	uint32_t pushes;
} world;

static struct rx_source *find_stream(void *arg, struct str name)
{
	for (uint32_t i = 0; i < world.flow->n_streams; i++)
		if (str_eq(world.flow->streams[i].name, name))
			return rx_source_ref(world.streams[i]);
	return NULL;
}

/* A job gives itself 10 ms later, twice. */
static struct rx_source *run_jobs(void *arg, struct rx_ctx *ctx,
				  struct value jobs)
{
	struct value parts[2] = {value_ref(jobs), value_ref(jobs)};

	return rx_delay(rx_of(ctx, parts, 2), 10, 0);
}

/* The items of a diagram within subscribe, then its end, if it has one. */
static struct rx_source *at_once(struct rx_ctx *ctx, const char *diagram)
{
	char last = diagram[strlen(diagram) - 1];
	struct value items[16];
	struct rx_source *in[2];
	uint32_t n = 0;

	for (const char *p = diagram; *p && n < ARRAY_LEN(items); p++)
		if (*p >= '0' && *p <= '9')
			items[n++] = value_int(*p - '0');
		else if (*p >= 'a' && *p <= 'z')
			items[n++] = value_string(str_from(p, 1));
	in[0] = rx_of(ctx, items, n);
	in[1] = last == '#'   ? rx_throw(ctx, STR("error"))
		: last == '-' ? rx_never(ctx)
			      : rx_empty(ctx);
	return rx_concat(ctx, in, 2);
}

static struct rx_source *input(const char *diagram)
{
	switch (now.kind) {
	case HOT:
		return lab_hot(world.lab, diagram);
	case COLD:
		return lab_cold(world.lab, diagram);
	default:
		return at_once(lab_ctx(world.lab), diagram);
	}
}

static void open_streams(void)
{
	for (uint32_t i = 0; i < world.flow->n_streams; i++)
		world.streams[i] = input(now.others[i] ? now.others[i] : "|");
}

static struct rx_source *subscribed(struct rx_source *src)
{
	struct rx_ctx *ctx = lab_ctx(world.lab);
	struct rx_source *both[2];

	if (now.times == ONCE)
		return src;
	both[0] = lab_probe(src);
	if (now.times == PROBED)
		return both[0];
	both[1] = lab_probe(rx_source_ref(src));
	return now.times == IN_TURN ? rx_on_error_resume_next(ctx, both, 2)
				    : rx_merge(ctx, both, 2);
}

/* Is there an input that an item can be pushed into? */
static bool can_push(struct flow *f)
{
	return now.kind == HOT && (flow_head(f) != FLOW_HEAD_CREATE ||
				   (now.others_first && f->n_streams));
}

static void push(struct lab *lab, struct value v)
{
	if (!world.pushes)
		return;
	world.pushes--;
	lab_push(lab, value_int(2));
}

static struct rx_source *build(const struct flow_env *env)
{
	bool creates = flow_head(world.flow) == FLOW_HEAD_CREATE;
	struct rx_source *main = NULL;
	struct rx_source *src;
	struct weir_error err;

	assert_true(world.flow->n_streams <= STREAMS_MAX);
	if (now.others_first)
		open_streams();
	if (!creates)
		main = input(now.main);
	if (!now.others_first)
		open_streams();
	if (flow_build(world.flow, env, main, &src, &err) < 0)
		fail_msg("%s", err.message);
	for (uint32_t i = 0; i < world.flow->n_streams; i++)
		rx_source_unref(world.streams[i]);
	return src;
}

static struct lab_outcome run_in_lab(struct flow *f)
{
	struct flow_env env = {.stream = find_stream, .run = run_jobs};
	struct lab_outcome outcome;
	void *state;

	lab_setup(&state);
	world.lab = state;
	world.flow = f;
	world.pushes = can_push(f) ? now.pushes : 0;
	env.ctx = lab_ctx(world.lab);
	if (now.json)
		lab_json(world.lab);
	if (now.skip_errors)
		lab_skip_errors(world.lab);
	lab_cancel_after(world.lab,
			 now.cancel_after ? now.cancel_after : ITEMS_MAX);
	lab_hold_at(world.lab, now.hold_at, now.hold_ms);
	lab_on_next(world.lab, push);
	outcome = lab_run(world.lab, subscribed(build(&env)), now.until_ms);
	lab_teardown(&state);
	return outcome;
}

#if WEIR_ASAN
size_t __sanitizer_get_current_allocated_bytes(void);

static size_t bytes_alive(void)
{
	return __sanitizer_get_current_allocated_bytes();
}
#else
static size_t bytes_alive(void)
{
	return 0; /* nobody counts */
}
#endif

static struct lab_outcome run(struct flow *f, struct run r)
{
	size_t before = bytes_alive();
	struct lab_outcome outcome;

	now = r;
	running = true;
	rx_cause_now = NULL; /* a test before may have failed inside */
	outcome = run_in_lab(f);
	/* libjq keeps what it has once allocated: a leak shows each time. */
	if (bytes_alive() != before) {
		before = bytes_alive();
		run_in_lab(f);
		assert_int_equal(bytes_alive(), before);
	}
	running = false;
	return outcome;
}

static int tell_what_failed(void **state)
{
	static const char *const kinds[] = {"hot", "cold", "at once"};
	static const char *const times[] = {"once", "probed", "side by side",
					    "in turn"};

	if (!running)
		return 0;
	running = false;
	print_message("  %s\n    %s inputs: %s @b %s @c %s, %s, until %lld ms, "
		      "cancel after %u, %u pushes%s, hold at %u for %lld ms, "
		      "%s%s%s\n",
		      now.text, kinds[now.kind], now.main,
		      now.others[0] ? now.others[0] : "",
		      now.others[1] ? now.others[1] : "", times[now.times],
		      (long long)now.until_ms, now.cancel_after, now.pushes,
		      now.others_first ? " into @b" : "", now.hold_at,
		      (long long)now.hold_ms,
		      now.skip_errors ? "errors skipped" : "errors end it",
		      now.fault ? ", fault: " : "", now.fault ? now.fault : "");
	return 0;
}

/* --- what the subscriber does --------------------------------------------
 */

static bool drops_when_held(const struct pipeline *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		for (size_t k = 0; k < ARRAY_LEN(drop_when_held); k++)
			if (strcmp(p->stages[i].op->name, drop_when_held[k]) ==
			    0)
				return true;
		if (p->stages[i].block && drops_when_held(p->stages[i].block))
			return true;
	}
	return false;
}

/* At each moment at which something happens; between them all is as it was,
 * and after the end, too. */
static void cancel_in_time(struct flow *f, struct run r)
{
	struct lab_outcome was;

	r.until_ms = 0;
	do {
		r.times = r.times == PROBED ? ONCE : PROBED;
		was = run(f, r);
		r.until_ms = was.next_ms;
	} while (was.arrived && !was.end && r.until_ms <= 120);
}

/* plain: the same without what these do. */
static void cancel_inside_next(struct flow *f, struct run r,
			       const struct lab_outcome *plain)
{
	for (r.cancel_after = 1; r.cancel_after <= MIN(plain->items, 5);
	     r.cancel_after++) {
		r.pushes = r.cancel_after / 2;
		r.times = r.cancel_after % 2 ? PROBED : ONCE;
		run(f, r);
	}
}

static void push_inside_next(struct flow *f, struct run r)
{
	for (r.pushes = 1; r.pushes <= 4; r.pushes += 3)
		for (int first = 0; first <= (f->n_streams ? 1 : 0); first++) {
			r.others_first = first;
			now = r;
			if (can_push(f))
				run(f, r);
		}
}

static void subscribe_twice(struct flow *f, struct run r,
			    const struct lab_outcome *plain)
{
	for (r.cancel_after = 0; r.cancel_after <= MIN(plain->items, 3);
	     r.cancel_after++) {
		r.times = SIDE_BY_SIDE;
		run(f, r);
		r.times = IN_TURN;
		run(f, r);
	}
}

/* Released, it has to go on: to its end, when it has one. Released within the
 * same moment it has to give the same, unless an operator is there to drop what
 * comes meanwhile, or a bound is reached. Nothing is said where there are
 * several inputs: who of them is first may decide. */
static void judge_hold(struct flow *f, const struct run *r,
		       const struct lab_outcome *plain,
		       const struct lab_outcome *held)
{
	if (f->n_streams || plain->end != '|' || held->items == ITEMS_MAX)
		return;
	now = *r;
	running = true;
	if (!held->end)
		fail_msg("it does not go on after a hold");
	if (!r->hold_ms && held->end == '|' &&
	    held->item_errors == plain->item_errors &&
	    held->sum != plain->sum && !drops_when_held(f->main))
		fail_msg("%u items with a hold, %u without", held->items,
			 plain->items);
	running = false;
}

static void hold_inside_next(struct flow *f, struct run r,
			     const struct lab_outcome *plain)
{
	for (r.hold_at = 1; r.hold_at <= MIN(plain->items, 3); r.hold_at++)
		for (r.hold_ms = 0; r.hold_ms <= 30; r.hold_ms += 30) {
			struct lab_outcome held = run(f, r);

			judge_hold(f, &r, plain, &held);
			if (!held.arrived) {
				endless += r.kind == AT_ONCE;
				return;
			}
		}
}

static void behave(struct flow *f, struct run r)
{
	struct lab_outcome plain;

	r.until_ms = FOREVER_MS;
	/* What never gets past a moment takes long: a few times are enough. */
	if (endless >= ENDLESS_MAX && r.kind == AT_ONCE)
		return;
	for (int skip = 0; skip < 2; skip++) {
		r.skip_errors = skip;
		plain = run(f, r);
		if (!plain.arrived) {
			endless += r.kind == AT_ONCE;
			return;
		}
		push_inside_next(f, r);
		if (skip && !plain.item_errors)
			return; /* there is nothing to skip */
		cancel_inside_next(f, r, &plain);
		subscribe_twice(f, r, &plain);
		cancel_in_time(f, r);
		hold_inside_next(f, r, &plain);
	}
}

/* --- inputs --------------------------------------------------------------
 */

static const char *const mains[] = {
	"-1-2-3-4-|", "-1-2-x-[a1]-2-#", "-a-b-a-|",
	"(123|)",     "12(3#)",		 "|",
	"#",	      "--------",	 "-1-2-3-4-5-6-7-8-",
};
static const char *const others[] = {
	"--1-2-|", "-1-#", "|", "#", "-------", "(12|)", "-1-2-1-2-1-2-",
};

/* How many of others[] matter. */
static size_t n_others(const struct flow *f)
{
	return f->n_streams ? ARRAY_LEN(others) : 1;
}

static void with_all_inputs(struct flow *f, const char *text)
{
	bool creates = flow_head(f) == FLOW_HEAD_CREATE;

	for (size_t m = 0; m < (creates ? 1 : ARRAY_LEN(mains)); m++)
		for (size_t o = 0; o < n_others(f); o++)
			for (enum kind kind = HOT; kind <= AT_ONCE; kind++) {
				struct run r = {.text = text,
						.kind = kind,
						.main = mains[m],
						.others = {others[o],
							   others[(o + m) %
								  n_others(f)]},
						.until_ms = FOREVER_MS};

				behave(f, r);
			}
}

static void with_some_inputs(struct flow *f, const char *text,
			     const char *fault)
{
	static const struct {
		enum kind kind;
		size_t main;
	} some[] = {{HOT, 0}, {HOT, 1}, {COLD, 0}, {AT_ONCE, 4}};

	for (size_t i = 0; i < ARRAY_LEN(some); i++) {
		struct run r = {.text = text,
				.kind = some[i].kind,
				.main = mains[some[i].main],
				.others = {others[0], others[i]},
				.fault = fault};

		behave(f, r);
	}
}

static void with_inputs_of_its_example(struct flow *f, const struct op *op)
{
	bool creates = flow_head(f) == FLOW_HEAD_CREATE;
	const char *const *diagrams = &op->example[1];

	for (enum kind kind = HOT; kind <= COLD; kind++) {
		struct run r = {.text = op->example[0],
				.kind = kind,
				.main = creates ? "|" : diagrams[0],
				.json = true};

		if (!creates)
			diagrams = &op->example[2];
		for (uint32_t i = 0; i < f->n_streams; i++)
			if (&diagrams[i] < &op->example[OP_EXAMPLE_MAX])
				r.others[i] = diagrams[i];
		behave(f, r);
		diagrams = &op->example[1];
	}
}

/* --- faults --------------------------------------------------------------
 */

static struct program *compile(const char *text)
{
	struct program *p;
	struct weir_error err;

	if (program_compile(str_of(text), 0, &p, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	return p;
}

static void with_faulty_program(struct flow *f, const char *text, struct arg *a)
{
	static const char *const faults[] = {
		"error(\"bad\")",
		"if . == 2 or . == \"b\" then error(\"bad\") else . end",
	};
	struct program *good = a->program;

	if (!good)
		return;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		a->program = compile(faults[i]);
		with_some_inputs(f, text, faults[i]);
		program_unref(a->program);
		a->program = good;
	}
}

static struct flow *parse(const char *text)
{
	struct weir_error err;
	struct flow *f;

	if (flow_parse(str_of(text), &f, &err) < 0)
		fail_msg("%s: %u:%u: %s", text, err.line, err.column,
			 err.message);
	return f;
}

static void with_other_block(struct flow *f, const char *text, struct stage *s)
{
	static const char *const blocks[] = {
		"flat_map { throw('inner') }",
		"delay(15ms) | flat_map { throw('inner') }",
		"take(1)",
		"ignore_elements",
		"never",
		"of(7, 8)",
		"interval(10ms)",
		"debounce(15ms)",
	};
	struct pipeline *good = s->block;

	if (!good)
		return;
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		struct flow *other = parse(blocks[i]);

		s->block = other->main;
		with_some_inputs(f, text, blocks[i]);
		s->block = good;
		flow_unref(other);
	}
}

static void with_faults(struct flow *f, const char *text, struct pipeline *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		struct stage *s = &p->stages[i];

		for (unsigned k = 0; k < op_n_params(s->op); k++)
			with_faulty_program(f, text, &s->args[k]);
		if (s->block)
			with_faults(f, text, s->block);
		with_other_block(f, text, s);
	}
}

/* --- surroundings --------------------------------------------------------
 */

static void with_surroundings(const char *text)
{
	static const char *const around[] = {
		"flat_map { %s }",
		"switch_map { %s }",
		"window_with_count(2) { %s }",
		"group_by(.) { %s }",
		"%s | take(1)",
		"%s | repeat(2)",
		"%s | retry(2)",
		"%s | share_replay(1)",
	};
	static char whole[512]; /* told when it fails, and gone by then */

	for (size_t i = 0; i < ARRAY_LEN(around); i++) {
		const char *hole = strstr(around[i], "%s");
		struct flow *f;

		snprintf(whole, sizeof whole, "%.*s%s%s",
			 (int)(hole - around[i]), around[i], text, hole + 2);
		f = parse(whole);
		with_some_inputs(f, whole, NULL);
		flow_unref(f);
	}
}

/* --- rows ---------------------------------------------------------------- */

static bool mentions(const struct pipeline *p, const struct op *op)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (p->stages[i].op == op ||
		    (p->stages[i].block && mentions(p->stages[i].block, op)))
			return true;
	return false;
}

static void check(const struct op *op, const char *text)
{
	struct flow *f = parse(text);

	if (!mentions(f->main, op))
		fail_msg("%s is no sample of %s", text, op->name);
	if (text == op->example[0])
		with_inputs_of_its_example(f, op);
	with_all_inputs(f, text);
	with_faults(f, text, f->main);
	with_surroundings(text);
	flow_unref(f);
}

static void the_contract_holds(void **state)
{
	const struct op *op = *state;
	bool seen = op->example[0] != NULL;

	endless = 0;
	if (seen)
		check(op, op->example[0]);
	for (size_t i = 0; i < ARRAY_LEN(samples); i++)
		if (strcmp(samples[i].op, op->name) == 0) {
			check(op, samples[i].text);
			seen = true;
		}
	if (!seen)
		fail_msg("%s has neither an example nor a line in "
			 "contract_samples.h",
			 op->name);
}

/* A test each, so that a failure names the operator; an argument runs only
 * those of that name. */
int main(int argc, char **argv)
{
	struct CMUnitTest tests[256] = {0};
	const struct op *op;
	size_t n = 0;
	int failed;

	hash_init();
	for (size_t i = 0; (op = op_at(i)); i++)
		if (argc < 2 || strcmp(argv[1], op->name) == 0)
			tests[n++] = (struct CMUnitTest){
				.name = op->name,
				.test_func = the_contract_holds,
				.teardown_func = tell_what_failed,
				.initial_state = (void *)op,
			};
	failed = _cmocka_run_group_tests("contract", tests, n, NULL, NULL);
	slab_thread_fini();
	return failed;
}
