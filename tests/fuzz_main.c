/*
 * Runs a fuzz target without a fuzzing engine: every file of a corpus once, then mutated
 * copies with a fixed seed, so that a run is repeatable and needs no special compiler.
 *
 *	fuzz_x [-n EXECUTIONS] [-s SEED] CORPUS-DIRECTORY
 *
 * The same target links against libFuzzer instead of this file (configure --enable-fuzzer).
 */
#include <dirent.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX 4096
#define FILES_MAX 1024

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct input {
	uint8_t bytes[INPUT_MAX];
	size_t len;
};

static struct input *corpus[FILES_MAX];
static size_t nfiles;
static uint64_t random_state;

/* xorshift64*: good enough to mutate with, the same on every machine. */
static uint32_t
random_below(uint32_t limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 2685821657736338717ULL) >> 33) % limit;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
read_file(const char *dir, const char *name)
{
	char path[4096];
	struct input *in = calloc(1, sizeof *in);
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	if (in == NULL || (f = fopen(path, "rb")) == NULL)
		err(1, "%s", path);
	in->len = fread(in->bytes, 1, sizeof in->bytes, f);
	fclose(f);
	corpus[nfiles++] = in;
}

static void
read_corpus(const char *dir)
{
	struct dirent **names;
	int i, n = scandir(dir, &names, NULL, by_name);

	if (n < 0)
		err(1, "%s", dir);
	for (i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.' && nfiles < FILES_MAX)
			read_file(dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	if (nfiles == 0)
		errx(1, "%s: no corpus", dir);
}

static void
insert_some(struct input *in, const uint8_t *src, size_t n)
{
	size_t at = random_below((uint32_t)in->len + 1);

	if (n > INPUT_MAX - in->len)
		n = INPUT_MAX - in->len;
	memmove(in->bytes + at + n, in->bytes + at, in->len - at);
	memcpy(in->bytes + at, src, n);
	in->len += n;
}

static void
remove_some(struct input *in)
{
	size_t at, n;

	if (in->len == 0)
		return;
	at = random_below((uint32_t)in->len);
	n = 1 + random_below((uint32_t)(in->len - at));
	memmove(in->bytes + at, in->bytes + at + n, in->len - at - n);
	in->len -= n;
}

/* A copy, so that the pieces put in never overlap what they go into. */
static void
splice(struct input *in)
{
	const struct input *other = corpus[random_below((uint32_t)nfiles)];
	uint8_t piece[INPUT_MAX];
	size_t at, n;

	if (other->len == 0)
		return;
	at = random_below((uint32_t)other->len);
	n = 1 + random_below((uint32_t)(other->len - at));
	memcpy(piece, other->bytes + at, n);
	insert_some(in, piece, n);
}

static void
mutate_once(struct input *in)
{
	static const uint8_t telling[] = { 0, 1, 3, 10, 13, 44, 127, 128, 240, 250, 251, 254, 255 };
	uint8_t byte = (uint8_t)random_below(256);

	switch (random_below(6)) {
	case 0:
		if (in->len > 0)
			in->bytes[random_below((uint32_t)in->len)] ^= (uint8_t)(1 << random_below(8));
		break;
	case 1:
		if (in->len > 0)
			in->bytes[random_below((uint32_t)in->len)] = telling[random_below(sizeof telling)];
		break;
	case 2:
		insert_some(in, &byte, 1);
		break;
	case 3:
		byte = telling[random_below(sizeof telling)];
		insert_some(in, &byte, 1);
		break;
	case 4:
		remove_some(in);
		break;
	default:
		splice(in);
	}
}

/* The input lies in a block of exactly its size, so that a sanitizer sees the first byte past it. */
static void
execute(const struct input *in)
{
	uint8_t *exact = malloc(in->len > 0 ? in->len : 1);

	if (exact == NULL)
		err(1, "malloc");
	memcpy(exact, in->bytes, in->len);
	LLVMFuzzerTestOneInput(exact, in->len);
	free(exact);
}

static unsigned long
mutate_and_run(unsigned long executions)
{
	unsigned long done;
	struct input in;

	for (done = nfiles; done < executions; done++) {
		in = *corpus[random_below((uint32_t)nfiles)];
		for (uint32_t k = 1 + random_below(8); k > 0; k--)
			mutate_once(&in);
		execute(&in);
	}
	return done;
}

int
main(int argc, char **argv)
{
	unsigned long executions = 0;
	int c;

	random_state = 88172645463325252ULL;
	while ((c = getopt(argc, argv, "n:s:")) != -1) {
		if (c == 'n')
			executions = strtoul(optarg, NULL, 10);
		else if (c == 's')
			random_state += strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind != argc - 1)
		errx(2, "usage: %s [-n EXECUTIONS] [-s SEED] CORPUS-DIRECTORY", argv[0]);
	read_corpus(argv[optind]);
	for (size_t i = 0; i < nfiles; i++)
		execute(corpus[i]);
	printf("%lu executions\n", mutate_and_run(executions));
	for (size_t i = 0; i < nfiles; i++)
		free(corpus[i]);
	return 0;
}
