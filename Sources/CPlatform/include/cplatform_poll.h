#ifndef CPLATFORM_POLL_H
#define CPLATFORM_POLL_H

#include <stdint.h>
#include <sys/epoll.h>

/* epoll(7), level-triggered, whose event structure is packed and which Swift's Glibc does not import. */

/* What a descriptor is ready for. */
struct cp_ready {
  int32_t descriptor;
  uint32_t events; /* CP_READABLE, CP_WRITABLE, CP_HUNG_UP */
};

enum { CP_READABLE = EPOLLIN, CP_WRITABLE = EPOLLOUT, CP_HUNG_UP = EPOLLHUP | EPOLLERR };

/* A new poller, closed in children; -1 and errno when there is no descriptor left. */
static inline int cp_poller_make(void) { return epoll_create1(EPOLL_CLOEXEC); }

/* Adds (0), changes (1) or removes (2) a descriptor; 0 or errno. */
int cp_poller_set(int poller, int operation, int descriptor, uint32_t events);

/* Waits at most `milliseconds`; the number of entries of `ready` that were filled, 0 also after a signal. */
int cp_poller_wait(int poller, struct cp_ready *ready, int count, int milliseconds);

#endif
