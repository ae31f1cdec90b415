/* rx.h - ReactiveX in a program of your own: streams, operators, observers.
 *
 *     struct weir_stream *s = weir_from_text(loop, "interval(1s)", NULL, &err);
 *
 *     s = weir_pipe(s, "map(&celsius) | debounce(20ms) | scan('$acc + .', 0)",
 *                   &names, &err);
 *     weir_subscribe(s, &observer, NULL);
 *     weir_loop_run(loop);
 *
 * All operators are there by the text of a pipeline (docs/operators.md), which
 * `&name` and `@name` join to functions and streams of the program. C functions
 * stand beside it for what a text cannot say, and for the few that programs
 * use most.
 *
 * Ownership: a function that gives a stream TAKES the streams it is given, also
 * those in an array; weir_subscribe and weir_await take theirs, too. Who needs
 * a stream twice calls weir_stream_ref. NULL in place of a stream that is taken
 * (an earlier call failed) gives NULL, so calls can be nested and asked once.
 * Values are taken by what sends or keeps them and lent to callbacks. Functions
 * and their arg are borrowed until the stream and its subscriptions are gone.
 *
 * The ReactiveX contract holds: next* ( error | done )?, and after the end or
 * weir_cancel nothing. Callbacks may subscribe, cancel and push; they must not
 * block, and not run or destroy their loop.
 *
 * Threads: all of a loop belongs to the thread that runs it. weir_loop_post and
 * weir_loop_stop may be called from any.
 */
#ifndef WEIR_RX_H
#define WEIR_RX_H

#include "weir/error.h"
#include "weir/function.h"
#include "weir/value.h"

