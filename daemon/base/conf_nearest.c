/*
 * conf_nearest.c - the word that somebody probably meant.
 *
 * Distance: F. J. Damerau (1964), "A technique for computer detection and
 * correction of spelling errors", in the form without a second change to what
 * was swapped.
 */
#include <string.h>

#include "base/conf.h"

#define WORD_MAX 48

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned
distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned d[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= n; i++)
		d[i][0] = (unsigned)i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++)
		for (size_t j = 1; j <= m; j++) {
			unsigned same = a[i - 1] == b[j - 1] ? 0 : 1;

			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
			    d[i - 1][j - 1] + same);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[n][m];
}

const char *
conf_nearest(const char *got, const char *const *words)
{
	size_t n = strlen(got);
	unsigned best = n < 4 ? 2 : 3; /* the first distance too far */
	const char *nearest = NULL;

	if (n > WORD_MAX)
		return NULL;
	for (; *words != NULL; words++) {
		size_t m = strlen(*words);
		unsigned d = m > WORD_MAX ? best : distance(got, n, *words, m);

		if (d < best) {
			best = d;
			nearest = *words;
		}
	}
	return nearest;
}
