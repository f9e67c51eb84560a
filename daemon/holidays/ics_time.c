/*
 * ics_time.c - see ics_time.h.
 */
#include "holidays/ics_time.h"

#include "sla/calendar.h"

#define DAY_S 86400

/* Windows' names in feeds from Outlook and Exchange, as CLDR maps them. */
/* clang-format off */
static const struct {
	const char *windows, *iana;
} windows_zones[] = {
	{ "AUS Eastern Standard Time", "Australia/Sydney" },
	{ "Central Europe Standard Time", "Europe/Budapest" },
	{ "Central European Standard Time", "Europe/Warsaw" },
	{ "Central Standard Time", "America/Chicago" },
	{ "China Standard Time", "Asia/Shanghai" },
	{ "E. South America Standard Time", "America/Sao_Paulo" },
	{ "Eastern Standard Time", "America/New_York" },
	{ "FLE Standard Time", "Europe/Kiev" },
	{ "GMT Standard Time", "Europe/London" },
	{ "India Standard Time", "Asia/Calcutta" },
	{ "Korea Standard Time", "Asia/Seoul" },
	{ "Mountain Standard Time", "America/Denver" },
	{ "Pacific Standard Time", "America/Los_Angeles" },
	{ "Romance Standard Time", "Europe/Paris" },
	{ "Russian Standard Time", "Europe/Moscow" },
	{ "SE Asia Standard Time", "Asia/Bangkok" },
	{ "Singapore Standard Time", "Asia/Singapore" },
	{ "Taipei Standard Time", "Asia/Taipei" },
	{ "Tokyo Standard Time", "Asia/Tokyo" },
	{ "W. Europe Standard Time", "Europe/Berlin" },
};
/* clang-format on */

/* -1: not digits. */
static int
digits(const char *p, unsigned n)
{
	int v = 0;

	for (unsigned i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

static bool
parse_time(const char *p, int32_t *seconds)
{
	int h = digits(p, 2), m = digits(p + 2, 2), s = digits(p + 4, 2);

	if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60)
		return false;
	*seconds = h * 3600 + m * 60 + (s == 60 ? 59 : s); /* a leap second */
	return true;
}

bool
ics_instant_parse(struct str s, struct ics_instant *out)
{
	struct cal_date d;
	int year, month, day;

	if (s.len != 8 && s.len != 15 && s.len != 16)
		return false;
	year = digits(s.p, 4);
	month = digits(s.p + 4, 2);
	day = digits(s.p + 6, 2);
	if (year < 1 || month < 1 || day < 1)
		return false;
	d = (struct cal_date){ (int16_t)year, (uint8_t)month, (uint8_t)day };
	if (!cal_date_is_valid(d))
		return false;
	*out = (struct ics_instant){ cal_days(d), -1, s.len == 16 };
	if (s.len == 8)
		return true;
	return s.p[8] == 'T' && (s.len == 15 || s.p[15] == 'Z') &&
	       parse_time(s.p + 9, &out->seconds);
}

int64_t
ics_instant_wall(struct ics_instant t)
{
	return (int64_t)t.days * DAY_S + (t.seconds < 0 ? 0 : t.seconds);
}

/* ------------------------------------------------------------------- zones */

/* "/example.org/2024a/Asia/Shanghai": what follows some slash. */
static struct zone *
load(struct str id)
{
	struct zone *z;

	while (id.len > 0) {
		const char *slash;

		if (zone_load(NULL, id, &z) == ERR_OK)
			return z;
		if ((slash = memchr(id.p, '/', id.len)) == NULL)
			break;
		id.len -= (uint32_t)(slash + 1 - id.p);
		id.p = slash + 1;
	}
	return NULL;
}

static struct zone *
load_windows(struct str id)
{
	for (unsigned i = 0; i < NELEM(windows_zones); i++)
		if (str_eq(id, str_of(windows_zones[i].windows)))
			return load(str_of(windows_zones[i].iana));
	return NULL;
}

static struct zone *
load_as_told(const struct ics_file *f, struct str id)
{
	for (unsigned i = 0; i < f->n_zones; i++)
		if (str_eq(f->zones[i].id, id))
			return load(f->zones[i].location);
	return NULL;
}

const struct zone *
ics_zones_find(struct ics_zones *z, const struct ics_file *f, struct str id)
{
	unsigned i;

	for (i = 0; i < z->n; i++)
		if (str_eq(z->rows[i].id, id))
			return z->rows[i].zone;
	if (i == ICS_ZONES_MAX)
		return NULL;
	z->rows[i].id = id;
	if ((z->rows[i].zone = load(id)) == NULL &&
	    (z->rows[i].zone = load_windows(id)) == NULL)
		z->rows[i].zone = load_as_told(f, id);
	z->n++;
	return z->rows[i].zone;
}

void
ics_zones_fini(struct ics_zones *z)
{
	for (unsigned i = 0; i < z->n; i++)
		zone_free(&z->rows[i].zone);
	z->n = 0;
}

int64_t
ics_zone_wall(const struct zone *z, int64_t utc)
{
	int64_t from, to;

	return utc + zone_offset(z, utc, &from, &to);
}

/* The offset is that before a change of the clocks as long as it holds. */
int64_t
ics_zone_utc(const struct zone *z, int64_t wall)
{
	int64_t from, to;
	int64_t guess = wall - zone_offset(z, wall, &from, &to);

	return wall - zone_offset(z, guess, &from, &to);
}
