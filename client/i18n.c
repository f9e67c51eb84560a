/*
 * i18n.c - the user's language, also where the machine was set up without it.
 *
 * A fresh Debian has only C.UTF-8: setlocale() fails for zh_CN.UTF-8, and
 * gettext would fall back to English although our translation is there.  Then
 * C.UTF-8 carries the characters and LANGUAGE names the language.
 */
#include "client/i18n.h"

#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the environment asks for, in POSIX's order. */
static const char *
wanted_language(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *v = getenv(names[i]);

		if (v != NULL && *v != '\0')
			return v;
	}
	return "C";
}

/* Where it was built, not installed, the texts lie beside the program. */
static const char *
beside_program(void)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 8);
	char *slash;

	if (n <= 0)
		return LOCALEDIR;
	path[n] = '\0';
	if ((slash = strrchr(path, '/')) == NULL)
		return LOCALEDIR;
	memcpy(slash + 1, "locale", sizeof("locale"));
	return access(path, R_OK) == 0 ? path : LOCALEDIR;
}

void
i18n_start(void)
{
	const char *dir = getenv("MASHANG_LOCALEDIR");

	if (setlocale(LC_CTYPE, "") == NULL)
		setlocale(LC_CTYPE, "C.UTF-8");
	if (setlocale(LC_MESSAGES, "") == NULL) {
		setlocale(LC_MESSAGES, "C.UTF-8");
		setenv("LANGUAGE", wanted_language(), 0);
	}
	bindtextdomain("mashang", dir != NULL ? dir : beside_program());
	bind_textdomain_codeset("mashang", "UTF-8");
	textdomain("mashang");
}
