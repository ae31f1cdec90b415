/* verbs.h - what `weir VERB` can do; one file a verb.
 *
 * Each gets its own arguments (argv[0] is the verb) and returns the exit
 * status: 0 fine, 1 the input or the run failed, 2 wrong usage.
 */
#ifndef WEIR_CLI_VERBS_H
#define WEIR_CLI_VERBS_H

int verb_bench(int argc, char **argv);
int verb_check(int argc, char **argv);
int verb_json(int argc, char **argv);
int verb_marble(int argc, char **argv);
int verb_match(int argc, char **argv);
int verb_run(int argc, char **argv);
int verb_serve(int argc, char **argv);

#endif