#ifdef __cplusplus
extern "C" {
#endif

struct weir_loop;
struct weir_stream;
struct weir_sub;
struct weir_subject;
struct weir_timer;
struct weir_watch;
struct weir_emitter;
struct weir_connectable;

/* --- a loop -------------------------------------------------------------- */

/* In real time. NULL when the system has no descriptors for it. */
struct weir_loop *weir_loop_create(void);
/* Time is 0 and passes only in weir_loop_advance, weir_loop_run, weir_await:
 * what takes an hour is tested in a moment, to the millisecond. */
struct weir_loop *weir_loop_create_virtual(void);
/* Cancels what is still subscribed. Streams, subjects and connectables have to
 * be let go of before. NULL does nothing. */
void weir_loop_destroy(struct weir_loop *l);

/* Runs what was posted, and until nothing is subscribed any more (by
 * weir_subscribe) or weir_loop_stop. In virtual time also until nothing is left
 * that could happen. */
void weir_loop_run(struct weir_loop *l);
/* The loop that runs, or the next one that would, ends. Any thread. */
void weir_loop_stop(struct weir_loop *l);
/* Calls fn(arg) on the loop's thread, in order of posting; in virtual time when
 * it runs or advances next. Any thread. */
void weir_loop_post(struct weir_loop *l, void (*fn)(void *arg), void *arg);

int64_t weir_loop_now_ms(const struct weir_loop *l); /* monotonic */
/* Virtual time only: all that is due within ms from now, in order. */
void weir_loop_advance(struct weir_loop *l, int64_t ms);

/* Tells of each item (lent; null where it is not known) that makes a value
 * function fail, or finds no room, and goes on without it. NULL: such an error
 * ends the stream, as at first. A stage on_item_error decides in its place. */
void weir_loop_on_item_error(struct weir_loop *l,
			     void (*fn)(const struct weir_error *err,
					struct weir_value item, void *arg),
			     void *arg);

/* Calls fn(arg) once, ms from now. The handle is good until then, or until
 * weir_timer_stop. A timer alone does not keep weir_loop_run going. */
struct weir_timer *weir_timer_start(struct weir_loop *l, int64_t ms,
				    void (*fn)(void *arg), void *arg);
void weir_timer_stop(struct weir_timer *t); /* NULL does nothing */

enum { WEIR_READABLE = 1, WEIR_WRITABLE = 2, WEIR_HANGUP = 4 };
/* Calls fn whenever fd (a socket, pipe or the like, non-blocking, yours) has
 * one of events, until weir_watch_stop, which comes before fd is closed. A
 * failing fd is told as WEIR_HANGUP. NULL when it cannot be watched. Real time
 * only; a watch alone does not keep weir_loop_run going. */
struct weir_watch *weir_watch_start(struct weir_loop *l, int fd, int events,
				    void (*fn)(int events, void *arg),
				    void *arg);
void weir_watch_stop(struct weir_watch *w); /* NULL does nothing */

/* --- streams ------------------------------------------------------------- */

struct weir_stream *weir_stream_ref(struct weir_stream *s);
void weir_stream_unref(struct weir_stream *s); /* NULL does nothing */

/* What a text may name. Both lists end with a NULL name, and may be NULL. All
 * is borrowed during the call only, but the functions. */
struct weir_named_stream {
	const char *name;
	struct weir_stream *stream; /* borrowed; the graph shares it; NULL: as
				     * if it were not in the list */
};
struct weir_names {
	const struct weir_function *functions;	 /* &name */
	const struct weir_named_stream *streams; /* @name */
};

/* The pipeline text on the items of in (taken also when it fails). names may be
 * NULL. NULL with err (may be NULL) telling line and column where text is
 * wrong. When in is NULL, err stays as it is. */
struct weir_stream *weir_pipe(struct weir_stream *in, const char *text,
			      const struct weir_names *names,
			      struct weir_error *err);
/* The same for a text that begins by itself: of(1, 2), interval(1s),
 * merge(@a, @b) ... */
struct weir_stream *weir_from_text(struct weir_loop *l, const char *text,
				   const struct weir_names *names,
				   struct weir_error *err);

/* --- the operators that programs use most --------------------------------- */

/* Takes the values, copies the array. */
struct weir_stream *weir_of(struct weir_loop *l,
			    const struct weir_value *values, size_t n);

struct weir_stream *weir_map(struct weir_stream *in, weir_fn fn, void *arg);
/* What fn gives something but null and false for. */
struct weir_stream *weir_filter(struct weir_stream *in, weir_fn fn, void *arg);
/* fn makes vars->acc, at first seed (taken), and the item the next one. */
struct weir_stream *weir_scan(struct weir_stream *in, weir_fn fn, void *arg,
			      struct weir_value seed);

/* Gives the inner stream of item (borrowed), which goes to the caller. NULL
 * with err filled: an item error. */
typedef struct weir_stream *(*weir_inner_fn)(struct weir_value item, void *arg,
					     struct weir_error *err);
/* At most max_concurrent inner streams at a time (0: no limit); items that wait
 * for a place are held, 65536 of them. */
struct weir_stream *weir_flat_map(struct weir_stream *in, weir_inner_fn fn,
				  void *arg, uint32_t max_concurrent);

/* Take the n streams, copy the array. */
struct weir_stream *weir_merge(struct weir_loop *l,
			       struct weir_stream *const *in, size_t n);
struct weir_stream *weir_concat(struct weir_loop *l,
				struct weir_stream *const *in, size_t n);
struct weir_stream *weir_zip(struct weir_loop *l, struct weir_stream *const *in,
			     size_t n);
struct weir_stream *weir_combine_latest(struct weir_loop *l,
					struct weir_stream *const *in,
					size_t n);

/* --- receiving ----------------------------------------------------------- */

/* Each function may be NULL. What they are given is lent until they return:
 * weir_ref(item) keeps an item. */
struct weir_observer {
	void (*next)(struct weir_value item, void *arg);
	void (*error)(const struct weir_error *err, void *arg);
	void (*done)(void *arg);
	void *arg;
};

/* Connects a copy of observer to in (taken). Items may come before this
 * returns; *sub_out is set before the first. The caller ends *sub_out with
 * weir_cancel, also after error or done; with sub_out NULL it goes with the end
 * of the stream, or of the loop. */
void weir_subscribe(struct weir_stream *in,
		    const struct weir_observer *observer,
		    struct weir_sub **sub_out);
/* Ends and takes sub; NULL does nothing. Allowed in a callback. */
void weir_cancel(struct weir_sub *sub);

/* Says that sub's observer can take no more for now, or that it can again. A
 * push has no way back, so this is advice: streams that can wait do (range, a
 * producer with hold, what flat_map(max_concurrent=n) has taken up), a subject
 * cannot; on_backpressure_latest and its kin decide what becomes of its items.
 * What comes all the same has to be taken. Allowed in a callback; nothing comes
 * before this returns. */
void weir_hold(struct weir_sub *sub, bool hold);

/* Runs the loop of in (taken) until in has ended. 0 and its last item in *out,
 * which is yours. Else null, err (may be NULL) and: the code of its error;
 * WEIR_EOF when it ended without an item; WEIR_ECANCELED when the loop was
 * stopped, or in virtual time nothing was left that could happen. Not in a
 * callback. What else is subscribed goes on meanwhile. */
int weir_await(struct weir_stream *in, struct weir_value *out,
	       struct weir_error *err);

/* --- pushing ------------------------------------------------------------- */

/* A hot stream: items go to those who listen at that moment. */
struct weir_subject *weir_subject_create(struct weir_loop *l);
/* Who listens hears nothing more. NULL does nothing. */
void weir_subject_destroy(struct weir_subject *s);
/* The stream, which is yours. */
struct weir_stream *weir_subject_stream(struct weir_subject *s);
void weir_subject_next(struct weir_subject *s, struct weir_value v); /* takes */
/* message is copied; code is negative. */
void weir_subject_error(struct weir_subject *s, int code, const char *message);
void weir_subject_done(struct weir_subject *s);

/* --- streams that the program writes -------------------------------------- */

struct weir_producer {
	/* Begins a run, for one subscription: items go through out, now or
	 * later, and then an error or the end. out is borrowed until stop. The
	 * result is handed to stop. */
	void *(*start)(struct weir_emitter *out, void *arg);
	/* The run is over: cancelled, or it has told its error or end. Once for
	 * each start, never before it has returned. May be NULL. */
	void (*stop)(void *run, void *arg);
	/* Who listens can take no more for now, or can again (weir_hold): a run
	 * that can wait does. Not before start has returned, nor after stop.
	 * May be NULL. */
	void (*hold)(void *run, bool hold, void *arg);
	void *arg;
};
struct weir_stream *weir_create(struct weir_loop *l,
				const struct weir_producer *producer);
void weir_emitter_next(struct weir_emitter *e, struct weir_value v); /* takes */
void weir_emitter_error(struct weir_emitter *e, int code, const char *message);
void weir_emitter_done(struct weir_emitter *e);

/* The result of fn (its item is null), asked for at each subscription. */
struct weir_stream *weir_start(struct weir_loop *l, weir_fn fn, void *arg);

/* A stream that goes to the caller. NULL with err filled: that error. */
typedef struct weir_stream *(*weir_make_fn)(void *arg, struct weir_error *err);
/* The stream that make gives, asked for anew at each subscription. */
struct weir_stream *weir_defer(struct weir_loop *l, weir_make_fn make,
			       void *arg);

struct weir_resource {
	/* Returns 0 and *resource, or a negative code with err filled. */
	int (*acquire)(void *arg, void **resource, struct weir_error *err);
	/* The stream that works with it; as weir_make_fn. */
	struct weir_stream *(*use)(void *resource, void *arg,
				   struct weir_error *err);
	/* Once for each acquire, when its subscription is over. */
	void (*release)(void *resource, void *arg);
	void *arg;
};
/* A resource for as long as each subscription lasts. */
struct weir_stream *weir_using(struct weir_loop *l,
			       const struct weir_resource *resource);

/* --- streams that the program steers -------------------------------------- */

typedef bool (*weir_holds_fn)(void *arg);
/* Asks at each subscription. otherwise NULL: empty. */
struct weir_stream *weir_if_then(struct weir_loop *l, weir_holds_fn holds,
				 void *arg, struct weir_stream *then,
				 struct weir_stream *otherwise);
/* Asks at each subscription which of n streams it is; n or more: otherwise
 * (NULL: empty). */
struct weir_stream *weir_case(struct weir_loop *l,
			      uint32_t (*choose)(void *arg), void *arg,
			      struct weir_stream *const *in, size_t n,
			      struct weir_stream *otherwise);
/* in again and again; holds is asked before each run, in weir_do_while before
 * each but the first. */
struct weir_stream *weir_while_do(struct weir_stream *in, weir_holds_fn holds,
				  void *arg);
struct weir_stream *weir_do_while(struct weir_stream *in, weir_holds_fn holds,
				  void *arg);
/* out[0]: what fn holds for; out[1]: the rest; both share one run of in. Both
 * NULL when in is. */
void weir_partition(struct weir_stream *in, weir_fn fn, void *arg,
		    struct weir_stream *out[2]);

/* Passes everything on, and tells a copy of observer first. */
struct weir_stream *weir_do(struct weir_stream *in,
			    const struct weir_observer *observer);
/* Passes everything on; calls fn(arg) when a subscription is over: ended or
 * cancelled. */
struct weir_stream *weir_finally(struct weir_stream *in, void (*fn)(void *arg),
				 void *arg);

/* One run of in for all who listen, from weir_connect to weir_disconnect or the
 * end, whoever listens. NULL when in is. */
struct weir_connectable *weir_publish(struct weir_stream *in);
/* The stream to listen to, which is yours. */
struct weir_stream *weir_connectable_stream(struct weir_connectable *c);
void weir_connect(struct weir_connectable *c); /* again does nothing */
/* Who listens hears of nothing, and may be connected anew. */
void weir_disconnect(struct weir_connectable *c);
/* Disconnects first. NULL does nothing. */
void weir_connectable_destroy(struct weir_connectable *c);

#ifdef __cplusplus
}
#endif

#endif
