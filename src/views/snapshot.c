/*
 * The words of the snapshot, see snapshot.h.
 */
#include "views/snapshot.h"

const char *
snapshot_state_word(enum snapshot_state state)
{
	switch (state) {
	case SNAPSHOT_FREE:
		return "free";
	case SNAPSHOT_IN_USE:
		return "in use";
	case SNAPSHOT_HANDOVER:
		return "hand-over";
	case SNAPSHOT_RINGING:
		return "ringing";
	case SNAPSHOT_OUT:
		return "out of service";
	case SNAPSHOT_QUARANTINE:
		return "quarantine";
	case SNAPSHOT_FOREIGN:
		return "in use on this host";
	case SNAPSHOT_DISABLED:
		return "disabled";
	}
	return "unknown";
}
