/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the simulated core know of each other: core.c (the rules' turn, what it
 * hears, its life and death), core_effects.c, core_sessions.c, core_writes.c.
 */
#ifndef TESTS_SIM_CORE_H
#define TESTS_SIM_CORE_H

#include "tests/sim/sim.h"

/* An event born while the rules are busy: fed in right after. */
void core_later(struct tenant_sim *tenant, const struct parcel *parcel);

/* What the agent has in hand elsewhere, to each tenant. */
void core_tell_loads(struct world *world, const struct agent_sim *agent);
void core_submit(struct tenant_sim *tenant, const struct chat_write *write);
/* One commit at a time; what gathers meanwhile goes into the next. */
void core_start_commit(struct world *world);
void core_forget_writes(struct world *world);
extern const char *const core_write_kinds[]; /* by enum chat_write_kind, for the trace */

/* The oldest waiting visitor_new is answered. */
void core_greeted(struct tenant_sim *tenant, bool stored);

void core_carry_frame(struct tenant_sim *tenant, const struct chat_effect *effect);
void core_tell_saved(struct tenant_sim *tenant, const struct chat_effect *effect);
void core_tell_words(struct tenant_sim *tenant, const struct chat_effect *effect);
void core_tell_revised(struct tenant_sim *tenant, const struct chat_effect *effect);
void core_tell_reaction(struct tenant_sim *tenant, const struct chat_effect *effect);

#endif
