/* materialize.c - what happens in a stream as items, and back.
 *
 *     source           -a--#
 *     materialize      -x--(y|)    x {"kind":"N","value":"a"}
 *                                  y {"kind":"E","error":"..."}
 *     dematerialize    -a--#       and {"kind":"C"} for the end
 */
#include "rx/op.h"

static void materialize_next(struct rx_observer *o, struct value v)
{
	struct value pairs[] = {value_cstr("kind"), value_cstr("N"),
				value_cstr("value"), value_ref(v)};
	struct value note = value_object(pairs, 2);

	rx_next(rx_sub_of(o)->down, note);
	value_unref(note);
}

static void materialize_error(struct rx_observer *o,
			      const struct weir_error *err)
{
	struct value pairs[] = {value_cstr("kind"), value_cstr("E"),
				value_cstr("error"), value_cstr(err->message)};

	rx_finish_with(rx_sub_of(o), value_object(pairs, 2));
}

static void materialize_done(struct rx_observer *o)
{
	struct value pairs[] = {value_cstr("kind"), value_cstr("C")};

	rx_finish_with(rx_sub_of(o), value_object(pairs, 1));
}

static void dematerialize_next(struct rx_observer *o, struct value v)
{
	struct rx_sub *s = rx_sub_of(o);
	struct str kind = {0};
	struct weir_error err = {0};

	if (value_type(v) == VALUE_OBJECT)
		kind = value_str(value_get(v, STR("kind")));
	if (str_eq(kind, STR("N"))) {
		rx_next(s->down, value_get(v, STR("value")));
	} else if (str_eq(kind, STR("E"))) {
		error_set(&err, WEIR_EITEM, "%.*s",
			  STR_FMT(value_str(value_get(v, STR("error")))));
		rx_finish_error(s, &err);
	} else if (str_eq(kind, STR("C"))) {
		rx_finish_done(s);
	} else {
		error_set(&err, WEIR_EITEM,
			  "dematerialize: the kind is not N, E or C");
		rx_item_failed(s, &err, v);
	}
}

static const struct rx_source_ops materialize_ops = {
	.name = "materialize",
	.source_bytes = sizeof(struct rx_source),
	.sub_bytes = sizeof(struct rx_sub),
	.in = {materialize_next, materialize_error, materialize_done},
};

static const struct rx_source_ops dematerialize_ops = {
	.name = "dematerialize",
	.source_bytes = sizeof(struct rx_source),
	.sub_bytes = sizeof(struct rx_sub),
	.in = {dematerialize_next, rx_pass_error, rx_pass_done},
};

struct rx_source *rx_materialize(struct rx_source *in)
{
	return rx_source_new(&materialize_ops, NULL, in);
}

struct rx_source *rx_dematerialize(struct rx_source *in)
{
	return rx_source_new(&dematerialize_ops, NULL, in);
}
