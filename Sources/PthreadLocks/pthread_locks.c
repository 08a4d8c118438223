#include "pthread_locks.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Preloaded into a program, this stands before its pthread mutexes and writes down who holds and who waits, for
   'chaos watch' to read. It decides nothing, starts no thread, prints nothing and never waits; where the table cannot be
   had the program runs as without.

   What is written is never more than what is so: a mutex is listed after it was taken and struck off before it is given
   back, and a wait ends before what it waited for is listed. */

/* glibc's own names for the real functions: looking them up may allocate, and an allocator may lock. */
extern int __pthread_mutex_lock(pthread_mutex_t *);
extern int __pthread_mutex_trylock(pthread_mutex_t *);
extern int __pthread_mutex_unlock(pthread_mutex_t *);

#define SET(place, value) __atomic_store_n(&(place), (value), __ATOMIC_SEQ_CST)
#define GET(place) __atomic_load_n(&(place), __ATOMIC_RELAXED)

static char *table;
static _Thread_local pl_record *self __attribute__((tls_model("initial-exec")));
static _Thread_local bool is_unlisted __attribute__((tls_model("initial-exec")));
static pthread_key_t exit_key;
static bool has_exit_key;

static pl_header *header(void) { return (pl_header *)table; }
static pl_record *record_at(uint32_t i) { return (pl_record *)(table + PL_RECORDS_AT) + i; }

/* A thread that ends with a mutex keeps its record: it holds it for ever. */
static void thread_exits(void *record) {
  self = NULL;
  is_unlisted = true;
  if (((pl_record *)record)->held_count == 0) SET(((pl_record *)record)->in_use, 0);
}

