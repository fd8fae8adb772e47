/*
 * Runs a fuzz target without a fuzzing engine: every file of a corpus once, then mutated
 * copies with a fixed seed, so that a run is repeatable and needs no special compiler.
 *
 *	fuzz_x [-n EXECUTIONS | -t SECONDS] [-s SEED] CORPUS-DIRECTORY | FILE
 *
 * The input at which it dies is left in fuzz_x.crash, beside the program.
 * The same target links against libFuzzer instead of this file (configure --enable-fuzzer).
 */
#include <dirent.h>
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
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
static struct input *last; /* what is being executed: its process may die, this outlives it */
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
read_file(const char *path)
{
	struct input *in = calloc(1, sizeof *in);
	FILE *f;

	if (in == NULL || (f = fopen(path, "rb")) == NULL)
		err(1, "%s", path);
	in->len = fread(in->bytes, 1, sizeof in->bytes, f);
	fclose(f);
	corpus[nfiles++] = in;
}

static void
read_directory(const char *dir)
{
	char path[4096];
	struct dirent **names;
	int i, n = scandir(dir, &names, NULL, by_name);

	if (n < 0)
		err(1, "%s", dir);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && nfiles < FILES_MAX)
			read_file(path);
		free(names[i]);
	}
	free(names);
	if (nfiles == 0)
		errx(1, "%s: no corpus", dir);
}

static void
read_corpus(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
		read_file(path);
	else
		read_directory(path);
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
	*last = *in;
	memcpy(exact, in->bytes, in->len);
	LLVMFuzzerTestOneInput(exact, in->len);
	free(exact);
}

static unsigned long
run(unsigned long executions, time_t until)
{
	unsigned long done;
	struct input in;

	for (done = 0; done < nfiles; done++)
		execute(corpus[done]);
	for (; done < executions || time(NULL) < until; done++) {
		in = *corpus[random_below((uint32_t)nfiles)];
		for (uint32_t k = 1 + random_below(8); k > 0; k--)
			mutate_once(&in);
		execute(&in);
	}
	return done;
}

static void
keep_last(const char *program)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s.crash", program);
	if ((f = fopen(path, "wb")) == NULL || fwrite(last->bytes, 1, last->len, f) != last->len ||
	    fclose(f) != 0)
		err(1, "%s", path);
	printf("died; its last input, of %zu bytes, is in %s\n", last->len, path);
}

/* Runs in a process of its own: true if that ended well. */
static bool
run_apart(unsigned long executions, time_t until)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		printf("%lu executions\n", run(executions, until));
		for (size_t i = 0; i < nfiles; i++)
			free(corpus[i]);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "fork");
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int
main(int argc, char **argv)
{
	unsigned long executions = 0;
	time_t until = 0;
	int c;

	random_state = 88172645463325252ULL;
	while ((c = getopt(argc, argv, "n:s:t:")) != -1) {
		if (c == 'n')
			executions = strtoul(optarg, NULL, 10);
		else if (c == 's')
			random_state += strtoul(optarg, NULL, 10);
		else if (c == 't')
			until = time(NULL) + (time_t)strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind != argc - 1)
		errx(2, "usage: %s [-n EXECUTIONS | -t SECONDS] [-s SEED] DIRECTORY | FILE", argv[0]);
	last = mmap(NULL, sizeof *last, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (last == MAP_FAILED)
		err(1, "mmap");
	read_corpus(argv[optind]);
	c = run_apart(executions, until) ? 0 : 1;
	if (c != 0)
		keep_last(argv[0]);
	for (size_t i = 0; i < nfiles; i++)
		free(corpus[i]);
	return c;
}
