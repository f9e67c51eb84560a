/*
 * caller.c - tables of names, area codes and ways to write a number.
 */
#include "replay/caller.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

#define WITHHELD_PERCENT 4

static const char *const surnames[] = { "王", "李", "张", "刘", "陈", "杨",
	"赵", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "郭", "何", "林",
	"欧阳", "司马" };
static const char *const given[] = { "伟", "芳", "娜", "秀英", "敏", "静", "丽",
	"强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超",
	"秀兰", "霞", "平", "刚", "桂英", "建国", "晓梅" };
static const char *const firsts[] = { "Alice", "Ben", "Chloé", "David", "Emma",
	"Finn", "Grace", "Henry", "Iris", "Jack", "Kate", "Liam", "Maya",
	"Noah", "Olivia", "Peter" };
static const char *const lasts[] = { "Adams", "Brown", "Clark", "Davies",
	"Evans", "Foster", "Green", "Hughes", "Jones", "King", "Lewis",
	"Miller", "O'Neill", "Palmer", "Smith-Reed", "Young" };
static const char *const mobiles[] = { "130", "135", "138", "139", "150", "159",
	"177", "186", "188", "199" };
static const char *const areas[] = { "10", "21", "20", "28", "532", "571",
	"755", "591" };

/* How one number is written: an area code or mobile prefix, then the rest. */
static const char *const mobile_shapes[] = { "%s%08u", "+86%s%08u",
	"0086%s%08u", "86%s%08u", "0%s%08u", "+86 %s %08u" };
static const char *const landline_shapes[] = { "0%s%08u", "0%s-%08u",
	"(0%s) %08u", "+86%s%08u", "0086 %s %08u", "+86-%s-%08u" };

#define PICK(d, list) ((list)[draw_below(d, NELEM(list))])

static void
person(struct draw *d, char name[CALLER_MAX])
{
	bool chinese = draw_below(d, 10) < 8;
	const char *first = chinese ? PICK(d, surnames) : PICK(d, firsts);
	const char *second = chinese ? PICK(d, given) : PICK(d, lasts);

	snprintf(name, CALLER_MAX, "%s%s%s", first, chinese ? "" : " ", second);
}

/* Shapes are picked from tables of literals, all with these two holes. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
telephone(struct draw *person, struct draw *shape, char number[CALLER_MAX])
{
	uint64_t kind = draw_below(person, 20);
	unsigned rest = (unsigned)draw_between(person, 20000000, 89999999);

	if (kind < 15)
		snprintf(number, CALLER_MAX, PICK(shape, mobile_shapes),
		    PICK(person, mobiles), rest);
	else if (kind < 19)
		snprintf(number, CALLER_MAX, PICK(shape, landline_shapes),
		    PICK(person, areas), rest);
	else
		snprintf(number, CALLER_MAX, "+44 20 79%02u %04u", rest % 100,
		    rest / 100 % 10000);
}

void
caller_make(uint64_t seed, uint64_t who, struct draw *shape,
    char number[CALLER_MAX], char name[CALLER_MAX])
{
	char identity[32];
	struct draw d;

	number[0] = name[0] = '\0';
	snprintf(identity, sizeof(identity), "%llu", (unsigned long long)who);
	d = draw_for(seed, identity, "caller");
	person(&d, name);
	telephone(&d, shape, number);
	if (draw_below(shape, 100) < WITHHELD_PERCENT)
		number[0] = name[0] = '\0';
}
