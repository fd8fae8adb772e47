/*
 * What results tell of calls, see callresult.h.
 */
#include "modem/callresult.h"

#include "modem/result.h"

enum callresult
callresult_of(const char *line, size_t n, const char **words)
{
	switch (result_of(line, n, words)) {
	case RESULT_OK:
		return CALLRESULT_OK;
	case RESULT_CONNECT:
		return CALLRESULT_CONNECT;
	case RESULT_NO_CARRIER:
	case RESULT_ERROR:
	case RESULT_NO_DIALTONE:
	case RESULT_BUSY:
	case RESULT_NO_ANSWER:
	case RESULT_DELAYED:
	case RESULT_BLACKLISTED:
		return CALLRESULT_FAILED;
	case RESULT_PROGRESS:
		return CALLRESULT_PROGRESS;
	case RESULT_FAX:
		return CALLRESULT_FAX;
	case RESULT_FAX_ENDED:
		return CALLRESULT_FAX_ENDED;
	case RESULT_RING:
	case RESULT_MESSAGE_ERROR:
	case RESULT_OTHER:
	case RESULT_NONE:
		break;
	}
	return CALLRESULT_NONE;
}
