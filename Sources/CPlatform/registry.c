#include "cplatform.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

cp_thread cp_threads[CP_THREADS_MAX];
cp_lock *cp_locks;
uint32_t cp_threads_unlisted;
uint32_t cp_activities_unlisted;
_Thread_local cp_thread *cp_self_record __attribute__((tls_model("initial-exec")));

static pthread_mutex_t registry_mutex = PTHREAD_MUTEX_INITIALIZER;
static uint32_t threads_made, threads_free;
static uint32_t locks_made, locks_free;

static pthread_key_t exit_key;
static pthread_once_t exit_key_once = PTHREAD_ONCE_INIT;

static void thread_exits(void *record) {
  cp_self_record = record;
  cp_thread_unregister();
}
static void make_exit_key(void) { pthread_key_create(&exit_key, thread_exits); }

static void copy_name(char *to, const char *from) {
  size_t n = strlen(from);
  if (n > CP_NAME_MAX - 1) n = CP_NAME_MAX - 1;
  memcpy(to, from, n);
  memset(to + n, 0, CP_NAME_MAX - n);
}

cp_thread *cp_thread_register(const char *name, const void *owner) {
  pthread_mutex_lock(&registry_mutex);
  cp_thread *record = NULL;
  if (threads_free != 0) {
    record = &cp_threads[threads_free - 1];
    threads_free = record->next_free;
  } else if (threads_made < CP_THREADS_MAX) {
    record = &cp_threads[threads_made];
    record->slot = threads_made++;
  } else {
    cp_add(&cp_threads_unlisted, 1);
  }
  pthread_mutex_unlock(&registry_mutex);
  if (record == NULL) return NULL;
  copy_name(record->name, name);
  record->tid = cp_gettid();
  record->wait_kind = CP_RUNNING;
  record->waiting_on = NULL;
  record->futex = NULL;
  record->owner = owner;
  record->held_count = record->held_overflow = record->activity_count = 0;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    void *low = NULL;
    size_t size = 0;
    pthread_attr_getstack(&attributes, &low, &size);
    record->stack_low = (uint64_t)(uintptr_t)low;
    record->stack_high = record->stack_low + size;
    pthread_attr_destroy(&attributes);
  }
  cp_add(&record->epoch, 1);
  cp_store(&record->in_use, 1);
  cp_self_record = record;
  pthread_once(&exit_key_once, make_exit_key);
  pthread_setspecific(exit_key, record);
  return record;
}

void cp_thread_unregister(void) {
  cp_thread *record = cp_self_record;
  if (record == NULL) return;
  cp_self_record = NULL;
  pthread_setspecific(exit_key, NULL);
  cp_store(&record->in_use, 0);
  cp_add(&record->epoch, 1);
  pthread_mutex_lock(&registry_mutex);
  record->next_free = threads_free;
  threads_free = record->slot + 1;
  pthread_mutex_unlock(&registry_mutex);
}

