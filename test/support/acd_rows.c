/*
 * acd_rows.c - the contract of acd.h, a sentence a row, in the words of
 * acd_suite.h.
 */
#include "test/support/acd_suite.h"

#include "test/support/support.h"

const struct acd_row acd_rows[] = {
	/* clang-format off */
{ "a call waits while nobody is ready",
  "login 1 q1; enqueue A q1 @5; ready 1 @9 > A:1" },
{ "a call is offered to a ready agent at once",
  "login 1 q1; ready 1 @9; enqueue A q1 @5 > A:1" },
{ "nobody is offered a call of another queue",
  "login 1 q2; ready 1 @9; enqueue A q1 @5; enqueue B q2 @6 > B:1" },
{ "the lowest score is first",
  "enqueue A q1 @7; enqueue B q1 @5; enqueue C q1 @6;"
  "login 1 q1; ready 1 @1 > B:1; login 2 q1; ready 2 @2 > C:2;"
  "login 3 q1; ready 3 @3 > A:3" },
{ "a priority credit takes a call before older ones",
  "enqueue A q1 @1000000; enqueue B q1 @-89000000;"
  "login 1 q1; ready 1 @1 > B:1" },
{ "equal scores keep the order of arrival",
  "enqueue B q1 @5 #1; enqueue A q1 @5 #2; enqueue C q1 @5 #3; login 1 q1;"
  "ready 1 @1 > B:1; accept B; ready 1 @2 > A:1; accept A;"
  "ready 1 @3 > C:1" },
{ "equal scores keep the order of arrival over 2^32 and in any order sent",
  "enqueue A q1 @5 #4294967296; enqueue B q1 @5 #4294967295;"
  "login 1 q1; ready 1 @1 > B:1" },
{ "equal arrivals go by id",
  "enqueue B q1 @5 #1; enqueue A q1 @5 #1; login 1 q1; ready 1 @1 > A:1" },
{ "scores are exact to the microsecond, far in time",
  "enqueue A q1 @4503599627370498; enqueue B q1 @4503599627370497;"
  "enqueue C q1 @9007199254740991; enqueue D q1 @9007199254740990;"
  "login 1 q1; ready 1 @1 > B:1; accept B; ready 1 @2 > A:1; accept A;"
  "ready 1 @3 > D:1" },
{ "scores beyond 2^53 are all alike",
  "enqueue B q1 @9223372036854775807 #1;"
  "enqueue A q1 @9007199254740993 #2; login 1 q1; ready 1 @1 > B:1" },
{ "the longest idle agent is first",
  "login 1 q1; login 2 q1; login 3 q1; ready 1 @30; ready 2 @10; ready 3 @20;"
  "enqueue A q1 @5 > A:2; enqueue B q1 @5 > B:3; enqueue C q1 @5 > C:1" },
{ "equally idle agents go by id",
  "login 300 q1; login 2 q1; login 70000 q1; ready 70000 @1; ready 300 @1;"
  "ready 2 @1; enqueue A q1 @5 > A:2; enqueue B q1 @5 > B:300;"
  "enqueue C q1 @5 > C:70000" },
{ "a minimum is met by its level, not by less, not by another skill",
  "login 1 q1/s7=4; login 2 q1/s8=9; login 3 q1/s7=5; ready 1 @1; ready 2 @2;"
  "ready 3 @3; enqueue A q1/s7=5 @5 > A:3; enqueue B q1/s7=5 @5;"
  "enqueue C q1 @6 > C:1" },
{ "all minimums must be met",
  "login 1 q1/s7=9; login 2 q1/s7=3/s8=2; ready 1 @1; ready 2 @2;"
  "enqueue A q1/s7=3/s8=2 @5 > A:2" },
{ "lines of one queue are one order for an agent in several",
  "login 1 q1/s7=9; enqueue A q1/s7=2 @7; enqueue B q1 @6; enqueue C q1/s7=9 @5;"
  "ready 1 @1 > C:1; accept C; ready 1 @2 > B:1; accept B; ready 1 @3 > A:1" },
{ "the best head over several queues is taken",
  "login 1 q1,q2,q3; enqueue A q3 @7; enqueue B q1 @9; enqueue C q2 @8;"
  "ready 1 @1 > A:1; accept A; ready 1 @1 > C:1; accept C;"
  "ready 1 @1 > B:1" },
{ "equal scores keep arrival over several lines",
  "login 1 q1,q2,q3; enqueue A q3 @5 #300; enqueue B q1 @5 #200;"
  "enqueue C q2 @5 #256; ready 1 @1 > B:1; accept B; ready 1 @1 > C:1;"
  "accept C; ready 1 @1 > A:1" },
{ "equal arrivals go by id over several lines",
  "login 1 q1,q2; enqueue z q1 @5 #1; enqueue B q2 @5 #1; ready 1 @1 > B:1" },
{ "a reserved agent is ready in no line",
  "login 1 q1,q2; ready 1 @1; enqueue A q1 @5 > A:1; enqueue B q2 @5" },
{ "a line made after the agents were ready has them",
  "login 1 q1/s7=5; ready 1 @1; login 2 q1; enqueue A q1/s7=1 @5 > A:1" },
{ "offer, shown, accept; the agent takes the next when ready again",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; enqueue B q1 @6; shown A;"
  "shown A; accept A; ready 1 @9 > B:1" },
{ "busy and wrap-up take no work",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; accept A; enqueue B q1 @6;"
  "wrap_up 1; ready 1 @7 > B:1" },
{ "wrap-up and not ready end ready",
  "login 1 q1; ready 1 @1; wrap_up 1; enqueue A q1 @5; ready 1 @2 > A:1;"
  "accept A; ready 1 @3; not_ready 1; not_ready 1; enqueue B q1 @5;"
  "ready 1 @4 > B:1" },
{ "a call that no offer brought makes busy",
  "login 1 q1; ready 1 @1; busy 1; busy 1; enqueue A q1 @5; ready 1 @2 > A:1" },
{ "busy ends an offer",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; busy 1 > -A:1;"
  "accept A = offer_gone; ready 1 @2 > A:1" },
{ "refused: excluded and not ready, the call goes to the next",
  "login 1 q1; login 2 q1; ready 1 @1; ready 2 @2; enqueue A q1 @5 > A:1;"
  "end A exclude > A:2; ready 1 @3; enqueue B q1 @6 > B:1" },
{ "refused, staying ready: the agent gets the next call at once",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; enqueue B q1 @6;"
  "end A stay exclude > B:1" },
{ "refused, staying ready: the call first, then the agent",
  "login 1 q1,q2; login 2 q1; ready 1 @1; enqueue A q1 @5 > A:1;"
  "enqueue B q2 @4; ready 2 @2; end A stay exclude > A:2 B:1" },
{ "ended without exclusion, staying ready: offered again, as a new offer",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; end A stay > A:1;"
  "accept A.1 = offer_gone; accept A" },
{ "who stays ready keeps the old score",
  "login 1 q1,q2; login 2 q2; ready 1 @1; enqueue A q1 @5 > A:1; ready 2 @2;"
  "end A stay exclude; enqueue B q2 @5 > B:1" },
{ "an excluded call is passed over, the next in line is not",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; end A exclude;"
  "enqueue B q1 @7; enqueue C q1 @6; ready 1 @2 > C:1; accept C;"
  "ready 1 @3 > B:1; accept B; ready 1 @4" },
{ "many refusals: all are passed over",
  "login 1 q1; ready 1 @1; enqueue A q1 @1 > A:1; end A exclude;"
  "enqueue B q1 @2; ready 1 @1 > B:1; end B exclude; enqueue C q1 @3;"
  "ready 1 @1 > C:1; end C exclude; ready 1 @1; enqueue D q1 @4 > D:1;"
  "login 2 q1; ready 2 @1 > A:2" },
{ "an excluded agent is passed over, also after a new log-in",
  "login 1 q1; login 2 q1; ready 1 @1; enqueue A q1 @5 > A:1; end A exclude;"
  "logout 1; login 1 q1; ready 1 @1; ready 2 @2 > A:2; enqueue B q1 @6 > B:1" },
{ "a call keeps its place after refusal",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; enqueue B q1 @4;"
  "enqueue C q1 @6; end A exclude; login 2 q1; ready 2 @1 > B:2; accept B;"
  "ready 2 @2 > A:2; accept A; ready 2 @3 > C:2" },
{ "excluded by one, by two, by all",
  "login 1 q1; login 2 q1; login 3 q1; ready 1 @1; ready 2 @2; ready 3 @3;"
  "enqueue A q1 @5 > A:1; end A stay exclude > A:2; end A stay exclude > A:3;"
  "end A stay exclude; enqueue B q1 @6 > B:1; login 4 q1; ready 4 @9 > A:4" },
{ "not ready while offered: the call goes on",
  "login 1 q1; login 2 q1; ready 1 @1; ready 2 @2; enqueue A q1 @5 > A:1;"
  "not_ready 1 > -A:1 A:2; end A.1 = offer_gone; accept A" },
{ "not ready while offered excludes nobody",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; not_ready 1 > -A:1;"
  "ready 1 @2 > A:1" },
{ "ready while offered is refused",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; ready 1 @2 = refused;"
  "accept A" },
{ "the caller gives up while waiting",
  "enqueue A q1 @5; enqueue B q1 @6; dequeue A; login 1 q1; ready 1 @1 > B:1" },
{ "the caller gives up while offered: ready at the old score, matched on",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; enqueue B q1 @6;"
  "dequeue A > -A:1 B:1; shown A = offer_gone; accept B" },
{ "the caller gives up while offered, nobody else waits",
  "login 1 q1; login 2 q1; ready 1 @1; enqueue A q1 @5 > A:1; ready 2 @2;"
  "dequeue A > -A:1; enqueue B q1 @6 > B:1" },
{ "log-out while ready",
  "login 1 q1; ready 1 @1; logout 1; enqueue A q1 @5" },
{ "log-out while offered: the call keeps its place",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; enqueue B q1 @6;"
  "logout 1 > -A:1; login 2 q1; ready 2 @1 > A:2" },
{ "log-out while offered: the next agent has it at once",
  "login 1 q1; login 2 q1; ready 1 @1; ready 2 @2; enqueue A q1 @5 > A:1;"
  "logout 1 > -A:1 A:2" },
{ "a second log-in takes over: offers end, not ready, new skills",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; login 1 q2 > -A:1;"
  "enqueue B q2 @6; ready 1 @2 > B:1; accept B; ready 1 @3" },
{ "who is not logged in is not found",
  "ready 1 @1 = not_found; not_ready 1 = not_found; wrap_up 1 = not_found;"
  "busy 1 = not_found; logout 1 = not_found; login 1 q1; logout 1;"
  "ready 1 @1 = not_found" },
{ "an ended offer is gone for good",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; accept A;"
  "accept A = offer_gone; shown A = offer_gone; end A stay = offer_gone;"
  "ready 1 @2" },
{ "offers of no or of another generation are gone",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; accept ? = offer_gone;"
  "end ? stay exclude = offer_gone; shown ? = offer_gone; accept A" },
{ "enqueueing again changes nothing, waiting or offered",
  "enqueue A q1 @5 #1; enqueue B q1 @6 #2; enqueue A q2 @9 #3; login 1 q1,q2;"
  "ready 1 @1 > A:1; enqueue A q1 @9 #4; enqueue C q1 @5 #5;"
  "end A; ready 1 @2 > A:1" },
{ "readying again changes nothing",
  "login 1 q1; login 2 q1; ready 1 @1; ready 2 @2; ready 1 @3;"
  "enqueue A q1 @5 > A:1" },
{ "dequeueing again, or what never was, changes nothing",
  "dequeue A; enqueue A q1 @5; dequeue A; dequeue A; login 1 q1; ready 1 @1" },
{ "logging in again changes nothing",
  "login 1 q1; login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1" },
{ "an accepted call may come back, as new",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; accept A; dequeue A;"
  "enqueue A q1 @7; enqueue B q1 @6; ready 1 @2 > B:1; accept B;"
  "ready 1 @3 > A:1" },
{ "queues and skills named twice count once, at the better level",
  "login 1 q1,q1/s7=2/s7=6; enqueue A q1/s7=5 @5; ready 1 @1 > A:1; logout 1 > -A:1;"
  "login 2 q1,q1; ready 2 @1; not_ready 2; enqueue B q1 @5" },
{ "a line of tiers up to one takes no others",
  "login 1 q1:2; ready 1 @1; enqueue A q1 tier1 @5; login 2 q1:1;"
  "ready 2 @9 > A:2" },
{ "a line of no tier takes all",
  "login 1 q1:9; ready 1 @1; enqueue A q1 @5 > A:1" },
{ "a tier that is not said is the first",
  "login 1 q1; ready 1 @1; enqueue A q1 tier1 @5 > A:1" },
{ "a tier is one in that queue",
  "login 1 q1:1,q2:3; ready 1 @1; enqueue A q2 tier2 @5;"
  "enqueue B q1 tier2 @6 > B:1" },
{ "a neighbour's agents take the call, behind the queue's own",
  "login 1 q2; login 2 q1; ready 1 @1; ready 2 @9; enqueue A q1,q2 @5 > A:2;"
  "enqueue B q1,q2 @5 > B:1" },
{ "neighbours in their order, whatever their ids",
  "login 1 q2; login 2 q3; login 3 q9; ready 1 @1; ready 2 @2; ready 3 @3;"
  "enqueue A q1,q3,q9,q2 @5 > A:2; enqueue B q1,q3,q9,q2 @5 > B:3;"
  "enqueue C q1,q3,q9,q2 @5 > C:1" },
{ "a neighbour's agents keep their own order",
  "login 1 q2; login 2 q2; ready 1 @2; ready 2 @1; enqueue A q1,q2 @5 > A:2" },
{ "seven neighbours, the last one's longest idle behind the first one's newest",
  "login 1 q8; login 2 q7; ready 1 @0; ready 2 @2251799813685247;"
  "enqueue A q1,q2,q3,q4,q5,q6,q7,q8 @5 > A:2;"
  "enqueue B q1,q2,q3,q4,q5,q6,q7,q8 @5 > B:1" },
{ "who has the queue and its neighbour is the queue's own",
  "login 1 q2,q1; login 2 q1; ready 1 @1; ready 2 @2; enqueue A q1,q2 @5 > A:1" },
{ "who is in too high a tier of the queue may come in by a neighbour",
  "login 1 q1:3,q2:1; login 2 q1; ready 1 @1; ready 2 @9;"
  "enqueue A q1,q2 tier1 @5 > A:2; enqueue B q1,q2 tier1 @5 > B:1" },
{ "a neighbour's agents need the minimums too",
  "login 1 q2/s7=2; login 2 q2/s7=3; ready 1 @1; ready 2 @2;"
  "enqueue A q1,q2/s7=3 @5 > A:2" },
{ "logging in after the line is made, by its neighbour",
  "enqueue A q1,q2 @5; login 1 q2; ready 1 @1 > A:1" },
{ "of a skill that is asked for twice the higher minimum counts",
  "login 1 q1/s7=4; ready 1 @1; enqueue A q1/s7=5/s7=3 @5;"
  "enqueue B q1/s7=3/s7=5 @5; enqueue C q1/s7=3/s7=4 @6 > C:1" },
{ "a minimum of 0 is not asked for",
  "login 1 q1; ready 1 @1; enqueue A q1/s7=0 @5 > A:1" },
{ "each queue has its own order of agents",
  "login 1 q1,q2; login 2 q2,q1; ready 1 @0|1,9; ready 2 @0|3,2;"
  "enqueue A q2 @5 > A:2; enqueue B q1 @5 > B:1" },
{ "queues beyond the scores given have the general one",
  "login 1 q1,q2; login 2 q1,q2; ready 1 @5|1; ready 2 @4|2;"
  "enqueue A q2 @5 > A:2; enqueue B q1 @5 > B:1" },
{ "the score is that in the queue that lets in",
  "login 1 q1,q2; login 2 q2; ready 1 @0|9,1; ready 2 @0|5;"
  "enqueue A q3,q2 @5 > A:1; enqueue B q3,q2 @5 > B:2" },
{ "who sits down again has the same scores",
  "login 1 q1,q2; login 2 q1,q2; ready 1 @0|1,9; enqueue A q1 @5 > A:1;"
  "ready 2 @0|5,5; dequeue A > -A:1; enqueue B q2 @5 > B:2;"
  "dequeue B > -B:2; enqueue C q1 @5 > C:1" },
{ "a line that is made later has the scores too",
  "login 1 q1,q2; login 2 q1,q2; ready 1 @0|1,9; ready 2 @0|5,5;"
  "enqueue A q2/s7=0 @5 > A:2" },
{ "agents' scores are exact, equal beyond 2^51 and below 0",
  "login 1 q1; login 2 q1; ready 1 @2251799813685246;"
  "ready 2 @2251799813685245; enqueue A q1 @5 > A:2; accept A; dequeue A;"
  "not_ready 1; ready 2 @2251799813685248; ready 1 @9223372036854775807;"
  "enqueue B q1 @5 > B:1; accept B; not_ready 2; ready 2 @-7; ready 1 @0;"
  "enqueue C q1 @5 > C:1" },
{ "only the phones of the line's switch",
  "login 1 q1 site2; login 2 q1 site3; login 3 q1; ready 1 @1; ready 2 @2;"
  "ready 3 @0; enqueue A q1 site3 @5 > A:2; enqueue B q1 site3 @5;"
  "enqueue C q1 @5 > C:3" },
{ "a line of one agent is his alone, whatever queue, tier and skills",
  "login 1 q1; login 2 q1:5; ready 1 @1; ready 2 @2;"
  "enqueue A a2 q9/s1=10 tier1 @5 > A:2; enqueue B a2 q1 @5" },
{ "a line of one agent waits for his log-in",
  "enqueue A a2 @5; login 1 q1; ready 1 @1; login 2 q3; ready 2 @1 > A:2" },
{ "a line of one agent, at the phones of a switch",
  "login 1 q1 site2; ready 1 @1; enqueue A a1 site3 @5;"
  "enqueue B a1 site2 @6 > B:1" },
{ "his own line and his queues are one order",
  "enqueue A q1 @5; enqueue B a1 @4; enqueue C a1 @6; login 1 q1;"
  "ready 1 @1 > B:1; accept B; ready 1 @1 > A:1; accept A; ready 1 @1 > C:1" },
{ "the staff of a line: who is logged in and may, whatever they do",
  "login 1 q1:1; login 2 q1:2; login 3 q2; login 4 q1; ready 1 @1; busy 4;"
  "enqueue A q1 tier1 @5 staff = 2 > A:1; enqueue B q1 tier1 @6 staff = 2;"
  "move B q1,q2 @6 staff = 4; move B a3 @6 staff = 1; logout 4;"
  "move B q1 @6 staff = 2; login 1 q2 > -A:1; move B q1 @6 staff = 1;"
  "move B a9 @6 staff = 0; enqueue B q2 @6 staff = 0" },
{ "the staff of a line of work items: who takes any",
  "login 1 q1 items1 hand1; login 2 q1; enqueue A q1 work @5 staff = 1" },
{ "moved to a wider line a waiting call is matched",
  "login 1 q1:2; ready 1 @1; enqueue A q1 tier1 @5; move A q1 tier2 @5 > A:1" },
{ "moved, it waits in the new line, not in the old one",
  "enqueue A q1 @5; move A q2 @5; login 1 q1; ready 1 @1; login 2 q2;"
  "ready 2 @1 > A:2" },
{ "moved, it has the new score and the old arrival",
  "enqueue A q1 @5 #1; enqueue B q1 @6 #2; enqueue C q1 @7 #3;"
  "move C q1 @5 #9; move A q1 @6 #8; login 1 q1; ready 1 @1 > C:1;"
  "accept C; ready 1 @1 > A:1; accept A; ready 1 @1 > B:1" },
{ "an offer stands when its call is moved, and ends in the new line",
  "login 1 q1; login 2 q2; ready 1 @1; enqueue A q1 @5 > A:1; ready 2 @1;"
  "move A q2 @5; shown A; end A > A:2; accept A" },
{ "moved while offered, accepted all the same",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; move A q2 @5; accept A;"
  "move A q1 @5 = not_found" },
{ "what is not there cannot be moved",
  "move A q1 @5 = not_found; enqueue A q1 @5; dequeue A;"
  "move A q1 @5 = not_found" },
{ "moved and forgiven: who was excluded is asked again",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; end A stay exclude;"
  "move A q1 @5; move A q1 @5 forgive > A:1" },
{ "moved and forgiven while offered",
  "login 1 q1; login 2 q1; ready 1 @1; ready 2 @2; enqueue A q1 @5 > A:1;"
  "end A exclude > A:2; ready 1 @3; move A q1 @5 forgive; end A exclude > A:1" },
{ "moved without forgiving keeps the exclusions, and in their new line",
  "login 1 q1,q2; ready 1 @1; enqueue A q1 @5 > A:1; end A stay exclude;"
  "move A q2 @5; login 2 q2; ready 2 @1 > A:2" },
{ "ring: offered to as many as it may ring, the best first",
  "login 1 q1; login 2 q1; login 3 q1; ready 1 @3; ready 2 @2; ready 3 @1;"
  "enqueue A q1 @5 x2 > A:3 A:2; enqueue B q1 @6 > B:1" },
{ "ring: whoever becomes ready joins, up to the ring",
  "login 1 q1; login 2 q1; login 3 q1; enqueue A q1 @5 x2; ready 1 @1 > A:1;"
  "ready 2 @2 > A:2; ready 3 @3" },
{ "ring: below its ring it keeps its place before others",
  "login 1 q1; login 2 q1; enqueue B q1 @6; enqueue A q1 @5 x2;"
  "ready 1 @1 > A:1; ready 2 @2 > A:2; login 3 q1; ready 3 @3 > B:3" },
{ "ring: the first to accept ends the others, who are matched on",
  "login 1 q1; login 2 q1; login 3 q1,q2; ready 1 @1; ready 2 @2; ready 3 @3;"
  "enqueue A q1 @5 x3 > A:1 A:2 A:3; enqueue B q2 @6; enqueue C q1 @7;"
  "accept A:2 > -A:1 -A:3 C:1 B:3; accept A:1 = offer_gone;"
  "look 2 = busy" },
{ "ring: whose offer another's accept ends is ready at the old score",
  "login 1 q1; login 2 q1; login 3 q1; ready 1 @1; ready 2 @2; ready 3 @3;"
  "enqueue A q1 @5 x2 > A:1 A:2; accept A:2 > -A:1; enqueue B q1 @6 > B:1" },
{ "ring: the caller gives up, all are free",
  "login 1 q1; login 2 q1; ready 1 @1; ready 2 @2;"
  "enqueue A q1 @5 x3 > A:1 A:2; enqueue B q1 @6; dequeue A > -A:1 -A:2 B:1;"
  "enqueue C q1 @7 > C:2" },
{ "ring: refused by one, the others go on, the next is asked",
  "login 1 q1; login 2 q1; login 3 q1; ready 1 @1; ready 2 @2; ready 3 @3;"
  "enqueue A q1 @5 x2 > A:1 A:2; end A:1 stay exclude > A:3; accept A:3 > -A:2" },
{ "ring: refused by one while it waits for another, it waits on",
  "login 1 q1; login 2 q1; ready 1 @1; enqueue A q1 @5 x3 > A:1;"
  "end A:1 exclude; ready 1 @2; ready 2 @3 > A:2; not_ready 1; ready 1 @4" },
{ "ring: log-out and not ready of one",
  "login 1 q1; login 2 q1; ready 1 @1; ready 2 @2;"
  "enqueue A q1 @5 x2 > A:1 A:2; logout 1 > -A:1; not_ready 2 > -A:2;"
  "look A = waiting; ready 2 @3 > A:2" },
{ "ring: nobody is rung twice by one call",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 x2 > A:1; ready 1 @1 = refused;"
  "dequeue A > -A:1" },
{ "ring: moved to more at once, and to fewer",
  "login 1 q1; login 2 q1; login 3 q1; ready 1 @1; ready 2 @2; ready 3 @3;"
  "enqueue A q1 @5 > A:1; move A q1 @5 x3 > A:2 A:3; move A q1 @5;"
  "end A:2 stay exclude; look A = offered; accept A:3 > -A:1" },
{ "ring: sixteen at once",
  "login 1 q1; login 2 q1; login 3 q1; login 4 q1; login 5 q1; login 6 q1;"
  "login 7 q1; login 8 q1; login 9 q1; login 10 q1; login 11 q1; login 12 q1;"
  "login 13 q1; login 14 q1; login 15 q1; login 16 q1; login 17 q1;"
  "enqueue A q1 @5 x16; ready 1 @1 > A:1; ready 2 @1 > A:2; ready 3 @1 > A:3;"
  "ready 4 @1 > A:4; ready 5 @1 > A:5; ready 6 @1 > A:6; ready 7 @1 > A:7;"
  "ready 8 @1 > A:8; ready 9 @1 > A:9; ready 10 @1 > A:10;"
  "ready 11 @1 > A:11; ready 12 @1 > A:12; ready 13 @1 > A:13;"
  "ready 14 @1 > A:14; ready 15 @1 > A:15; ready 16 @1 > A:16; ready 17 @1;"
  "dequeue A > -A:1 -A:2 -A:3 -A:4 -A:5 -A:6 -A:7 -A:8 -A:9 -A:10 -A:11"
  " -A:12 -A:13 -A:14 -A:15 -A:16" },
{ "work items go to who takes any, while there is room",
  "login 1 q1; login 2 q1 items1; ready 1 @1; ready 2 @2;"
  "enqueue A q1 work @5 > A:2; enqueue B q1 work @6; accept A;"
  "enqueue C q1 @7 > C:1; look 2 = ready" },
{ "who accepts a work item is ready again and matched at once",
  "login 1 q1 items2; ready 1 @1; enqueue A q1 work @5 > A:1;"
  "enqueue B q1 work @6; enqueue C q1 work @7; enqueue D q1 @8;"
  "accept A > B:1; accept B > D:1; accept D; look 1 = busy" },
{ "who accepts a work item keeps his scores",
  "login 1 q1 items2; login 2 q1; ready 1 @1; ready 2 @2;"
  "enqueue A q1 work @5 > A:1; accept A; enqueue B q1 @6 > B:1" },
{ "an item done makes room for the next, at once",
  "login 1 q1 items1; ready 1 @1; enqueue A q1 work @5 > A:1; accept A;"
  "enqueue B q1 work @6; item_done 1 > B:1; end B stay > B:1; accept B;"
  "item_done 1; enqueue C q1 work @7 > C:1" },
{ "an item done while busy counts when ready",
  "login 1 q1 items1 hand1; enqueue A q1 work @5; ready 1 @1; busy 1;"
  "item_done 1; ready 1 @1 > A:1" },
{ "an item done while reserved",
  "login 1 q1 items1 hand1; ready 1 @1; enqueue A q1 @5 > A:1;"
  "enqueue B q1 work @6; item_done 1; accept A; ready 1 @1 > B:1" },
{ "no fewer than none are in hand",
  "login 1 q1 items1; item_done 1; item_done 1; ready 1 @1;"
  "enqueue A q1 work @5 > A:1; accept A; enqueue B q1 work @6;"
  "item_done 2 = not_found" },
{ "what is in hand stays so through calls, wrap-up and pauses",
  "login 1 q1 items1; ready 1 @1; enqueue A q1 work @5 > A:1; accept A;"
  "enqueue B q1 work @6; not_ready 1; wrap_up 1; busy 1; ready 1 @2;"
  "item_done 1 > B:1" },
{ "the log-in says what is in hand",
  "login 1 q1 items2 hand2; ready 1 @1; enqueue A q1 work @5; logout 1;"
  "login 1 q1 items2 hand1; ready 1 @1 > A:1" },
{ "a refused item is in nobody's hand",
  "login 1 q1 items1; ready 1 @1; enqueue A q1 work @5 > A:1;"
  "end A stay exclude; enqueue B q1 work @6 > B:1" },
{ "calls and items are one order for who takes both",
  "login 1 q1 items5; enqueue A q1 @6; enqueue B q1 work @5;"
  "enqueue C q1 work @7; ready 1 @1 > B:1; accept B > A:1; accept A;"
  "ready 1 @1 > C:1" },
{ "a work item in the line of one agent needs room too",
  "login 1 q1; ready 1 @1; enqueue A a1 work @5; login 2 q1 items1;"
  "ready 2 @1; enqueue B a2 work @5 > B:2; accept B; enqueue C a2 work @5;"
  "item_done 2 > C:2" },
{ "a work item that rings: who accepts is matched after the others",
  "login 1 q1 items1; login 2 q1 items2; ready 1 @1; ready 2 @2;"
  "enqueue A q1 work @5 x2 > A:1 A:2; enqueue B q1 work @6;"
  "enqueue C q1 work @7; accept A:2 > -A:1 B:1 C:2" },
{ "what is seen of a call",
  "look A = none; enqueue A q1 @5; look A = waiting; login 1 q1;"
  "ready 1 @1 > A:1; look A = offered; accept A; look A = none" },
{ "what is seen of an agent",
  "look 1 = none; login 1 q1; look 1 = idle; ready 1 @1; look 1 = ready;"
  "enqueue A q1 @5 > A:1; look 1 = offered; accept A; look 1 = busy;"
  "wrap_up 1; look 1 = idle; busy 1; look 1 = busy; logout 1; look 1 = none" },
	/* clang-format on */
};

const unsigned acd_suite_n_rows = NELEM(acd_rows);