static pl_record *take_record(void) {
  for (uint32_t i = 0; i < PL_RECORDS_MAX; i++) {
    uint32_t unused = 0;
    pl_record *record = record_at(i);
    if (GET(record->in_use) != 0) continue;
    if (!__atomic_compare_exchange_n(&record->in_use, &unused, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) continue;
    uint32_t made = GET(header()->made);
    while (made < i + 1 &&
           !__atomic_compare_exchange_n(&header()->made, &made, i + 1, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {}
    SET(record->held_count, 0);
    SET(record->waiting, 0);
    SET(record->tid, (int32_t)syscall(SYS_gettid));
    __atomic_add_fetch(&record->epoch, 1, __ATOMIC_SEQ_CST);
    return record;
  }
  __atomic_add_fetch(&header()->unlisted, 1, __ATOMIC_RELAXED);
  return NULL;
}

/* NULL: nothing is written down for this thread. */
static inline pl_record *me(void) {
  if (__builtin_expect(self != NULL, 1)) return self;
  if (table == NULL || is_unlisted) return NULL;
  /* What follows may allocate, and so lock: that is not written down. */
  is_unlisted = true;
  pl_record *record = take_record();
  if (record == NULL) return NULL;
  if (has_exit_key) pthread_setspecific(exit_key, record);
  self = record;
  is_unlisted = false;
  return record;
}

static inline void push(pl_record *me, pthread_mutex_t *mutex, void *site) {
  uint32_t n = me->held_count;
  if (n < PL_HELD_MAX) {
    __atomic_store_n(&me->held[n].site, (uint64_t)(uintptr_t)site, __ATOMIC_RELAXED);
    __atomic_store_n(&me->held[n].mutex, (uint64_t)(uintptr_t)mutex, __ATOMIC_RELAXED);
  }
  __atomic_store_n(&me->held_count, n + 1, __ATOMIC_RELEASE);
}

/* One thread took it and another gives it back: then it is a signal, and its owner proves nothing. */
static void note_signal(pthread_mutex_t *mutex) {
  uint32_t count = GET(header()->signal_count);
  for (uint32_t i = 0; i < count && i < PL_SIGNALS_MAX; i++)
    if (header()->signals[i] == (uint64_t)(uintptr_t)mutex) return;
  uint32_t place = __atomic_fetch_add(&header()->signal_count, 1, __ATOMIC_SEQ_CST);
  if (place < PL_SIGNALS_MAX) SET(header()->signals[place], (uint64_t)(uintptr_t)mutex);
}

static inline void pop(pl_record *me, pthread_mutex_t *mutex) {
  uint32_t n = me->held_count;
  if (__builtin_expect(n > 0 && n <= PL_HELD_MAX && me->held[n - 1].mutex == (uint64_t)(uintptr_t)mutex, 1)) {
    __atomic_store_n(&me->held_count, n - 1, __ATOMIC_RELEASE);
    return;
  }
  uint32_t listed = n < PL_HELD_MAX ? n : PL_HELD_MAX;
  for (uint32_t i = listed; i-- > 0;) {
    if (me->held[i].mutex != (uint64_t)(uintptr_t)mutex) continue;
    for (; i + 1 < listed; i++) {
      __atomic_store_n(&me->held[i].mutex, me->held[i + 1].mutex, __ATOMIC_RELAXED);
      __atomic_store_n(&me->held[i].site, me->held[i + 1].site, __ATOMIC_RELAXED);
    }
    if (n > PL_HELD_MAX) SET(me->held[PL_HELD_MAX - 1].mutex, 0);
    __atomic_store_n(&me->held_count, n - 1, __ATOMIC_RELEASE);
    return;
  }
  if (n > PL_HELD_MAX) __atomic_store_n(&me->held_count, n - 1, __ATOMIC_RELEASE); else note_signal(mutex);
}

static void wait_begins(pl_record *me, pthread_mutex_t *mutex, void *site) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  SET(me->wait_since_ns, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
  SET(me->wait_site, (uint64_t)(uintptr_t)site);
  __atomic_add_fetch(&me->epoch, 1, __ATOMIC_SEQ_CST);
  SET(me->waiting, (uint64_t)(uintptr_t)mutex);
}

static void wait_ends(pl_record *me) {
  SET(me->waiting, 0);
  __atomic_add_fetch(&me->epoch, 1, __ATOMIC_SEQ_CST);
}

static bool is_taken(int result) { return result == 0 || result == EOWNERDEAD; }

int pthread_mutex_lock(pthread_mutex_t *mutex) {
  pl_record *record = me();
  if (record == NULL) return __pthread_mutex_lock(mutex);
  int result = __pthread_mutex_trylock(mutex);
  if (!is_taken(result)) {
    wait_begins(record, mutex, __builtin_return_address(0));
    result = __pthread_mutex_lock(mutex);
    wait_ends(record);
  }
  if (is_taken(result)) push(record, mutex, __builtin_return_address(0));
  return result;
}

int pthread_mutex_trylock(pthread_mutex_t *mutex) {
  int result = __pthread_mutex_trylock(mutex);
  pl_record *record = me();
  if (record != NULL && is_taken(result)) push(record, mutex, __builtin_return_address(0));
  return result;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
  pl_record *record = me();
  if (record != NULL) pop(record, mutex);
  return __pthread_mutex_unlock(mutex);
}

/* Those that are looked up at their first use: an allocator uses none of them. A wait with a time limit is none here. */

typedef int (*timed_lock)(pthread_mutex_t *, const struct timespec *);
typedef int (*clock_lock)(pthread_mutex_t *, clockid_t, const struct timespec *);
typedef int (*plain_wait)(pthread_cond_t *, pthread_mutex_t *);
typedef int (*timed_wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
typedef int (*clock_wait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);

static void *real(void **known, const char *name) {
  void *found = __atomic_load_n(known, __ATOMIC_ACQUIRE);
  if (found != NULL) return found;
  found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  __atomic_store_n(known, found, __ATOMIC_RELEASE);
  return found;
}

int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until) {
  static void *known;
  int result = ((timed_lock)real(&known, "pthread_mutex_timedlock"))(mutex, until);
  pl_record *record = me();
  if (record != NULL && is_taken(result)) push(record, mutex, __builtin_return_address(0));
  return result;
}

int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until) {
  static void *known;
  int result = ((clock_lock)real(&known, "pthread_mutex_clocklock"))(mutex, clock, until);
  pl_record *record = me();
  if (record != NULL && is_taken(result)) push(record, mutex, __builtin_return_address(0));
  return result;
}

/* A wait for a condition gives the mutex back and takes it again, inside of glibc. */
int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
  static void *known;
  plain_wait wait = (plain_wait)real(&known, "pthread_cond_wait");
  pl_record *record = me();
  if (record != NULL) pop(record, mutex);
  int result = wait(condition, mutex);
  if (record != NULL) push(record, mutex, __builtin_return_address(0));
  return result;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
  static void *known;
  timed_wait wait = (timed_wait)real(&known, "pthread_cond_timedwait");
  pl_record *record = me();
  if (record != NULL) pop(record, mutex);
  int result = wait(condition, mutex, until);
  if (record != NULL) push(record, mutex, __builtin_return_address(0));
  return result;
}

int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                           const struct timespec *until) {
  static void *known;
  clock_wait wait = (clock_wait)real(&known, "pthread_cond_clockwait");
  pl_record *record = me();
  if (record != NULL) pop(record, mutex);
  int result = wait(condition, mutex, clock, until);
  if (record != NULL) push(record, mutex, __builtin_return_address(0));
  return result;
}

/* The table */

/* Maps the table of this process, in the place of the parent's after a fork. */
static char *map_table(void *place) {
  const char *folder = getenv("CHAOS_WATCH");
  char path[512];
  if (folder == NULL || snprintf(path, sizeof path, "%s/locks.%d", folder, (int)getpid()) >= (int)sizeof path) return NULL;
  int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return NULL;
  size_t size = PL_RECORDS_AT + sizeof(pl_record) * PL_RECORDS_MAX;
  void *memory = MAP_FAILED;
  if (ftruncate(descriptor, (off_t)size) == 0)
    memory = mmap(place, size, PROT_READ | PROT_WRITE, MAP_SHARED | (place == NULL ? 0 : MAP_FIXED), descriptor, 0);
  close(descriptor);
  if (memory == MAP_FAILED) return NULL;
  pl_header *head = memory;
  head->version = PL_VERSION;
  memcpy(head->magic, "CHLOCKS", 8);
  return memory;
}

static void forked(void) {
  self = NULL;
  is_unlisted = false;
  if (table == NULL || map_table(table) != NULL) return;
  /* Rather none than the parent's, which this process must not write to. */
  table = NULL;
}

__attribute__((constructor)) static void begin(void) {
  has_exit_key = pthread_key_create(&exit_key, thread_exits) == 0;
  pthread_atfork(NULL, NULL, forked);
  table = map_table(NULL);
}