cp_lock *cp_lock_make(const char *name) {
  pthread_mutex_lock(&registry_mutex);
  if (cp_locks == NULL) {
    void *table = mmap(NULL, sizeof(cp_lock) * CP_LOCKS_MAX, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (table != MAP_FAILED) cp_locks = table;
  }
  cp_lock *lock = NULL;
  if (locks_free != 0) {
    lock = &cp_locks[locks_free - 1];
    locks_free = lock->next_free;
  } else if (cp_locks != NULL && locks_made < CP_LOCKS_MAX) {
    lock = &cp_locks[locks_made++];
  }
  pthread_mutex_unlock(&registry_mutex);
  if (lock == NULL) return NULL;
  cp_store(&lock->word, 0);
  cp_add(&lock->generation, 1);
  copy_name(lock->name, name);
  return lock;
}

void cp_lock_free(cp_lock *lock) {
  cp_add(&lock->generation, 1);
  pthread_mutex_lock(&registry_mutex);
  lock->next_free = locks_free;
  locks_free = (uint32_t)(lock - cp_locks) + 1;
  pthread_mutex_unlock(&registry_mutex);
}

typedef struct {
  uint32_t slot, epoch;
  cp_lock *lock;
} edge;

/* The lock that a thread waits for and the slot of its owner; false: no such edge. */
static bool read_edge(uint32_t slot, edge *out, uint32_t *owner) {
  cp_thread *thread = &cp_threads[slot];
  out->slot = slot;
  out->epoch = cp_load(&thread->epoch);
  if (cp_load(&thread->in_use) == 0 || cp_load(&thread->wait_kind) != CP_WAIT_LOCK) return false;
  out->lock = __atomic_load_n(&thread->waiting_on, __ATOMIC_SEQ_CST);
  if (out->lock == NULL) return false;
  uint32_t word = cp_load(&out->lock->word) & ~CP_LOCK_WAITERS;
  if (word == 0 || word > CP_THREADS_MAX) return false;
  *owner = word - 1;
  return true;
}

uint32_t cp_find_cycle(uint32_t slot, uint32_t *slots) {
  edge edges[CP_CYCLE_MAX];
  uint32_t at = slot, count = 0;
  do {
    if (count == CP_CYCLE_MAX || !read_edge(at, &edges[count], &at)) return 0;
    count++;
  } while (at != slot);
  for (uint32_t i = 0; i < count; i++) {
    edge again;
    uint32_t owner;
    if (!read_edge(edges[i].slot, &again, &owner)) return 0;
    if (again.epoch != edges[i].epoch || again.lock != edges[i].lock) return 0;
    if (owner != edges[(i + 1) % count].slot) return 0;
  }
  for (uint32_t i = 0; i < count; i++) slots[i] = edges[i].slot;
  return count;
}

int cp_thread_futex_wait(cp_thread *me, uint32_t *word, uint32_t expected, uint64_t deadline_ns) {
  __atomic_store_n(&me->futex, word, __ATOMIC_SEQ_CST);
  int result = cp_futex_wait(word, expected, deadline_ns);
  __atomic_store_n(&me->futex, (uint32_t *)0, __ATOMIC_SEQ_CST);
  return result;
}

int cp_lock_futex_wait(cp_thread *me, cp_lock *lock, uint32_t expected) {
  return cp_thread_futex_wait(me, &lock->word, expected, 0);
}

void cp_lock_wake(cp_lock *lock) { cp_futex_wake(&lock->word, 1); }

void cp_wake_all(const void *owner) {
  uint32_t count = __atomic_load_n(&threads_made, __ATOMIC_RELAXED);
  for (uint32_t i = 0; i < count && i < CP_THREADS_MAX; i++) {
    if (cp_load(&cp_threads[i].in_use) == 0 || cp_threads[i].owner != owner) continue;
    uint32_t *word = __atomic_load_n(&cp_threads[i].futex, __ATOMIC_SEQ_CST);
    if (word != NULL) cp_futex_wake(word, INT_MAX);
  }
}

typedef struct kept_name {
  struct kept_name *next;
  char text[];
} kept_name;

static kept_name *kept_names;

char *cp_name_keep(const char *name) {
  pthread_mutex_lock(&registry_mutex);
  kept_name *at = kept_names;
  while (at != NULL && strcmp(at->text, name) != 0) at = at->next;
  if (at == NULL) {
    at = malloc(sizeof(kept_name) + strlen(name) + 1);
    if (at != NULL) {
      strcpy(at->text, name);
      at->next = kept_names;
      kept_names = at;
    }
  }
  pthread_mutex_unlock(&registry_mutex);
  return at == NULL ? NULL : at->text;
}

void cp_thread_show_name(const char *name) {
  char shown[16] = {0};
  strncpy(shown, name, 15);
  pthread_setname_np(pthread_self(), shown);
}
