#ifndef PTHREAD_LOCKS_H
#define PTHREAD_LOCKS_H

#include <stdint.h>

/* The table that a preloaded program shares with 'chaos watch': the file CHAOS_WATCH/locks.PID. A record is written by its
   own thread only, so a reader sees single fields of one moment, and knows by an epoch that was the same at two looks that
   the thread stood in one and the same wait between them. */

enum {
  PL_VERSION = 1,
  PL_RECORDS_MAX = 4096,     /* threads; more are counted */
  PL_HELD_MAX = 16,          /* mutexes held by one thread; deeper ones are not listed */
  PL_SIGNALS_MAX = 64,       /* mutexes that one thread took and another gave back */
  PL_RECORDS_AT = 4096       /* in the file */
};

typedef struct {
  uint64_t mutex;
  uint64_t site;             /* the address behind the call */
} pl_held;

typedef struct {
  uint32_t in_use;
  int32_t tid;
  uint32_t epoch;            /* grows with every wait begun and ended */
  uint32_t held_count;       /* may be above PL_HELD_MAX */
  uint64_t waiting;          /* address of the mutex waited for without a time limit; 0: none */
  uint64_t wait_site;
  uint64_t wait_since_ns;    /* CLOCK_MONOTONIC */
  pl_held held[PL_HELD_MAX];
  uint64_t unused[27];
} pl_record;

typedef struct {
  char magic[8];             /* "CHLOCKS" */
  uint32_t version;
  uint32_t made;             /* records that were ever in use */
  uint32_t unlisted;         /* threads that found no record */
  uint32_t signal_count;     /* above PL_SIGNALS_MAX: owners prove nothing */
  uint64_t signals[PL_SIGNALS_MAX];
} pl_header;

_Static_assert(sizeof(pl_record) == 512, "records lie at even places of the file");
_Static_assert(sizeof(pl_header) <= PL_RECORDS_AT, "the header is before the records");

#endif
